// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/search.h"

#include "core/data_form.h"
#include "xml/casefold.h"
#include "xml/stanza.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sarang::muc {
namespace {

constexpr std::string_view params_ns = "urn:xmpp:channel-search:0:search-params";
constexpr std::string_view error_ns = "urn:xmpp:channel-search:0:error";
constexpr std::string_view anonymity_none = "{urn:xmpp:channel-search:0:anonymity}none";
constexpr std::string_view by_users = "{urn:xmpp:channel-search:0:order}nusers";
constexpr std::string_view by_address = "{urn:xmpp:channel-search:0:order}address";
constexpr std::string_view muc_type = "xep-0045";
constexpr std::string_view min_users_field = "min_users";

struct Place {
    std::string_view var;
    std::string_view label;
    bool RoomSearch::*member;
};

// The XEP calls the last one so in its text, and "sinaddr" in its examples.
constexpr std::array places{
    Place{"sinname", "Search in name", &RoomSearch::in_name},
    Place{"sindescription", "Search in description", &RoomSearch::in_description},
    Place{"{urn:sarang:muc:0}sinlanguage", "Search in language", &RoomSearch::in_language},
    Place{"sinaddr", "Search in address", &RoomSearch::in_address},
    Place{"sinaddress", "Search in address", &RoomSearch::in_address},
};

Element refusal(Condition condition, ErrorType type, std::string_view text, std::string_view name)
{
    Element error = error_element(Error{condition, std::string{text}, {}, type});
    error.add(error_ns, name);
    return error;
}

Element malformed(const Error& error)
{
    return error_element(error);
}

// Something that is more than punctuation.
bool tells_something(std::string_view term)
{
    return std::ranges::any_of(term, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               static_cast<unsigned char>(c) >= 0x80;
    });
}

std::vector<std::string> terms_of(std::string_view text)
{
    std::vector<std::string> terms;
    const std::string folded = casefold(text);
    constexpr std::string_view spaces = " \t\r\n";
    for (std::size_t at = folded.find_first_not_of(spaces); at != folded.npos;) {
        const std::size_t end = std::min(folded.find_first_of(spaces, at), folded.size());
        std::string term = folded.substr(at, end - at);
        if (tells_something(term)) {
            terms.push_back(std::move(term));
        }
        at = folded.find_first_not_of(spaces, end);
    }
    std::ranges::sort(terms);
    terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
    return terms;
}

// As in a form that is not sent back: whoever leaves a field empty leaves it out.
std::optional<std::string> given(const DataForm& form, std::string_view var)
{
    const std::vector<std::string> texts = form.texts(var);
    return texts.empty() || texts.front().empty() ? std::nullopt : std::optional{texts.front()};
}

std::optional<Element> read_places(const DataForm& form, RoomSearch& search)
{
    for (const Place& place : places) {
        const Result<std::optional<bool>> on = form.boolean(place.var);
        if (!on) {
            return malformed(on.error());
        }
        search.*place.member = on->value_or(search.*place.member);
    }
    return std::nullopt;
}

std::optional<Element> read_order(const DataForm& form, RoomSearch& search)
{
    const std::optional<std::string> key = given(form, "key");
    if (key && *key != by_users && *key != by_address) {
        return refusal(
            Condition::feature_not_implemented,
            ErrorType::modify,
            "There is no such order",
            "invalid-sort-key");
    }
    search.order = key == by_address ? RoomSearch::Order::address : RoomSearch::Order::users;
    return std::nullopt;
}

std::optional<Element> read_kinds(const DataForm& form, RoomSearch& search)
{
    const std::vector<std::string> types = form.texts("types");
    search.rooms = types.empty() || std::ranges::find(types, muc_type) != types.end();
    const std::string least = given(form, min_users_field).value_or("0");
    const auto [end, error] =
        std::from_chars(least.data(), least.data() + least.size(), search.min_users);
    if (error != std::errc{} || end != least.data() + least.size()) {
        return malformed({Condition::bad_request, "min_users is a number", {}, {}});
    }
    return std::nullopt;
}

Element conflicting()
{
    Element error = error_element(
        {Condition::bad_request,
         "\"Return all entries\" and \"Search for\" cannot go together",
         {},
         ErrorType::modify});
    Element& fields = error.add(error_ns, "conflicting-fields");
    fields.add("var").text("all");
    fields.add("var").text("q");
    return error;
}

Element nothing_asked()
{
    return refusal(
        Condition::bad_request,
        ErrorType::cancel,
        "Say what to search for, and where",
        "no-search-conditions");
}

Element invalid_terms()
{
    return refusal(
        Condition::bad_request,
        ErrorType::modify,
        "What is searched for is up to 16 words with letters or digits",
        "invalid-search-terms");
}

Element no_full_set()
{
    return refusal(
        Condition::not_allowed,
        ErrorType::cancel,
        "Not all rooms are told at once; search for words",
        "full-set-retrieval-rejected");
}

