// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/standing.h"

#include <optional>
#include <utility>
#include <vector>

#include "modules/muc/inboxes.h"
#include "modules/muc/leaving.h"
#include "modules/muc/showing.h"
#include "modules/muc/versioning.h"

namespace sarang::muc {
namespace {

constexpr unsigned banned_code = 301;
constexpr unsigned kicked_code = 307;
constexpr unsigned not_member_code = 321;
constexpr unsigned members_only_code = 322;

Showing showing_of(const Cause& cause)
{
    Showing showing;
    showing.actor = cause.actor;
    showing.reason = cause.reason;
    return showing;
}

void leave_for(Room& room, Occupant& occupant, const Cause& cause, unsigned code)
{
    Showing showing = showing_of(cause);
    showing.codes = {code};
    eject(room, occupant, showing);
}

// §5.1.2 for those who rise or fall; who has voice keeps it.
Role role_after(const Room& room, const Occupant& occupant, Affiliation before, Affiliation now)
{
    const Role initial = initial_role(now, room.config.moderated, room.config.members_only);
    if (now >= Affiliation::admin || before >= Affiliation::admin) {
        return initial;
    }
    return now == Affiliation::member ? std::max(occupant.role, initial) : occupant.role;
}

// The code of who may not be here any more, with the affiliation that he has now.
std::optional<unsigned> leaves_with(const Room& room, Affiliation now)
{
    if (now == Affiliation::outcast) {
        return banned_code;
    }
    const bool stranger = room.config.members_only && now < Affiliation::member;
    return stranger ? std::optional{not_member_code} : std::nullopt;
}

// §9.2: all of a domain, but for those who have an affiliation of their own.
void remove_outcasts(Room& room, const Cause& cause)
{
    std::vector<Occupant*> outcasts;
    for (const auto& occupant : room.occupants.all()) {
        if (room.affiliation_of(occupant->account) == Affiliation::outcast) {
            outcasts.push_back(occupant.get());
        }
    }
    for (Occupant* const outcast : outcasts) {
        leave_for(room, *outcast, cause, banned_code);
    }
}

} // namespace

void set_role(Room& room, Occupant& occupant, Role role, const Cause& cause)
{
    if (role == Role::none) {
        leave_for(room, occupant, cause, kicked_code);
        return;
    }
    const bool was_shown = broadcasts(room.config, occupant.role);
    occupant.role = role;
    show_change(room, occupant, was_shown, showing_of(cause));
}

void set_affiliation(Room& room, const Jid& account, AffiliationItem item, const Cause& cause)
{
    const Affiliation now = item.affiliation;
    const Affiliation before = room.affiliation_of(account);
    bool untold = change_entry(room, account, std::move(item));
    if (now == Affiliation::outcast || (room.config.members_only && now < Affiliation::member)) {
        note_departure(room, account);
    }
    if (account.local().empty() && now == Affiliation::outcast) {
        if (untold) {
            tell_last_change(room);
        }
        remove_outcasts(room, cause);
        return;
    }
    for (Occupant* const occupant : room.occupants.of(account)) {
        Showing showing = showing_of(cause);
        const bool was_shown = broadcasts(room.config, occupant->role);
        if (const auto code = leaves_with(room, now)) {
            showing.changed = std::exchange(untold, untold && !was_shown);
            showing.codes = {*code};
            eject(room, *occupant, showing);
            continue;
        }
        occupant->role = role_after(room, *occupant, before, now);
        const bool is_shown = broadcasts(room.config, occupant->role);
        showing.changed = std::exchange(untold, untold && !is_shown);
        show_change(room, *occupant, was_shown, showing);
    }
    if (untold) {
        tell_last_change(room);
    }
}

void remove_strangers(Room& room)
{
    std::vector<Occupant*> strangers;
    for (const auto& occupant : room.occupants.all()) {
        if (room.affiliation_of(occupant->account) < Affiliation::member) {
            strangers.push_back(occupant.get());
        }
    }
    for (Occupant* const stranger : strangers) {
        note_departure(room, stranger->account);
        leave_for(room, *stranger, Cause{}, members_only_code);
    }
}

} // namespace sarang::muc
