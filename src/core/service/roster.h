// SPDX-License-Identifier: Apache-2.0
// What the roster module offers: the contacts of a user of this shard, and their subscriptions.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "store/roster_store.h"
#include "xml/jid.h"
#include "xml/stanza.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sarang {

class Resource;
class User;

/// A contact with the state of both subscriptions, RFC 6121 §2 and appendix A.
struct Contact {
    Jid jid;
    std::string name;
    std::vector<std::string> groups;
    Subscription subscription = Subscription::none;
    bool ask = false;      ///< pending out
    bool approved = false; ///< RFC 6121 §3.4
    bool pending_in = false;
    std::string request; ///< the encoded presence that asked, while pending_in

    /// The contact's presence comes to the user.
    bool to() const
    {
        return subscription == Subscription::to || subscription == Subscription::both;
    }

    /// The user's presence goes to the contact.
    bool from() const
    {
        return subscription == Subscription::from || subscription == Subscription::both;
    }

    /// Whether it is an entry of the roster. Where there is only somebody's request, clients never
    /// see one (RFC 6121 §3.1.3).
    bool listed = true;

    /// Nothing is left of it that would have to be kept.
    bool is_void() const
    {
        return !listed && !pending_in && !ask && !approved && subscription == Subscription::none;
    }
};

/// A change of one contact: made in its turn, after all that was asked for before and whole, so
/// that none is lost to another that crosses it.
struct RosterChange {
    struct Outcome {
        bool changed = true; ///< there is something to keep; a contact that is void is removed
        bool shown = false;  ///< sessions are told also of what makes no difference to them
        /// Shown to the interested sessions before the push (RFC 6121 §3.1.6).
        std::optional<Stanza> herald = {};
    };

    /// Turns the contact, as it is now, into what it shall be. Of one who was not there, it gets
    /// the address, unlisted. A failure leaves all as it was.
    std::function<Result<Outcome>(Contact& contact)> decide;

    /// What else follows: done once it is durable and sessions were told, before the next change.
    std::function<void()> then = [] {};
};

class RosterService {
public:
    static constexpr const char* service_name = "roster";

    /// The contact of this bare JID, or none. Holds until the next change.
    virtual const Contact* contact(User& user, const Jid& bare) const = 0;
    /// The deed must not cause a change, as whatever is routed may.
    virtual void each(User& user, const std::function<void(const Contact&)>& deed) const = 0;

    /// Whether `bare` is subscribed to the user's presence.
    bool sees_presence(User& user, const Jid& bare) const
    {
        const Contact* const known = contact(user, bare);
        return known != nullptr && known->from();
    }

    /// Whether the session asked for the roster, and is told of changes (RFC 6121 §2.1.6).
    virtual bool is_interested(const Resource& resource) const = 0;

    /// Changes the contact of this bare JID. It is durable and the interested sessions were told
    /// when it is done; a failure changes nothing.
    virtual Task<Result<void>> change(User& user, Jid bare, RosterChange change) = 0;

protected:
    ~RosterService() = default;
};

} // namespace sarang
