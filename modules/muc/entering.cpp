// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/entering.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "modules/muc/braking.h"
#include "modules/muc/leaving.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/naming.h"
#include "modules/muc/rewriting.h"
#include "modules/muc/screening.h"
#include "modules/muc/showing.h"
#include "modules/muc/subject.h"
#include "modules/muc/versioning.h"

namespace sarang::muc {
namespace {

constexpr unsigned non_anonymous_code = 100;
constexpr unsigned logged_code = 170;
constexpr unsigned created_code = 201;

// What others are shown of a presence: all but what only the room may say.
Presence shown_of(const Room& room, const Stanza& presence)
{
    return {Rewriting{}.keep(presence, room.jid.str()).payload(), presence.lang};
}

bool same(const Presence& one, const Presence& other)
{
    const auto bytes = [](const Presence& presence) {
        return presence.payload ? presence.payload->bytes() : std::string_view{};
    };
    return bytes(one) == bytes(other);
}

// §17.1: nothing, or what cannot be seen.
bool is_blank(std::string_view nick)
{
    return nick.find_first_not_of(' ') == std::string_view::npos;
}

Result<void> may_be_here(Room& room, const Stanza& presence, const JoinRequest& request)
{
    const Affiliation affiliation = room.affiliation_of(presence.from);
    if (affiliation == Affiliation::outcast) {
        return fail(Condition::forbidden, "You are banned from this room");
    }
    if (room.locked && affiliation != Affiliation::owner) {
        return fail(Condition::item_not_found, "This room is not open yet");
    }
    if (room.config.members_only && affiliation < Affiliation::member) {
        return fail(Condition::registration_required, "This room is for members only");
    }
    return check_password(room, presence.from, request.password);
}

Result<void> may_be_called(const Room& room, const Jid& who, std::string_view nick)
{
    if (auto allowed = may_be_a_nick(room, nick); !allowed) {
        return allowed;
    }
    return is_nobody_elses(room, who.bare(), nick);
}

// §7.2.9: owners and admins get in, up to a reasonable number.
Result<void> has_space(const Room& room, const Jid& who)
{
    const std::size_t inside = room.occupants.size();
    const std::size_t most = room.muc.most_occupants();
    const bool full =
        inside >= most || (room.config.max_users != 0 && inside >= room.config.max_users);
    const bool spare =
        room.affiliation_of(who) >= Affiliation::admin && inside < most + room.muc.spare_seats();
    if (full && !spare) {
        return fail(Error{Condition::service_unavailable, "The room is full", {}, ErrorType::wait});
    }
    return {};
}

Showing welcome(const Room& room, const Stanza& presence, bool created)
{
    Showing showing;
    showing.id = presence.id;
    if (room.config.non_anonymous) {
        showing.self_codes.push_back(non_anonymous_code);
    }
    if (room.config.archived) {
        showing.self_codes.push_back(logged_code);
    }
    if (created) {
        showing.self_codes.push_back(created_code);
    }
    return showing;
}

void send_history(Room& room, const HistoryRequest& request, const Jid& session)
{
    const std::vector<Stanza> past =
        room.history.replay(request, room.config.history, room.jid, room.clock().wall());
    for (Stanza message : past) {
        message.to = session;
        room.router().route(std::move(message));
    }
}

void send_past(Room& room, const JoinRequest& request, const Jid& session)
{
    send_history(room, request.history, session);
    send_subject(room, session);
}

// XEP-0463 §5.2.1: before any presence.
void tell_changes_to(
    Room& room, const Occupant& occupant, const Stanza& presence, const JoinRequest& request)
{
    if (request.known_version) {
        tell_changes(room, occupant, presence, *request.known_version);
    }
}

// The order of XEP-0045 §7.1.
void welcome_in(
    Room& room,
    Occupant& occupant,
    const Stanza& presence,
    const JoinRequest& request,
    bool created)
{
    const Jid& session = presence.from;
    tell_changes_to(room, occupant, presence, request);
    show_all_to(room, occupant, session);
    show_to_all(room, occupant, welcome(room, presence, created));
    send_past(room, request, session);
}

// All of a room is much to tell: not again and again.
Result<void> not_again_so_soon(const Room& room, const Occupant& occupant, const Jid& session)
{
    const auto known = std::ranges::find(occupant.sessions, session, &Session::jid);
    if (known == occupant.sessions.end() || !known->told) {
        return {};
    }
    const auto left = std::chrono::ceil<Milliseconds>(
        *known->told + room.muc.resync_interval() - room.clock().now());
    return left > Milliseconds::zero() ? too_soon("You were told all of it a moment ago", left)
                                       : Result<void>{};
}

// §17.3: it has lost what it knew of the room. Others are told what they do not know yet.
void welcome_again(
    Room& room, Occupant& occupant, const Stanza& presence, const JoinRequest& request)
{
    Presence shown = shown_of(room, presence);
    const bool known =
        occupant.shown().jid == presence.from && same(occupant.shown().presence, shown);
    room.occupants.update(occupant, presence.from, std::move(shown));
    occupant.sessions.back().told = room.clock().now();
    if (!known) {
        welcome_in(room, occupant, presence, request, false);
        return;
    }
    tell_changes_to(room, occupant, presence, request);
    show_all_to(room, occupant, presence.from);
    show_to_self(room, occupant, welcome(room, presence, false));
    send_past(room, request, presence.from);
}

Occupant& add_occupant(Room& room, const Stanza& presence)
{
    Occupant occupant;
    occupant.address = presence.to;
    occupant.account = presence.from.bare();
    occupant.role = initial_role(
        room.affiliation_of(presence.from), room.config.moderated, room.config.members_only);
    occupant.id = room.muc.occupant_id(room.jid, occupant.account);
    occupant.sessions.push_back({presence.from, shown_of(room, presence)});
    return room.occupants.add(std::move(occupant));
}

Result<void> enter(Room& room, const Stanza& presence, const JoinRequest& request, bool created)
{
    if (auto allowed = may_be_here(room, presence, request); !allowed) {
        return allowed;
    }
    if (auto allowed = may_be_called(room, presence.from, presence.to.resource()); !allowed) {
        return allowed;
    }
    if (auto heard = screen_nick(room, presence, presence.to.resource()); !heard) {
        return heard;
    }
    Occupant* occupant = room.occupants.by_nick(presence.to.resource());
    if (occupant != nullptr) {
        room.occupants.add_session(*occupant, {presence.from, shown_of(room, presence)});
    } else if (auto space = has_space(room, presence.from); !space) {
        return space;
    } else {
        occupant = &add_occupant(room, presence);
    }
    welcome_in(room, *occupant, presence, request, created);
    return {};
}

Showing said_in(const Stanza& presence)
{
    Showing showing;
    showing.id = presence.id;
    return showing;
}

Result<void> change_nick(Room& room, Occupant& occupant, const Stanza& presence)
{
    const std::string_view nick = presence.to.resource();
    if (auto allowed = may_be_called(room, presence.from, nick); !allowed) {
        return allowed;
    }
    if (room.occupants.by_nick(nick) != nullptr) {
        return fail(Condition::conflict, "Another session of yours has this nickname");
    }
    if (auto heard = screen_nick(room, presence, nick); !heard) {
        return heard;
    }
    show_renaming(room, occupant, std::string{nick});
    room.occupants.rename(occupant, presence.to);
    room.occupants.update(occupant, presence.from, shown_of(room, presence));
    show_to_all(room, occupant, said_in(presence));
    return {};
}

void change_availability(Room& room, Occupant& occupant, const Stanza& presence)
{
    room.occupants.update(occupant, presence.from, shown_of(room, presence));
    show_to_all(room, occupant, said_in(presence));
}

// §7.2.18: a client that thinks that it is here learns that it is not.
void turn_away(Room& room, const Stanza& presence)
{
    Showing showing;
    showing.self_codes = {307, 333};
    showing.reason = "You are not in the room.";
    Stanza answer = presence.reply(Type::unavailable);
    answer.payload = Payload::make(user_element(Rank{}, showing, true));
    room.router().route(std::move(answer));
}

} // namespace

Result<void> may_knock(const Room& room, const Stanza& presence)
{
    if (presence.payload && presence.payload->bytes().size() > room.muc.largest_presence()) {
        return fail(Condition::policy_violation, "Your presence says too much");
    }
    if (is_blank(presence.to.resource())) {
        return fail(Condition::jid_malformed, "A room is entered by a nickname");
    }
    const std::optional<Element> x = presence.element(muc_ns, "x");
    if (!x) {
        return {};
    }
    const Result<JoinRequest> request = JoinRequest::read(*x);
    return request ? may_be_a_nick(room, presence.to.resource()) : fail(request.error());
}

Result<void> take_available(Room& room, const Stanza& presence, bool created)
{
    if (auto allowed = may_knock(room, presence); !allowed) {
        return allowed;
    }
    if (room.exists) {
        if (auto paced = not_too_fast(room, presence.from); !paced) {
            return paced;
        }
    }
    Occupant* const occupant = room.occupants.by_session(presence.from);
    const std::optional<Element> x = presence.element(muc_ns, "x");
    if (occupant != nullptr && x) {
        if (auto allowed = not_again_so_soon(room, *occupant, presence.from); !allowed) {
            return allowed;
        }
    }
    if (occupant != nullptr && occupant->address != presence.to) {
        if (auto changed = change_nick(room, *occupant, presence); !changed || !x) {
            return changed;
        }
    }
    if (!x) {
        occupant != nullptr ? change_availability(room, *occupant, presence)
                            : turn_away(room, presence);
        return {};
    }
    const Result<JoinRequest> request = JoinRequest::read(*x);
    if (!request) {
        return fail(request.error());
    }
    if (occupant == nullptr) {
        return enter(room, presence, *request, created);
    }
    welcome_again(room, *occupant, presence, *request);
    return {};
}

} // namespace sarang::muc
