// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/room.h"

#include "modules/muc/muc.h"

namespace sarang::muc {

void Room::begin()
{
    exists = true;
    versions.begin();
    activity.begin(clock().wall());
}

void Room::clear()
{
    exists = false;
    locked = false;
    stored = false;
    claim.reset();
    config = RoomConfig{};
    affiliations = Affiliations{};
    subject.reset();
    occupants = Occupants{};
    history.clear();
    whispers.clear();
    invitations = Invitations{};
    applicants.clear();
    voice_requests.clear();
    spoken = SlowMode{};
    versions = AffiliationVersions{};
    hats = Hats{};
    card = RoomCard{};
    activity = Activity{};
    member_ids = MemberIds{};
    mention_rate = MentionRate{};
    pace = Pace{};
    passwords = PasswordGuard{};
}

bool Room::there_for(const Jid& who) const
{
    return exists && (!locked || affiliation_of(who) == Affiliation::owner);
}

Affiliation Room::affiliation_of(const Jid& account) const
{
    return muc.administers(account) ? Affiliation::owner : affiliations.of(account);
}

Rank Room::rank_of(const Occupant& occupant) const
{
    return {affiliation_of(occupant.account), occupant.role};
}

Rank Room::rank_of(const Jid& who) const
{
    const Occupant* const occupant = occupants.by_session(who);
    return {affiliation_of(who), occupant != nullptr ? occupant->role : Role::none};
}

bool Room::shows_addresses_to(const Occupant& viewer) const
{
    return config.non_anonymous || viewer.role == Role::moderator;
}

HistoryBounds Room::history_bounds() const
{
    return {config.history, muc.history_size()};
}

Router& Room::router()
{
    return muc.host_router();
}

const Clock& Room::clock() const
{
    return muc.clock();
}

} // namespace sarang::muc
