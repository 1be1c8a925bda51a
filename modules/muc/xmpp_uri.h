// SPDX-License-Identifier: Apache-2.0
// URIs of the scheme xmpp (RFC 5122).
#pragma once

#include "xml/jid.h"

#include <string_view>

namespace sarang::muc {

/// The address that one names; the empty Jid for what is none, or asks for an account to act by.
Jid address_in(std::string_view uri);

} // namespace sarang::muc
