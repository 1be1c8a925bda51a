// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §3 and §4: presence and its subscriptions.
//
// Broadcasts each session's presence to those who may see it, answers probes, remembers to whom
// presence was directed, and keeps the state of subscriptions with the roster module.
#pragma once

#include "base/clock.h"
#include "core/module.h"
#include "core/service/presence.h"
#include "core/service/roster.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/presence/subscription.h"

namespace sarang {

/// To whom a session sent presence itself (RFC 6121 §4.6).
struct Directed {
    std::vector<Jid> to;
    /// Who was told last that the user has gone, and may still answer that, as rooms do: what he is
    /// told after it stands. Not saved.
    std::vector<Jid> left;

    bool has(const Jid& jid) const;

    /// To one who was in `to`.
    void leave(const Jid& jid);
};

/// When the last of a user's sessions that went did so.
struct Seen {
    Clock::Wall at;
};

template <>
struct Codec<Directed> {
    static std::string encode(const Directed& directed);
    static std::optional<Directed> decode(std::string_view bytes);
};

class Presence final : public Module, private PresenceService {
public:
    explicit Presence(Host& host);

private:
    // What a client sends.
    Verdict sent(Passage& passage);
    Verdict broadcast(Passage& passage);
    Verdict direct(Passage& passage);
    Task<Verdict> subscription_sent(Passage& passage);

    // What comes for an account.
    Verdict came(Passage& passage);
    Verdict answer_probe(const Passage& passage);
    void tell_sessions(const Passage& passage);
    bool tell_directed(const Passage& passage);
    void answer(const Passage& passage, std::vector<Stanza> answers);
    Task<Verdict> subscription_came(Passage& passage);

    void ended(const ResourceEvent& event);

    void contact_removed(User& user, const Contact& former) override;

    void become_available(User& user, Resource& resource);
    void become_unavailable(User& user, Resource& resource, Stanza presence);
    void to_subscribers(User& user, const Stanza& presence);
    void to_own_sessions(User& user, Stanza presence);
    void to_available(User& user, const Stanza& presence);
    void to_directed(User& user, Resource& resource, const Stanza& presence, bool broadcast);
    void forget_directed(const Passage& passage);
    bool was_directed(const Resource& resource, const Jid& address) const;
    void show_sessions(User& user, const Jid& to);
    void hide_sessions(User& user, const Jid& from);
    void route(User& user, Type type, const Jid& to);

    void follow_sent(Passage& passage, const Transition& transition, const Jid& to);
    void follow_came(User& user, const Transition& transition, const Stanza& stanza);

    static Stanza make(Type type, const Jid& from, const Jid& to);
    void refused(Passage& passage);
    void part(User& user);
    std::string kept_request(const Stanza& request) const;
    static Stanza request_of(User& user, const Contact& contact);

    RosterService* roster() { return host().service<RosterService>(); }

    Option<std::int64_t> max_directed_;
    Option<std::size_t> max_request_size_;
    Slot<Resource, Directed> directed_;
    Slot<User, Seen> seen_;
};

} // namespace sarang
