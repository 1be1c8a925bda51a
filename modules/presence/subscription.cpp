// SPDX-License-Identifier: Apache-2.0
#include "modules/presence/subscription.h"

namespace sarang {
namespace {

void set_to(Contact& contact, bool on)
{
    contact.subscription = contact.from() ? (on ? Subscription::both : Subscription::from)
                                          : (on ? Subscription::to : Subscription::none);
}

void set_from(Contact& contact, bool on)
{
    contact.subscription = contact.to() ? (on ? Subscription::both : Subscription::to)
                                        : (on ? Subscription::from : Subscription::none);
}

void forget_request(Contact& contact)
{
    contact.pending_in = false;
    contact.request.clear();
}

} // namespace

Transition outbound(Type type, const Contact& before)
{
    Transition result{before};
    Contact& state = result.state;
    switch (type) {
    case Type::subscribe: // A.2.1
        result.passes = true;
        result.changed = !before.to() && (!before.ask || !before.listed);
        state.ask = !before.to();
        state.listed = true;
        break;
    case Type::unsubscribe: // A.2.2
        result.passes = true;
        result.changed = before.to() || before.ask;
        state.ask = false;
        set_to(state, false);
        break;
    case Type::subscribed: // A.2.3; without a request it is a pre-approval (§3.4)
        result.passes = before.pending_in;
        result.granted = before.pending_in;
        result.changed = before.pending_in || (!before.from() && !before.approved);
        state.approved = before.pending_in ? before.approved : before.approved || !before.from();
        state.listed = before.listed || result.changed;
        if (before.pending_in) {
            set_from(state, true);
            forget_request(state);
        }
        break;
    case Type::unsubscribed: // A.2.4; it takes back a pre-approval too
        result.passes = before.pending_in || before.from();
        result.revoked = before.from();
        result.changed = result.passes || before.approved;
        state.approved = false;
        set_from(state, false);
        forget_request(state);
        break;
    default:
        break;
    }
    return result;
}

Transition inbound(Type type, const Contact& before)
{
    Transition result{before};
    Contact& state = result.state;
    switch (type) {
    case Type::subscribe: // A.3.1
        if (before.from()) {
            result.approve = result.granted = true;
        } else if (before.approved) {
            result.approve = result.granted = result.changed = true;
            set_from(state, true);
        } else {
            result.passes = !before.pending_in;
            result.changed = !before.pending_in;
            state.pending_in = true;
        }
        break;
    case Type::unsubscribe: // A.3.2
        result.passes = before.pending_in || before.from();
        result.revoked = before.from();
        result.changed = result.cancel = result.passes;
        set_from(state, false);
        forget_request(state);
        break;
    case Type::subscribed: // A.3.3
        result.passes = result.changed = before.ask;
        if (before.ask) {
            state.ask = false;
            set_to(state, true);
        }
        break;
    case Type::unsubscribed: // A.3.4
        result.passes = result.changed = before.ask || before.to();
        state.ask = false;
        set_to(state, false);
        break;
    default:
        break;
    }
    return result;
}

} // namespace sarang
