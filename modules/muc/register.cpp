// SPDX-License-Identifier: Apache-2.0
#include "core/data_form.h"
#include "xml/nickname.h"

#include <algorithm>
#include <utility>

#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/naming.h"
#include "modules/muc/registering.h"
#include "modules/muc/requests.h"
#include "modules/muc/screening.h"
#include "modules/muc/standing.h"
#include "modules/muc/versioning.h"

namespace sarang::muc {
namespace {

// Who takes part in a room that takes a password has given it, unless an admin is to let him in.
Result<void> may_register(Room& room, const Jid& session)
{
    const Jid account = session.bare();
    const Affiliation affiliation = room.affiliation_of(account);
    if (room.locked && affiliation != Affiliation::owner) {
        return fail(Condition::item_not_found, "This room is not open yet");
    }
    if (affiliation == Affiliation::outcast) {
        return fail(Condition::not_allowed, "You are banned from this room");
    }
    if (!room.muc.has_account(account)) {
        return fail(Condition::not_allowed, "Only an account that lasts can register");
    }
    if (!room.config.members_only && !room.config.password.empty() &&
        affiliation < Affiliation::member && room.occupants.by_session(session) == nullptr) {
        return fail(Condition::not_allowed, "This room takes a password: enter it first");
    }
    return {};
}

// With the nickname by which who asks is here now.
Element empty_form(const Room& room, const Jid& session)
{
    DataForm form{"form", std::string{register_type}};
    form.title("Registration with the room");
    Element x = form.element();
    Element& nick = x.add("field");
    nick.set("type", "text-single").set("var", nick_field).set("label", "Nickname");
    nick.add("required");
    if (const Occupant* const occupant = room.occupants.by_session(session)) {
        nick.add("value").text(occupant->nick());
    }
    return x;
}

// What is kept was changed before; others are told where there is anything to see.
void adopt(Room& room, const Jid& account, AffiliationItem item)
{
    const bool seen =
        !room.muc.administers(account) && room.affiliation_of(account) != item.affiliation;
    if (seen) {
        set_affiliation(room, account, std::move(item), {});
    } else if (change_entry(room, account, std::move(item))) {
        tell_last_change(room);
    }
}

Task<Result<void>> keep_and_adopt(Room& room, Jid account, AffiliationItem item)
{
    const AffiliationChanges changes{{account, item}};
    Task<Result<void>> keeping = room.muc.keep_affiliations(room, changes);
    Result<void> kept = co_await keeping;
    if (kept) {
        adopt(room, account, std::move(item));
    }
    co_return kept;
}

// Admins and owners are that still, without a nickname of their own.
Task<Result<void>> unregister(Room& room, Jid account)
{
    AffiliationItem item = room.affiliations.item(account);
    if (item.affiliation == Affiliation::none) {
        co_return fail(Condition::registration_required, "You are not registered");
    }
    if (item.affiliation == Affiliation::member) {
        item.affiliation = Affiliation::none;
    }
    item.nick.clear();
    Task<Result<void>> keeping = keep_and_adopt(room, std::move(account), std::move(item));
    co_return co_await keeping;
}

} // namespace

Result<std::optional<DataForm>> submitted(const Element* x)
{
    if (x == nullptr) {
        return fail(Condition::bad_request, "A form is expected");
    }
    Result<DataForm> form = DataForm::read(*x);
    if (!form) {
        return std::move(form).failure();
    }
    if (form->type() == "cancel") {
        return std::optional<DataForm>{};
    }
    if (form->type() != "submit" || form->form_type() != register_type) {
        return fail(Condition::bad_request, "This is another form");
    }
    return std::optional{std::move(*form)};
}

Result<std::string> nick_of(const Room& room, const DataForm& form)
{
    Result<std::optional<std::string>> text = form.text(nick_field);
    if (!text) {
        return std::move(text).failure();
    }
    const Result<Jid> address = room.address_of(text->value_or(std::string{}));
    if (!address || address->resource().find_first_not_of(' ') == std::string_view::npos) {
        return fail(Condition::not_acceptable, "A nickname is needed");
    }
    if (auto allowed = may_be_a_nick(room, address->resource()); !allowed) {
        return fail(Condition::not_acceptable, allowed.error().text);
    }
    return std::string{address->resource()};
}

Result<void> is_free(const Room& room, const Jid& account, std::string_view nick)
{
    const NicknameLook look = look_of(nick);
    const bool wanted = std::ranges::any_of(room.applicants, [&](const Applicant& one) {
        return one.account != account && look_alike(look_of(one.nick), look);
    });
    if (wanted) {
        return fail(Condition::conflict, "Somebody else has asked for such a nickname");
    }
    return is_nobody_elses(room, account, nick);
}

Task<Result<void>> enroll(Room& room, Jid account, std::string nick)
{
    AffiliationItem item = room.affiliations.item(account);
    item.affiliation = std::max(item.affiliation, Affiliation::member);
    item.nick = std::move(nick);
    Task<Result<void>> keeping = keep_and_adopt(room, std::move(account), std::move(item));
    co_return co_await keeping;
}

Task<IqAnswer> show_registration(Room& room, const Stanza& request, const Element& query)
{
    const Jid account = request.from.bare();
    if (auto allowed = may_register(room, request.from); !allowed) {
        co_return fail(allowed.error());
    }
    Element reply{query.ns(), "query"};
    const AffiliationItem item = room.affiliations.item(account);
    if (item.affiliation >= Affiliation::member) {
        reply.add("registered");
    }
    if (item.nick.empty()) {
        reply.add("instructions").text("Choose the nickname that is to be yours in this room.");
        reply.add(empty_form(room, request.from));
    } else {
        reply.add("username").text(item.nick);
    }
    co_return std::optional{std::move(reply)};
}

Task<IqAnswer> change_registration(Room& room, const Stanza& request, const Element& query)
{
    const Jid account = request.from.bare();
    if (auto allowed = may_register(room, request.from); !allowed) {
        co_return fail(allowed.error());
    }
    if (query.child(query.ns(), "remove") != nullptr) {
        if (query.children().size() != 1) {
            co_return fail(Condition::bad_request, "Who goes wants nothing else");
        }
        co_await ok(unregister(room, account));
        co_return confirm(room, request);
    }
    const std::optional<DataForm> form = co_await ok(submitted(query.child(data_form_ns, "x")));
    if (!form) {
        co_return confirm(room, request);
    }
    const std::string nick = co_await ok(nick_of(room, *form));
    forget_old_applicants(room);
    co_await ok(is_free(room, account, nick));
    co_await ok(screen_nick(room, request, nick));
    // In a moderated room that is voice, which is not for the taking (§7.13).
    const bool asks = (room.config.members_only || room.config.moderated) &&
                      room.affiliation_of(account) < Affiliation::member;
    const Applicant applicant{account, nick, {}};
    Task<Result<void>> registering = asks ? apply(room, applicant) : enroll(room, account, nick);
    const Result<void> registered = co_await registering;
    co_await ok(registered);
    co_return confirm(room, request);
}

} // namespace sarang::muc
