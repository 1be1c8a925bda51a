// SPDX-License-Identifier: Apache-2.0
// Who is in a room: each nickname once, with the sessions that share it (XEP-0045 §7.2.8).
#pragma once

#include "base/clock.h"
#include "xml/jid.h"
#include "xml/nickname.h"
#include "xml/stanza.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "modules/muc/rank.h"

namespace sarang::muc {

/// What a session says of itself, without what only the room may say.
struct Presence {
    Ref<Payload> payload; ///< there may be none
    std::string lang;

    /// Without addresses and id.
    Stanza stanza() const;
};

struct Session {
    Jid jid; ///< full
    Presence presence;
    std::optional<Clock::Time> told = {}; ///< all of the room anew, since it has entered
};

/// XEP-0421: the characters of an id, of which a room keeps many.
class OccupantId {
public:
    OccupantId() = default;

    /// Requires as many characters as an id has: none else was ever given.
    explicit OccupantId(std::string_view text);

    std::string_view str() const { return {text_.data(), text_.size()}; }

    static constexpr std::size_t size = 24;

private:
    std::array<char, size> text_{};
};

/// A nickname's look, as far as it has to be kept of somebody who is in a room.
struct LookHash {
    std::size_t folded = 0;
    std::size_t shape = 0;

    LookHash() = default;
    explicit LookHash(const NicknameLook& look);

    bool alike(const LookHash& other) const
    {
        return folded == other.folded || shape == other.shape;
    }
};

struct Occupant {
    Jid address; ///< the occupant JID
    Jid account; ///< the real bare JID
    Role role = Role::none;
    OccupantId id;
    LookHash look;                 ///< set by Occupants
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

    /// All whom people might take for one another by that.
    std::vector<Occupant*> alike(const NicknameLook& look) const;

    /// All of an account's.
    std::vector<Occupant*> of(const Jid& account) const;

    /// Requires that the nickname is free, and that the session is in no other.
    Occupant& add(Occupant occupant);
    void add_session(Occupant& occupant, Session session);
    /// It is shown from now on.
    void update(Occupant& occupant, const Jid& session, Presence presence);
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
