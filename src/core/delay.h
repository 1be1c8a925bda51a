// SPDX-License-Identifier: Apache-2.0
// XEP-0203: what is delivered late says since when.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "xml/stanza.h"

#include <string_view>

namespace sarang {

/// Whether somebody of this house has said so already.
SARANG_API bool is_delayed(const Stanza& stanza);

/// Says that `from` has had it since then, to the second.
SARANG_API void add_delay(Stanza& stanza, std::string_view from, Clock::Wall since);

} // namespace sarang