std::optional<Element> read_words(const DataForm& form, bool with_all, RoomSearch& search)
{
    const Result<std::optional<bool>> asks_all = form.boolean("all");
    if (!asks_all) {
        return malformed(asks_all.error());
    }
    const bool all = asks_all->value_or(false);
    const std::optional<std::string> words = given(form, "q");
    if (all && words) {
        return conflicting();
    }
    if (all) {
        return with_all ? std::nullopt : std::optional{no_full_set()};
    }
    const bool somewhere =
        std::ranges::any_of(places, [&search](const Place& place) { return search.*place.member; });
    if (!words || !somewhere) {
        return nothing_asked();
    }
    if (words->size() <= RoomSearch::longest_text) {
        search.terms = terms_of(*words);
    }
    if (search.terms.empty() || search.terms.size() > RoomSearch::most_terms) {
        return invalid_terms();
    }
    return std::nullopt;
}

bool speaks(std::string_view language, std::string_view term)
{
    return !language.empty() &&
           (language == term ||
            (language.starts_with(term) && language.substr(term.size()).starts_with('-')));
}

FormField::Choice choice(std::string_view label, std::string_view value)
{
    return {std::string{label}, std::string{value}};
}

} // namespace

// The domain is the same in all addresses: only who writes a part of one means that.
bool RoomSearch::matches(const PublicRoom& room) const
{
    if (!rooms || room.users < min_users) {
        return false;
    }
    if (terms.empty()) {
        return true;
    }
    const std::string name = in_name ? casefold(room.name) : std::string{};
    const std::string description = in_description ? casefold(room.description) : std::string{};
    const std::string language = in_language ? casefold(room.language) : std::string{};
    const std::string_view address = in_address ? std::string_view{room.room} : std::string_view{};
    const std::string_view local = address.substr(0, address.find('@'));
    return std::ranges::all_of(terms, [&](const std::string& term) {
        const bool of_address = term.find_first_of("@.") != term.npos;
        return name.find(term) != name.npos || description.find(term) != description.npos ||
               (of_address ? address : local).find(term) != address.npos || speaks(language, term);
    });
}

Element search_form(bool with_all)
{
    DataForm form{"form", std::string{params_ns}};
    form.add({"text-single", "q", "Search for"});
    if (with_all) {
        form.add({"boolean", "all", "Return all entries (ignore search terms)"});
    }
    for (const Place& place : places) {
        if (place.var != "sinaddr") {
            form.add({"boolean", std::string{place.var}, std::string{place.label}, {"true"}});
        }
    }
    form.add({"text-single", std::string{min_users_field}, "Minimum number of users", {"0"}});
    form.add(
        {"list-multi",
         "types",
         "Service types",
         {std::string{muc_type}},
         {choice("XEP-0045 Multi User Chats", muc_type)}});
    form.add(
        {"list-single",
         "key",
         "Sort results by",
         {std::string{by_users}},
         {choice("Number of online users", by_users), choice("Address", by_address)}});
    Element reply{search_ns, "search"};
    reply.add(form.element());
    return reply;
}

std::variant<RoomSearch, Element> read_search(const Element& x, bool with_all)
{
    const Result<DataForm> form = DataForm::read(x);
    if (!form) {
        return malformed(form.error());
    }
    if (form->type() != "submit" || form->form_type() != params_ns) {
        return malformed({Condition::bad_request, "This is no search that is submitted", {}, {}});
    }
    RoomSearch search;
    std::optional<Element> error = read_places(*form, search);
    if (!error) {
        error = read_order(*form, search);
    }
    if (!error) {
        error = read_kinds(*form, search);
    }
    if (!error) {
        error = read_words(*form, with_all, search);
    }
    if (error) {
        return std::move(*error);
    }
    return search;
}

Element search_too_soon(std::uint64_t seconds)
{
    const std::string left = std::to_string(seconds);
    Element error = error_element(
        {Condition::resource_constraint,
         "Too many searches; again in " + left + " seconds",
         {},
         ErrorType::wait});
    error.add(error_ns, "rate-limit").set("retry-after", left);
    return error;
}

Element search_item(const PublicRoom& room)
{
    Element item{search_ns, "item"};
    item.set("address", room.room);
    item.add("name").text(room.name);
    if (!room.description.empty()) {
        item.add("description").text(room.description);
    }
    if (!room.language.empty()) {
        item.add("language").text(room.language);
    }
    if (room.open) {
        item.add("nusers").text(std::to_string(room.users));
        item.add("is-open").text("true"); // clients look whether it is there
    }
    item.add("service-type").text(muc_type);
    item.add("anonymity-mode")
        .text(room.non_anonymous ? anonymity_none : std::string_view{"muc_semianonymous"});
    return item;
}

// As disco#info has it, who is in a room that not everybody may enter is nobody's business.
PublicRoom
public_room(std::string room, std::string name, const RoomConfig& config, std::size_t occupants)
{
    const bool open = !config.members_only && config.password.empty();
    return {
        std::move(room),
        std::move(name),
        config.description,
        config.language,
        open ? occupants : 0,
        open,
        config.non_anonymous,
        false};
}

} // namespace sarang::muc
