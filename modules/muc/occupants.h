// SPDX-License-Identifier: Apache-2.0
// Who is in a room: each nickname once, with the sessions that share it (XEP-0045 §7.2.8).
#pragma once

#include "xml/jid.h"
#include "xml/stanza.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "modules/muc/rank.h"

namespace sarang::muc {

struct Session {
    Jid jid;         ///< full
    Stanza presence; ///< what it sent last, without what only the room may say
};

struct Occupant {
    Jid address; ///< the occupant JID
    Jid account; ///< the real bare JID
    Role role = Role::none;
    std::string id;                ///< XEP-0421
    std::vector<Session> sessions; ///< at least one; the last is who spoke of himself last

    std::string_view nick() const { return address.resource(); }

    const Session& shown() const { return sessions.back(); }

    bool has(const Jid& session) const;
    std::vector<Jid> session_jids() const;
};

class Occupants {
public:
    Occupant* by_nick(std::string_view nick) const;
    Occupant* by_session(const Jid& session) const;
    /// All of an account's.
    std::vector<Occupant*> of(const Jid& account) const;

    /// Requires that the nickname is free, and that the session is in no other.
    Occupant& add(Occupant occupant);
    void add_session(Occupant& occupant, Session session);
    /// It is shown from now on.
    void update(Occupant& occupant, const Jid& session, Stanza presence);
    /// Requires another session, or that remove() follows.
    void remove_session(Occupant& occupant, const Jid& session);
    /// What is left of it; the reference is void.
    void remove(Occupant& occupant);
    /// Requires that the nickname is free.
    void rename(Occupant& occupant, Jid address);

    /// In the order in which they came.
    const std::vector<std::unique_ptr<Occupant>>& all() const { return occupants_; }

    std::size_t size() const { return occupants_.size(); }

    bool empty() const { return occupants_.empty(); }

    /// All sessions of all.
    std::vector<Jid> session_jids() const;

private:
    std::vector<std::unique_ptr<Occupant>> occupants_;
    std::unordered_map<std::string_view, Occupant*> nicks_; ///< views of their addresses
    std::unordered_map<Jid, Occupant*> sessions_;
};

} // namespace sarang::muc
