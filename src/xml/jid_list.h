// SPDX-License-Identifier: Apache-2.0
// Lists of JIDs as values of stores hold them: how many, then each as a string.
#pragma once

#include "base/api.h"
#include "base/bytes.h"
#include "xml/jid.h"

#include <vector>

namespace sarang {

SARANG_API void write_jids(BytesWriter& out, const std::vector<Jid>& list);

/// Adds them to a list; false where they are not what was written.
SARANG_API bool read_jids(BytesReader& in, std::vector<Jid>& list);

} // namespace sarang
