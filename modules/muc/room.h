// SPDX-License-Identifier: Apache-2.0
// Room: what a room is (XEP-0045): its configuration, those who belong to it, those who are in it.
// Who knocks is seen to by RoomActor; each use case is in a file of its own. One shard's thread.
#pragma once

#include "base/clock.h"
#include "core/router.h"
#include "xml/jid.h"
#include "xml/stanza.h"

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "modules/muc/activity.h"
#include "modules/muc/affiliation_versions.h"
#include "modules/muc/affiliations.h"
#include "modules/muc/config.h"
#include "modules/muc/hats.h"
#include "modules/muc/history.h"
#include "modules/muc/invitations.h"
#include "modules/muc/mention_rate.h"
#include "modules/muc/mentions.h"
#include "modules/muc/occupants.h"
#include "modules/muc/pace.h"
#include "modules/muc/password_guard.h"
#include "modules/muc/room_claims.h"
#include "modules/muc/slow_mode.h"

namespace sarang::muc {

class Muc;

struct Subject {
    Ref<Payload> payload; ///< <subject/>, in as many languages as there are
    Jid by;               ///< the occupant JID of who set it
    Clock::Wall since;
};

/// A request that one occupant has another asked: the answer comes by its token.
struct Forwarded {
    std::string token;
    Jid asker;      ///< the session
    std::string id; ///< of the asker's
    Jid asked;      ///< the occupant JID
};

/// A private message of late: an error about it comes by its token.
struct Whisper {
    std::string token;
    Jid session;    ///< who sent it
    std::string id; ///< of the sender's
    Jid sender;     ///< his occupant JID
    Jid listener;   ///< the occupant JID that it was for
    Jid account;    ///< of the listener
};

/// Somebody who wants to register (§7.10) and is not answered yet.
struct Applicant {
    Jid account;
    std::string nick;       ///< normalised
    Clock::Wall since = {}; ///< of no matter for who wants what

    bool operator==(const Applicant& other) const
    {
        return account == other.account && nick == other.nick;
    }
};

/// A visitor waits for a moderator to answer (§7.13).
struct VoiceRequest {
    Jid session;
    Clock::Time since;
};

/// What is known of a room's vCard, which is kept in one of two places (cards.h).
struct RoomCard {
    bool there = false;
    std::uint8_t place = 0;
    std::vector<std::string> hashes; ///< of its avatar, in each format

    std::uint8_t other_place() const { return place == 0 ? 1 : 0; }
};

struct Room {
    Room(Muc& module, Jid address)
        : muc{module}
        , jid{std::move(address)}
    {}

    Muc& muc;
    const Jid jid;

    bool exists = false; ///< somebody made it, and nobody has destroyed it since
    bool locked = false; ///< not configured by who made it (§10.1)
    bool stored = false;
    std::optional<RoomClaims::Claim> claim; ///< while it is kept nowhere
    RoomConfig config;
    Affiliations affiliations;
    std::optional<Subject> subject;
    Occupants occupants;
    History history;
    std::list<Forwarded> forwarded; ///< the oldest first
    std::list<Whisper> whispers;    ///< the oldest first
    Invitations invitations;
    std::vector<Applicant> applicants;
    std::vector<VoiceRequest> voice_requests;
    SlowMode spoken;
    Pace pace;
    Pace asking; ///< requests to occupants
    PasswordGuard passwords;
    MemberIds member_ids;
    MentionRate mention_rate;
    AffiliationVersions versions;
    Hats hats;
    RoomCard card;
    Activity activity;

    /// It is there from now on, without anybody who belongs to it.
    void begin();

    /// As if it had never been there; what is kept of it is another matter.
    void clear();

    /// Whether it is there for somebody: before it is configured it is for its owner alone (§17.2).
    bool there_for(const Jid& who) const;

    /// Of an account, in this room.
    Affiliation affiliation_of(const Jid& jid) const;
    Rank rank_of(const Occupant& occupant) const;
    /// Of somebody who need not be here: the role is that of a session that is.
    Rank rank_of(const Jid& jid) const;
    /// Whether an occupant is shown the real addresses of others (§4.2).
    bool shows_addresses_to(const Occupant& viewer) const;

    /// The address of an occupant with that nickname: jid-malformed if there can be none.
    Result<Jid> address_of(std::string_view nick) const { return jid.with_resource(nick); }

    HistoryBounds history_bounds() const;
    Router& router();
    const Clock& clock() const;
};

} // namespace sarang::muc
