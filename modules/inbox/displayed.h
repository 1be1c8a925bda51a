// SPDX-License-Identifier: Apache-2.0
// XEP-0490 §5.2.3: what a client puts into a message for its server alone.
#pragma once

#include "xml/stanza.h"

#include <optional>
#include <string>

namespace sarang {

/// Takes each <displayed/> of urn:xmpp:mds:displayed:0 out of a message; the stanza-id in the first
/// one, if it is one of this account's archive, or of the room that the message is for.
std::optional<std::string> take_displayed(Stanza& message, const Jid& account);

} // namespace sarang
