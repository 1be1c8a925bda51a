// SPDX-License-Identifier: Apache-2.0
// The subscription state machine of RFC 6121 appendix A: what a subscription stanza does to the
// state between a user and a contact, as values. Keeps nothing.
#pragma once

#include "core/service/roster.h"
#include "xml/stanza.h"

namespace sarang {

/// What came of a subscription stanza.
struct Transition {
    Contact state = {};   ///< afterwards
    bool changed = false; ///< it differs from before, hence must be kept
    bool passes = false;  ///< outbound: to be routed; inbound: to be shown to the user
    bool granted = false; ///< the contact is to see the user's presence now
    bool revoked = false; ///< the contact sees it no longer
    bool approve = false; ///< inbound: answer with `subscribed` in the user's name
    bool cancel = false;  ///< inbound: answer with `unsubscribed`
};

/// The user sends it to the contact (A.2).
Transition outbound(Type type, const Contact& before);

/// It comes from the contact (A.3).
Transition inbound(Type type, const Contact& before);

} // namespace sarang
