// SPDX-License-Identifier: Apache-2.0
#include "core/placement.h"

#include "base/hash.h"

namespace sarang {

Bucket bucket_of(std::string_view bare_jid)
{
    return static_cast<Bucket>(frozen_hash(bare_jid) >> 52U);
}

} // namespace sarang
