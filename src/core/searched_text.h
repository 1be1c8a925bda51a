// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/api.h"

#include <string>
#include <string_view>

namespace sarang {

/// What a kept message says, and is found by (XEP-0431): its bodies. Any thread.
SARANG_API std::string searched_text(std::string_view stanza);

} // namespace sarang
