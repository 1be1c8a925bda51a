// SPDX-License-Identifier: Apache-2.0
// What may wait until somebody looks at the client again. Only what would be dropped if its session
// were gone: presence, chat states alone, headlines of PEP. Whatever is not known to be such is
// urgent, and so are receipts and chat markers, which must not be lost with a session.
#pragma once

#include "xml/stanza.h"

#include <cstdint>

namespace sarang {

enum class Urgency : std::uint8_t {
    now,    ///< somebody is to be told, or something waits for it
    later,  ///< may wait
    newest, ///< may wait, and its sender's later one of the kind makes it pointless
};

Urgency urgency_of(const Stanza& stanza);

} // namespace sarang
