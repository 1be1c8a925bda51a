// SPDX-License-Identifier: Apache-2.0
// Server-wide random secrets: made once, kept, never shown.
#pragma once

#include "base/api.h"
#include "base/crypto.h"
#include "base/result.h"
#include "base/task.h"
#include "store/keyed_store.h"

#include <string_view>

namespace sarang {

/// The secret of this name, 32 bytes; made when first asked for. All shards get the same.
SARANG_API Task<Result<Secret>> secret(KeyedStore& values, std::string_view name);

} // namespace sarang
