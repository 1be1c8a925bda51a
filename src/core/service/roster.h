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
};

class RosterService {
public:
    static constexpr const char* service_name = "roster";

    /// The contact of this bare JID, or none. Holds until the next change.
    virtual const Contact* contact(User& user, const Jid& bare) const = 0;
    virtual void each(User& user, const std::function<void(const Contact&)>& deed) const = 0;

    /// Whether `bare` is subscribed to the user's presence.
    bool sees_presence(User& user, const Jid& bare) const
    {
        const Contact* const known = contact(user, bare);
        return known != nullptr && known->from();
    }

    /// Keeps a contact and tells the user's interested sessions, where it is listed. Done once it
    /// is durable; a failure changes nothing. What brought the change about, if they are to be
    /// shown it, is the `herald`: it comes before the push (RFC 6121 §3.1.6).
    virtual Task<Result<void>> put(User& user, Contact contact, std::optional<Stanza> herald) = 0;
    virtual Task<Result<void>> remove(User& user, Jid bare, std::optional<Stanza> herald) = 0;

protected:
    ~RosterService() = default;
};

} // namespace sarang
