// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/adhoc.h"

#include "base/id.h"

#include <algorithm>
#include <array>
#include <utility>

#include "modules/muc/hat_commands.h"
#include "modules/muc/muc.h"
#include "modules/muc/requests.h"

namespace sarang::muc {
namespace {

constexpr std::string_view info_ns = "http://jabber.org/protocol/disco#info";
constexpr std::string_view items_ns = "http://jabber.org/protocol/disco#items";

std::array<std::span<const AdHocCommand>, 1> tables()
{
    return {hat_commands()};
}

const AdHocCommand* find(std::string_view node)
{
    for (const std::span<const AdHocCommand> table : tables()) {
        const auto found = std::ranges::find(table, node, &AdHocCommand::node);
        if (found != table.end()) {
            return &*found;
        }
    }
    return nullptr;
}

// Nothing is remembered of a session: its identifier says for whom and for what it was made, so
// that a form may be filled in for as long as it takes.
std::string
sealed(const Room& room, const Stanza& request, std::string_view node, std::string nonce)
{
    std::string words{"command "};
    for (const std::string_view part :
         {room.jid.str(), request.from.str(), node, std::string_view{nonce}}) {
        words += part;
        words += '\0';
    }
    return nonce + '.' + room.muc.seal(words);
}

bool is_session(const Room& room, const Stanza& request, std::string_view node, std::string_view id)
{
    const std::string nonce{id.substr(0, id.find('.'))};
    return equal_in_constant_time(id, sealed(room, request, node, nonce));
}

Element command_element(std::string_view node, std::string_view session, std::string_view status)
{
    Element command{commands_ns, "command"};
    command.set("node", node).set("sessionid", session).set("status", status);
    return command;
}

// §4.4: with what is wrong in the terms of commands. It is sent here.
IqAnswer
refuse(Room& room, const Stanza& request, std::string_view condition, std::string_view text)
{
    const Error error{Condition::bad_request, std::string{text}, {}, {}};
    Element element = error_element(error);
    element.add(commands_ns, condition);
    Stanza answer = request.error_reply(error);
    answer.payload = Payload::make(element);
    room.router().route(std::move(answer));
    return std::optional<Element>{};
}

enum class Action : std::uint8_t { execute, cancel, none, unknown };

// All commands have one form at the most: what follows it completes them.
Action action_of(const Element& command)
{
    const std::string_view action = command.attribute("action");
    if (action == "cancel") {
        return Action::cancel;
    }
    if (action == "prev" || action == "next") {
        return Action::none;
    }
    const bool known = action.empty() || action == "execute" || action == "complete";
    return known ? Action::execute : Action::unknown;
}

// A form of type cancel is as good as the action (XEP-0004 §3.1).
Result<std::optional<DataForm>> form_in(const Element& command)
{
    const Element* const x = command.child(data_form_ns, "x");
    if (x == nullptr) {
        return std::optional<DataForm>{};
    }
    Result<DataForm> form = DataForm::read(*x);
    if (!form) {
        return std::move(form).failure();
    }
    return std::optional{std::move(*form)};
}

} // namespace

IqAnswer ask(const Execution& execution, const Element& form)
{
    Element command = command_element(execution.node, execution.session, "executing");
    command.add("actions").set("execute", "complete").add("complete");
    command.add(form);
    return std::optional{std::move(command)};
}

IqAnswer answer_with(const Execution& execution, const Element& result)
{
    Element command = command_element(execution.node, execution.session, "completed");
    command.add(result);
    return std::optional{std::move(command)};
}

IqAnswer complete(Room& room, const Execution& execution)
{
    Stanza reply = execution.request.reply(Type::result);
    reply.payload = Payload::make(command_element(execution.node, execution.session, "completed"));
    room.router().route(std::move(reply));
    return std::optional<Element>{};
}

IqAnswer refuse_payload(Room& room, const Execution& execution, std::string_view text)
{
    return refuse(room, execution.request, "bad-payload", text);
}

std::optional<IqAnswer> command_info(const Room& room, const Jid& who, std::string_view node)
{
    const AdHocCommand* const command = find(node);
    if (command == nullptr && node != commands_ns) {
        return std::nullopt;
    }
    if (command != nullptr && !command->may(room, who)) {
        return fail(Condition::forbidden, "This command is not for you");
    }
    Element reply{info_ns, "query"};
    reply.set("node", node);
    Element& identity = reply.add("identity").set("category", "automation");
    identity.set("type", command != nullptr ? "command-node" : "command-list");
    identity.set("name", command != nullptr ? command->name : "Commands");
    reply.add("feature").set("var", commands_ns);
    reply.add("feature").set("var", data_form_ns);
    return std::optional{std::move(reply)};
}

Element command_items(const Room& room, const Jid& who)
{
    Element reply{items_ns, "query"};
    reply.set("node", commands_ns);
    for (const std::span<const AdHocCommand> table : tables()) {
        for (const AdHocCommand& command : table) {
            if (command.may(room, who)) {
                Element& item = reply.add("item").set("jid", room.jid.str());
                item.set("node", command.node).set("name", command.name);
            }
        }
    }
    return reply;
}

Task<IqAnswer> run_command(Room& room, const Stanza& request, const Element& element)
{
    const std::string node{element.attribute("node")};
    const AdHocCommand* const command = find(node);
    if (command == nullptr) {
        co_return fail(Condition::item_not_found, "There is no such command");
    }
    if (!command->may(room, request.from)) {
        co_return fail(Condition::forbidden, "This command is not for you");
    }
    std::string session{element.attribute("sessionid")};
    if (session.empty()) {
        session = sealed(room, request, node, random_id());
    } else if (!is_session(room, request, node, session)) {
        co_return refuse(room, request, "bad-sessionid", "There is no such session");
    }
    const Action action = action_of(element);
    if (action == Action::none) {
        co_return refuse(room, request, "bad-action", "There is no other stage");
    }
    if (action == Action::unknown) {
        co_return refuse(room, request, "malformed-action", "There is no such action");
    }
    Result<std::optional<DataForm>> form = form_in(element);
    if (!form) {
        co_return refuse(room, request, "bad-payload", form.error().text);
    }
    if (action == Action::cancel || (*form && (*form)->type() == "cancel")) {
        co_return std::optional{command_element(node, session, "canceled")};
    }
    const Execution execution{request, node, std::move(session), std::move(*form)};
    Task<IqAnswer> running = command->run(room, execution);
    co_return co_await running;
}

} // namespace sarang::muc
