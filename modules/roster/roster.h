// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §2: managing the roster, with versions (§2.6).
//
// Keeps each user's contacts, answers for them, and tells all interested sessions of a change.
// Whoever changes an account's contacts, its clients, its contacts' servers or other modules,
// does so in his turn.
#pragma once

#include "base/oneshot.h"
#include "core/module.h"
#include "core/service/roster.h"
#include "core/turn.h"

#include <memory>

#include "modules/roster/contacts.h"

namespace sarang {

/// A session that has asked for the roster is told of changes (RFC 6121 §2.1.6).
struct Interest {
    bool interested = false;
};

template <>
struct Codec<Interest> {
    static std::string encode(const Interest& interest);
    static std::optional<Interest> decode(std::string_view bytes);
};

class RosterModule final : public Module, private RosterService {
public:
    explicit RosterModule(Host& host);

private:
    Task<Verdict> load(const UserEvent& event);

    Verdict refuse_foreign_set(const Passage& passage);
    Verdict refuse_push(const Passage& passage);

    Task<IqAnswer> tell(const IqRequest& request);
    Task<Result<void>> set(const IqRequest& request);
    RosterChange update(const Jid& jid, const Element& item);
    RosterChange drop(User& user, const Jid& jid);

    // RosterService; whoever calls holds another module's gate, or none.
    const Contact* contact(User& user, const Jid& bare) const override;
    void each(User& user, const std::function<void(const Contact&)>& deed) const override;
    bool is_interested(const Resource& resource) const override;
    Task<Result<void>> change(User& user, Jid bare, RosterChange change) override;

    Task<Result<void>> change_now(User& user, const Jid& bare, const RosterChange& change);
    Task<Result<std::uint64_t>> keep(User& user, const Contact& contact);
    std::optional<Error> excess(User& user, const Contact& contact) const;
    void publish(
        User& user, const Contact& contact, std::uint64_t version, RosterChange::Outcome outcome);
    void push(User& user, const Element& query);
    void to_interested(User& user, const std::function<void(Resource&)>& deed);

    Option<std::int64_t> max_contacts_;
    Option<std::int64_t> max_requests_;
    Slot<User, Contacts> contacts_;
    Slot<Resource, Interest> interest_;
    Turns turns_;
};

} // namespace sarang
