// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/hat_commands.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "modules/muc/archive.h"
#include "modules/muc/muc.h"
#include "modules/muc/owning.h"
#include "modules/muc/showing.h"

namespace sarang::muc {
namespace {

constexpr std::string_view form_type = "urn:xmpp:hats:commands";
constexpr std::string_view jid_field = "hats#jid";
constexpr std::string_view title_field = "hats#title";
constexpr std::string_view uri_field = "hats#uri";
constexpr std::string_view hue_field = "hats#hue";
constexpr unsigned changed_code = 104;

bool may_manage(const Room& room, const Jid& who)
{
    return room.affiliation_of(who) >= Affiliation::admin;
}

// Hats are shown to all who are in the room, so to all who might be.
bool may_list(const Room& room, const Jid& who)
{
    return may_read_archive(room, who).has_value();
}

// It tells addresses, as the list of members does.
bool may_list_assigned(const Room& room, const Jid& who)
{
    return may_read_affiliations(room.config, room.rank_of(who), Affiliation::member).has_value();
}

Element form_head(std::string_view type, std::string_view title, std::string_view instructions)
{
    Element x{data_form_ns, "x"};
    x.set("type", type).add("title").text(title);
    if (!instructions.empty()) {
        x.add("instructions").text(instructions);
    }
    Element& hidden = x.add("field").set("type", "hidden").set("var", "FORM_TYPE");
    hidden.add("value").text(form_type);
    return x;
}

Element& add_field(
    Element& form, std::string_view type, std::string_view var, std::string_view label, bool needed)
{
    Element& field = form.add("field").set("type", type).set("var", var).set("label", label);
    if (needed) {
        field.add("required");
    }
    return field;
}

void add_hats(Element& form, const Hats& hats)
{
    Element& field = add_field(form, "list-single", uri_field, "The hat", true);
    for (const Hat& hat : hats.all()) {
        field.add("option").set("label", hat.title).add("value").text(hat.uri);
    }
}

// With whom it is, where that is asked too.
Element choice(const Hats& hats, std::string_view title, std::string_view words, bool with_account)
{
    Element form = form_head("form", title, words);
    if (with_account) {
        add_field(form, "jid-single", jid_field, "User address", true);
    }
    add_hats(form, hats);
    return form;
}

Element creation_form()
{
    Element form = form_head("form", "Creating a hat", "Say what the hat is to be.");
    add_field(form, "text-single", title_field, "Title", true);
    add_field(form, "text-single", uri_field, "URI by which it is known", true);
    add_field(form, "text-single", hue_field, "Hue, an angle in degrees", false);
    return form;
}

Element list_head(std::string_view title, std::initializer_list<std::string_view> fields)
{
    Element x = form_head("result", title, {});
    Element& reported = x.add("reported");
    for (const std::string_view field : fields) {
        reported.add("field").set("var", field);
    }
    return x;
}

void add_value(Element& item, std::string_view var, std::string_view value)
{
    item.add("field").set("var", var).add("value").text(value);
}

void add_hat(Element& item, const Hat& hat)
{
    add_value(item, title_field, hat.title);
    add_value(item, uri_field, hat.uri);
    add_value(item, hue_field, hat.hue);
}

// What a submitted form says; empty for what it does not.
std::string text_of(const DataForm& form, std::string_view var)
{
    const std::vector<std::string> texts = form.texts(var);
    return texts.size() == 1 ? texts.front() : std::string{};
}

bool is_ours(const DataForm& form)
{
    return form.type() == "submit" && (form.form_type().empty() || form.form_type() == form_type);
}

// An occupant may be named by his address in the room, where no other is known.
Result<Jid> account_of(const Room& room, const DataForm& form)
{
    const Result<Jid> named = Jid::parse(text_of(form, jid_field));
    if (!named) {
        return fail(Condition::jid_malformed, "A hat is for an address");
    }
    if (!named->same_bare(room.jid)) {
        if (named->local().empty()) {
            return fail(Condition::not_acceptable, "A hat is for an account");
        }
        return named->bare();
    }
    const Occupant* const occupant = room.occupants.by_nick(named->resource());
    if (occupant == nullptr) {
        return fail(Condition::item_not_found, "Nobody of that name is in the room");
    }
    return occupant->account;
}

Failure no_such_hat()
{
    return fail(Condition::item_not_found, "There is no such hat");
}

Result<void> has_space_for(const Room& room, const Hat& hat)
{
    if (room.hats.find(hat.uri) == nullptr && room.hats.all().size() >= room.muc.most_hats()) {
        return fail(Condition::policy_violation, "This room has as many hats as it may");
    }
    return {};
}

Result<void> may_wear(const Room& room, const Jid& account)
{
    if (room.hats.assigned() >= room.muc.most_hats() * Hats::wearers_each ||
        room.hats.worn_by(account).size() >= Hats::most_worn) {
        return fail(Condition::policy_violation, "Too many hats are worn");
    }
    return {};
}

// Kept before it is so.
Task<Result<void>> adopt(Room& room, Hats hats)
{
    std::swap(room.hats, hats);
    Task<Result<void>> keeping = room.muc.keep_state(room);
    Result<void> kept = co_await keeping;
    if (!kept) {
        std::swap(room.hats, hats);
    }
    co_return kept;
}

void show_wearers(Room& room, const std::vector<Jid>& accounts)
{
    for (const Jid& account : accounts) {
        for (const Occupant* const occupant : room.occupants.of(account)) {
            show_to_all(room, *occupant);
        }
    }
}

Task<IqAnswer> create(Room& room, const Execution& execution)
{
    if (!execution.form) {
        co_return ask(execution, creation_form());
    }
    const DataForm& form = *execution.form;
    Hat hat{
        text_of(form, uri_field),
        text_of(form, title_field),
        text_of(form, hue_field),
        execution.request.lang};
    if (!is_ours(form) || hat.uri.empty() || hat.title.empty()) {
        co_return refuse_payload(room, execution, "A hat has a title and a URI");
    }
    co_await ok(check(hat));
    co_await ok(has_space_for(room, hat));
    const std::string uri = hat.uri;
    Hats hats = room.hats;
    hats.put(std::move(hat));
    Task<Result<void>> adopting = adopt(room, std::move(hats));
    const Result<void> adopted = co_await adopting;
    co_await ok(adopted);
    IqAnswer done = complete(room, execution);
    tell_change(room, {changed_code});
    show_wearers(room, room.hats.wearers(uri));
    co_return std::move(done);
}

Task<IqAnswer> destroy(Room& room, const Execution& execution)
{
    if (!execution.form) {
        co_return ask(
            execution, choice(room.hats, "Destroying a hat", "Choose the hat that goes.", false));
    }
    const std::string uri = text_of(*execution.form, uri_field);
    if (!is_ours(*execution.form) || uri.empty()) {
        co_return refuse_payload(room, execution, "Which hat?");
    }
    Hats hats = room.hats;
    const std::vector<Jid> wearers = hats.wearers(uri);
    if (!hats.remove(uri)) {
        co_return no_such_hat();
    }
    Task<Result<void>> adopting = adopt(room, std::move(hats));
    const Result<void> adopted = co_await adopting;
    co_await ok(adopted);
    IqAnswer done = complete(room, execution);
    tell_change(room, {changed_code});
    show_wearers(room, wearers);
    co_return std::move(done);
}

Task<IqAnswer> list(Room& room, const Execution& execution)
{
    Element x = list_head("Hats", {title_field, uri_field, hue_field});
    for (const Hat& hat : room.hats.all()) {
        add_hat(x.add("item"), hat);
    }
    co_return answer_with(execution, x);
}

Task<IqAnswer> list_assigned(Room& room, const Execution& execution)
{
    Element x = list_head("Assigned hats", {jid_field, uri_field, title_field, hue_field});
    for (const auto& [account, worn] : room.hats.assignments()) {
        for (const Hat* const hat : room.hats.worn_by(account)) {
            Element& item = x.add("item");
            add_value(item, jid_field, account.str());
            add_hat(item, *hat);
        }
    }
    co_return answer_with(execution, x);
}

Task<IqAnswer> assign(Room& room, const Execution& execution)
{
    if (!execution.form) {
        co_return ask(
            execution, choice(room.hats, "Assigning a hat", "Choose who wears which hat.", true));
    }
    const std::string uri = text_of(*execution.form, uri_field);
    if (!is_ours(*execution.form) || uri.empty()) {
        co_return refuse_payload(room, execution, "Which hat?");
    }
    const Jid account = co_await ok(account_of(room, *execution.form));
    Hats hats = room.hats;
    if (hats.find(uri) == nullptr) {
        co_return no_such_hat();
    }
    if (!hats.assign(account, uri)) {
        co_return complete(room, execution); // he wears it already
    }
    co_await ok(may_wear(room, account));
    Task<Result<void>> adopting = adopt(room, std::move(hats));
    const Result<void> adopted = co_await adopting;
    co_await ok(adopted);
    IqAnswer done = complete(room, execution);
    show_wearers(room, {account});
    co_return std::move(done);
}

Task<IqAnswer> unassign(Room& room, const Execution& execution)
{
    if (!execution.form) {
        co_return ask(
            execution, choice(room.hats, "Removing a hat", "Choose who loses which hat.", true));
    }
    const std::string uri = text_of(*execution.form, uri_field);
    if (!is_ours(*execution.form) || uri.empty()) {
        co_return refuse_payload(room, execution, "Which hat?");
    }
    const Jid account = co_await ok(account_of(room, *execution.form));
    Hats hats = room.hats;
    if (!hats.unassign(account, uri)) {
        co_return fail(Condition::item_not_found, "Nobody of that name wears this hat");
    }
    Task<Result<void>> adopting = adopt(room, std::move(hats));
    const Result<void> adopted = co_await adopting;
    co_await ok(adopted);
    IqAnswer done = complete(room, execution);
    show_wearers(room, {account});
    co_return std::move(done);
}

constexpr std::array commands{
    AdHocCommand{"urn:xmpp:hats:commands:create", "Create or change a hat", &may_manage, &create},
    AdHocCommand{"urn:xmpp:hats:commands:destroy", "Destroy a hat", &may_manage, &destroy},
    AdHocCommand{"urn:xmpp:hats:commands:list", "List the hats", &may_list, &list},
    AdHocCommand{"urn:xmpp:hats:commands:assign", "Assign a hat", &may_manage, &assign},
    AdHocCommand{"urn:xmpp:hats:commands:unassign", "Remove a hat", &may_manage, &unassign},
    AdHocCommand{
        "urn:xmpp:hats:commands:list-assigned",
        "List who wears hats",
        &may_list_assigned,
        &list_assigned},
};

} // namespace

std::span<const AdHocCommand> hat_commands()
{
    return commands;
}

} // namespace sarang::muc
