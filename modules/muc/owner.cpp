// SPDX-License-Identifier: Apache-2.0
// What only owners may: to configure a room, and to destroy it (XEP-0045 §10).
#include "core/data_form.h"

#include <utility>
#include <vector>

#include "modules/muc/config_form.h"
#include "modules/muc/leaving.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/owning.h"
#include "modules/muc/requests.h"
#include "modules/muc/showing.h"
#include "modules/muc/standing.h"

namespace sarang::muc {
namespace {

Result<void> is_owner(const Room& room, const Jid& who)
{
    if (room.affiliation_of(who) != Affiliation::owner) {
        return fail(Condition::forbidden, "Only owners may");
    }
    return {};
}

bool names(const std::optional<std::vector<Jid>>& list, const Jid& account)
{
    return list && std::ranges::find(*list, account) != list->end();
}

// §10.2: who is no owner any more is an admin, unless the list of these is there without him.
Affiliation rest_of(Affiliation lost, const RoomConfigChange& change, const Jid& account)
{
    const bool admin =
        lost == Affiliation::owner && (!change.admins || names(change.admins, account));
    return admin ? Affiliation::admin : Affiliation::none;
}

// Who has another affiliation by the lists of owners and admins that the form gives whole.
void add_changes(
    const Room& room,
    Affiliation affiliation,
    const RoomConfigChange& change,
    std::vector<std::pair<Jid, AffiliationItem>>& changes)
{
    const auto& wanted = affiliation == Affiliation::owner ? change.owners : change.admins;
    if (!wanted) {
        return;
    }
    for (const Jid& account : room.affiliations.list(affiliation)) {
        if (!names(wanted, account)) {
            AffiliationItem item = room.affiliations.item(account);
            item.affiliation = rest_of(affiliation, change, account);
            changes.emplace_back(account, std::move(item));
        }
    }
    for (const Jid& account : *wanted) {
        AffiliationItem item = room.affiliations.item(account);
        if (item.affiliation != affiliation) {
            item.affiliation = affiliation;
            changes.emplace_back(account, std::move(item));
        }
    }
}

// One that is named in both lists has the last word said of him.
std::vector<std::pair<Jid, AffiliationItem>>
changes_of(const Room& room, const RoomConfigChange& change)
{
    std::vector<std::pair<Jid, AffiliationItem>> changes;
    add_changes(room, Affiliation::admin, change, changes);
    add_changes(room, Affiliation::owner, change, changes);
    return changes;
}

// Those of a role that is broadcast now and was not, or the other way round.
void show_by(Room& room, const RoomConfig& before)
{
    for (const auto& occupant : room.occupants.all()) {
        const bool was_shown = broadcasts(before, occupant->role);
        if (was_shown != broadcasts(room.config, occupant->role)) {
            show_change(room, *occupant, was_shown, {});
        }
    }
}

Task<IqAnswer> configure(Room& room, const Stanza& request, const Element& x)
{
    const Result<DataForm> form = DataForm::read(x);
    if (!form) {
        co_return fail(form.error());
    }
    Task<Result<void>> configuring = configure(room, *form, &request);
    const Result<void> configured = co_await configuring;
    if (!configured) {
        co_return fail(configured.error());
    }
    co_return std::optional<Element>{};
}

Task<IqAnswer> destroy(Room& room, const Stanza& request, const Element& wish)
{
    Element told{user_ns, "destroy"};
    const Result<Jid> venue = Jid::parse(wish.attribute("jid"));
    if (wish.has("jid") && !venue) {
        co_return fail(Condition::jid_malformed, "No address of another room");
    }
    if (wish.has("jid")) {
        told.set("jid", venue->str());
    }
    for (const std::string_view part : {"reason", "password"}) {
        if (const Element* const text = wish.child(owner_ns, part)) {
            told.add(part).text(text->text());
        }
    }
    Task<Result<void>> destroying = destroy_for(room, told);
    const Result<void> destroyed = co_await destroying;
    if (!destroyed) {
        co_return fail(destroyed.error());
    }
    co_return confirm(room, request);
}

} // namespace

void tell_change(Room& room, const std::vector<unsigned>& codes)
{
    if (codes.empty()) {
        return;
    }
    Element x{user_ns, "x"};
    for (const unsigned code : codes) {
        x.add("status").set("code", std::to_string(code));
    }
    Stanza message;
    message.type = Type::groupchat;
    message.from = room.jid;
    message.payload = Payload::make(x);
    room.router().route_to_many(message, room.occupants.session_jids());
}

Task<Result<void>> configure(Room& room, const DataForm& form, const Stanza* request)
{
    Result<RoomConfigChange> change = read_config(form, room.config);
    if (!change) {
        co_return fail(change.error());
    }
    const RoomConfig before = room.config;
    const std::vector<std::pair<Jid, AffiliationItem>> people = changes_of(room, *change);
    Task<Result<void>> keeping = room.muc.keep_config(room, change->config, people);
    const Result<void> kept = co_await keeping;
    if (!kept) {
        co_return fail(kept.error());
    }
    room.locked = false;
    if (request != nullptr) {
        static_cast<void>(confirm(room, *request));
    }
    for (const auto& [account, item] : people) {
        set_affiliation(room, account, item, {});
    }
    if (room.config.members_only && !before.members_only) {
        remove_strangers(room);
    }
    show_by(room, before);
    tell_change(room, status_codes(before, room.config));
    co_return Result<void>{};
}

Task<Result<void>> destroy_for(Room& room, const Element& told)
{
    Task<Result<void>> erasing = room.muc.erase(room);
    const Result<void> erased = co_await erasing;
    if (erased) {
        dissolve(room, told);
    }
    co_return erased;
}

Task<IqAnswer> show_config(Room& room, const Stanza& request, const Element& query)
{
    if (auto owner = is_owner(room, request.from); !owner) {
        co_return fail(owner.error());
    }
    if (query.child() != nullptr) {
        co_return fail(Condition::bad_request, "Only the whole configuration is shown");
    }
    const RoomStaff staff{
        room.affiliations.list(Affiliation::owner), room.affiliations.list(Affiliation::admin)};
    Element reply{owner_ns, "query"};
    reply.add(config_form(room.config, staff).element());
    co_return std::optional{std::move(reply)};
}

Task<IqAnswer> change_config(Room& room, const Stanza& request, const Element& query)
{
    if (auto owner = is_owner(room, request.from); !owner) {
        co_return fail(owner.error());
    }
    if (const Element* const wish = query.child(owner_ns, "destroy")) {
        Task<IqAnswer> destroying = destroy(room, request, *wish);
        co_return co_await destroying;
    }
    const Element* const x = query.child(data_form_ns, "x");
    if (x == nullptr) {
        co_return fail(Condition::bad_request, "A form is expected");
    }
    if (x->attribute("type") == "cancel") {
        if (room.locked) {
            dissolve(room, Element{user_ns, "destroy"}); // §10.1.3
        }
        co_return confirm(room, request);
    }
    Task<IqAnswer> configuring = configure(room, request, *x);
    co_return co_await configuring;
}

} // namespace sarang::muc
