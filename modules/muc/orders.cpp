// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/orders.h"

#include "core/settlements.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "modules/muc/config_form.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/owning.h"
#include "modules/muc/speaking.h"
#include "modules/muc/standing.h"

namespace sarang::muc {
namespace {

std::string text_of(const Json& order, std::string_view name)
{
    const Json* const value = order.find(name);
    const std::string* const text = value != nullptr ? value->string() : nullptr;
    return text != nullptr ? *text : std::string{};
}

Json named(const Room& room)
{
    Json result;
    result.set("room", room.jid.str());
    return result;
}

Json addresses(const std::vector<Jid>& list)
{
    Json all = Json::array();
    for (const Jid& one : list) {
        all.add(one.str());
    }
    return all;
}

Task<Result<Json>> show(Room& room, Json)
{
    const RoomConfig& config = room.config;
    const Affiliations& people = room.affiliations;
    Json result = named(room);
    result.set("name", config.name)
        .set("description", config.description)
        .set("occupants", room.occupants.size())
        .set("persistent", config.persistent)
        .set("listed", config.listed)
        .set("members_only", config.members_only)
        .set("moderated", config.moderated)
        .set("anonymous", !config.non_anonymous)
        .set("password", !config.password.empty())
        .set("archived", config.archived)
        .set("locked", room.locked)
        .set("owners", addresses(people.list(Affiliation::owner)))
        .set("admins", addresses(people.list(Affiliation::admin)))
        .set("members", people.count(Affiliation::member))
        .set("banned", people.count(Affiliation::outcast));
    co_return result;
}

// One that nobody is in lasts only if it is persistent.
Task<Result<Json>> create(Room& room, Json order)
{
    const Jid owner = co_await ok(Jid::parse(text_of(order, "owner")));
    RoomConfig config = room.muc.standard_config();
    config.persistent = true;
    config.name = text_of(order, "name");
    if (config.name.size() > ConfigLimits{}.name) {
        co_return fail(Condition::not_acceptable, "This name is too long");
    }
    room.begin();
    room.affiliations.set(owner.bare(), AffiliationItem{Affiliation::owner, {}, {}});
    Task<Result<void>> keeping = room.muc.keep_config(room, std::move(config), {});
    const Result<void> kept = co_await keeping;
    if (!kept) {
        room.clear();
        co_return fail(kept.error());
    }
    co_return named(room);
}

Task<Result<Json>> destroy(Room& room, Json order)
{
    Element told{user_ns, "destroy"};
    if (const std::string venue = text_of(order, "venue"); !venue.empty()) {
        told.set("jid", venue);
    }
    if (const std::string reason = text_of(order, "reason"); !reason.empty()) {
        told.add("reason").text(reason);
    }
    const Json result = named(room);
    co_await ok(destroy_for(room, told));
    co_return result;
}

Json row_of(const Room& room, const Jid& account)
{
    const AffiliationItem item = room.affiliations.item(account);
    Json row;
    row.set("jid", account.str())
        .set("affiliation", name(item.affiliation))
        .set("nick", item.nick)
        .set("reason", item.reason);
    return row;
}

Task<Result<Json>> affiliations(Room& room, Json order)
{
    Json rows = Json::array();
    if (const std::string account = text_of(order, "jid"); !account.empty()) {
        const Jid jid = co_await ok(Jid::parse(account));
        rows.add(row_of(room, jid.bare()));
        co_return rows;
    }
    for (const Affiliation affiliation :
         {Affiliation::owner, Affiliation::admin, Affiliation::member, Affiliation::outcast}) {
        for (const Jid& account : room.affiliations.list(affiliation)) {
            rows.add(row_of(room, account));
        }
    }
    co_return rows;
}

Result<AffiliationItem> changed_item(const Room& room, const Jid& account, const Json& order)
{
    const std::optional<Affiliation> to = affiliation_named(text_of(order, "affiliation"));
    if (!to) {
        return fail(
            Condition::bad_request, "There are owner, admin, member, none and outcast, no other");
    }
    AffiliationItem item = room.affiliations.item(account);
    if (item.affiliation == Affiliation::owner && *to != Affiliation::owner &&
        room.affiliations.owners() == 1) {
        return fail(Condition::conflict, "This is the only owner: a room has one");
    }
    item.affiliation = *to;
    item.reason = text_of(order, "reason");
    return item;
}

Task<Result<Json>> affiliate(Room& room, Json order)
{
    const Jid jid = co_await ok(Jid::parse(text_of(order, "jid")));
    const Jid account = jid.bare();
    const AffiliationItem item = co_await ok(changed_item(room, account, order));
    const AffiliationChanges changes{{account, item}};
    co_await ok(room.muc.keep_affiliations(room, changes));
    Cause cause;
    cause.reason = item.reason;
    set_affiliation(room, account, item, cause);
    Json result = named(room);
    result.set("jid", account.str()).set("affiliation", name(item.affiliation));
    co_return result;
}

Task<Result<Json>> say_aloud(Room& room, Json order)
{
    const Speech speech = co_await ok(prepare_announcement(room, text_of(order, "text")));
    Task<AppendOutcome> settling = room.muc.settlements().outcome(speech.ticket);
    const AppendOutcome outcome = co_await settling;
    if (outcome != AppendOutcome::durable) {
        co_return fail(append_error(outcome));
    }
    say(room, speech);
    Json result = named(room);
    result.set("occupants", room.occupants.size());
    co_return result;
}

struct Deed {
    std::string_view name;
    bool of_a_new_room;
    Task<Result<Json>> (*run)(Room& room, Json order);
};

constexpr std::array deeds{
    Deed{"show", false, &show},
    Deed{"create", true, &create},
    Deed{"destroy", false, &destroy},
    Deed{"affiliations", false, &affiliations},
    Deed{"affiliate", false, &affiliate},
    Deed{"show config", false, &list_settings},
    Deed{"set config", false, &change_settings},
    Deed{"say", false, &say_aloud},
};

} // namespace

Task<Result<Json>> obey(Room& room, Json order)
{
    const auto* const deed = std::ranges::find(deeds, text_of(order, "do"), &Deed::name);
    if (deed == deeds.end()) {
        co_return fail(Condition::feature_not_implemented, "This module does not know how");
    }
    const std::string address{room.jid.str()};
    if (deed->of_a_new_room && room.exists) {
        co_return fail(Condition::conflict, address + " exists already");
    }
    if (!deed->of_a_new_room && !room.exists) {
        co_return fail(Condition::item_not_found, "there is no room " + address);
    }
    Task<Result<Json>> running = deed->run(room, std::move(order));
    co_return co_await running;
}

} // namespace sarang::muc
