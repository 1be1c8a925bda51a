// SPDX-License-Identifier: Apache-2.0
#include "core/command.h"

#include "base/log.h"
#include "core/command_help.h"
#include "core/command_parser.h"
#include "core/command_text.h"
#include "core/nearest.h"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <stdexcept>

namespace sarang {
namespace {

const Log command_log{"command"};

CommandOutcome failure(const Error& error, ExitCode exit)
{
    std::string text = error.text.empty() ? std::string{name(error.condition)} : error.text;
    // Whoever may run commands may know the cause.
    if (!error.cause.empty()) {
        text += fmt::format(" ({})", error.cause);
    }
    Json object = Json::object();
    object.set("condition", name(error.condition)).set("text", text);
    return {exit, text + '\n', Json::object().set("error", std::move(object))};
}

CommandOutcome failure(const Error& error)
{
    return failure(
        error, error.condition == Condition::forbidden ? ExitCode::refused : ExitCode::failed);
}

// "{jid}" in a prompt stands for what was given.
std::string filled(std::string prompt, const CommandSpec& spec, const CommandCall& call)
{
    for (const Parameter& parameter : spec.parameters) {
        const std::string mark = fmt::format("{{{}}}", parameter.name);
        const std::size_t at = prompt.find(mark);
        if (at != prompt.npos && call.has(parameter.name)) {
            prompt.replace(at, mark.size(), call.text(parameter.name));
        }
    }
    return prompt;
}

const Parameter* address_of(const CommandSpec& spec)
{
    const auto found =
        std::find_if(spec.parameters.begin(), spec.parameters.end(), [](const Parameter& one) {
            return one.kind == Parameter::Kind::jid || one.kind == Parameter::Kind::host;
        });
    return found == spec.parameters.end() ? nullptr : &*found;
}

} // namespace

struct CommandRegistry::Command {
    CommandSpec spec;
    Run run;
    std::string host;
};

const CommandCall::Argument& CommandCall::argument(std::string_view name) const
{
    const auto found = arguments_.find(name);
    if (found == arguments_.end()) {
        throw std::out_of_range{fmt::format("a command asks for {}, which was not given", name)};
    }
    return found->second;
}

const std::string& CommandCall::text(std::string_view name) const
{
    return argument(name).texts.front();
}

std::vector<std::string> CommandCall::list(std::string_view name) const
{
    const auto found = arguments_.find(name);
    return found == arguments_.end() ? std::vector<std::string>{} : found->second.texts;
}

const Jid& CommandCall::jid(std::string_view name) const
{
    return argument(name).jid;
}

std::int64_t CommandCall::integer(std::string_view name) const
{
    return argument(name).integer;
}

std::int64_t CommandCall::integer_or(std::string_view name, std::int64_t standard) const
{
    return has(name) ? integer(name) : standard;
}

Task<Result<std::vector<std::string>>> CommandCall::lines()
{
    return caller_.lines(input_);
}

CommandRegistry::CommandRegistry()
{
    CommandSpec spec{"help", "Lists the commands, or explains one.", Permission::read};
    spec.rest("command", "the command to explain")
        .flag("complete", "one line a command, for a shell to complete from")
        .shown(help_text);
    help_ = add(std::move(spec), *this, &CommandRegistry::help);
}

CommandRegistry::~CommandRegistry() = default;

Registration CommandRegistry::add(CommandSpec spec, Run run, std::string host)
{
    if (!host.empty() && address_of(spec) == nullptr) {
        spec.option(Parameter::Kind::host, "host", "on which host, if it is on several");
    }
    Commands& same = commands_[spec.words];
    for (const CommandPtr& other : same) {
        if (other->host == host) {
            throw std::logic_error{fmt::format("there are two commands \"{}\"", spec.words)};
        }
    }
    const auto command =
        std::make_shared<const Command>(Command{std::move(spec), std::move(run), std::move(host)});
    same.push_back(command);
    return Registration{[this, known = command.get()] { remove(*known); }};
}

void CommandRegistry::remove(const Command& command)
{
    const auto found = commands_.find(command.spec.words);
    std::erase_if(
        found->second, [&command](const CommandPtr& one) { return one.get() == &command; });
    if (found->second.empty()) {
        commands_.erase(found);
    }
}

Task<CommandOutcome>
CommandRegistry::run(std::vector<std::string> words, std::string folder, CommandCaller& caller)
{
    const Commands* commands = find(words);
    if (commands == nullptr) {
        co_return unknown(words);
    }
    CommandSpec spec = commands->front()->spec;
    const auto named = std::count(spec.words.begin(), spec.words.end(), ' ') + 1;
    words.erase(words.begin(), words.begin() + named);
    if (!caller.may(spec.permission)) {
        command_log.warn("{} was refused to {}", spec.words, caller.name());
        const Error error{
            Condition::forbidden, fmt::format("{} may not do this", caller.name()), {}, {}};
        co_return failure(error);
    }
    Task<CommandOutcome> task = call(std::move(spec), std::move(words), std::move(folder), caller);
    CommandOutcome outcome = co_await task;
    co_return outcome;
}

Task<CommandOutcome> CommandRegistry::call(
    CommandSpec spec, std::vector<std::string> arguments, std::string folder, CommandCaller& caller)
try {
    CommandCall call{caller};
    CommandParser parser{spec, folder, call};
    if (const Result<void> parsed = parser.parse(arguments); !parsed) {
        co_return failure(parsed.error(), ExitCode::usage);
    }
    const Result<CommandPtr> command = choose(spec, call);
    if (!command) {
        co_return failure(command.error());
    }
    if (!spec.prompt.empty()) {
        std::string prompt = filled(spec.prompt, spec, call);
        Task<Result<Secret>> asked = caller.password(std::move(prompt), spec.fresh_password);
        Result<Secret> password = co_await asked;
        if (!password) {
            co_return failure(password.error());
        }
        call.password_ = std::move(password).value();
    }
    if (spec.permission != Permission::read) {
        command_log.info("{} by {}", spec.words, caller.name());
    }
    Task<Result<Json>> task = (*command)->run(call);
    Result<Json> result = co_await task;
    if (!result) {
        co_return failure(result.error());
    }
    std::string text = spec.text ? spec.text(*result) : text_of(*result);
    co_return CommandOutcome{ExitCode::ok, std::move(text), std::move(result).value()};

} catch (const std::exception& exception) {
    command_log.error("{}: {}", spec.words, exception.what());
    co_return failure(Error{Condition::internal_server_error, exception.what(), {}, {}});
}

Result<CommandRegistry::CommandPtr>
CommandRegistry::choose(const CommandSpec& spec, const CommandCall& call) const
{
    const Commands& same = commands_.find(spec.words)->second;
    const Parameter* address = address_of(spec);
    if (same.front()->host.empty()) {
        return same.front();
    }
    if (address == nullptr || !call.has(address->name)) {
        return same.size() == 1
                   ? Result<CommandPtr>{same.front()}
                   : fail(Condition::bad_request, "several hosts have this: say --host");
    }
    const std::string_view host = call.jid(address->name).domain();
    for (const CommandPtr& one : same) {
        if (one->host == host) {
            return one;
        }
    }
    return fail(Condition::item_not_found, fmt::format("{} has no such command", host));
}

const CommandRegistry::Commands* CommandRegistry::find(const std::vector<std::string>& words) const
{
    const Commands* longest = nullptr;
    std::string name;
    for (const std::string& word : words) {
        name += (name.empty() ? "" : " ") + word;
        if (const auto found = commands_.find(name); found != commands_.end()) {
            longest = &found->second;
        }
    }
    return longest;
}

CommandOutcome CommandRegistry::unknown(const std::vector<std::string>& words) const
{
    if (words.empty()) {
        CommandOutcome outcome =
            failure(Error{Condition::bad_request, "no command", {}, {}}, ExitCode::usage);
        outcome.text = help_text(help_list(specs()));
        return outcome;
    }
    std::string text = unknown_command(words, specs());
    return failure(Error{Condition::item_not_found, std::move(text), {}, {}}, ExitCode::usage);
}

std::vector<const CommandSpec*> CommandRegistry::specs() const
{
    std::vector<const CommandSpec*> all;
    for (const auto& [words, commands] : commands_) {
        all.push_back(&commands.front()->spec);
    }
    return all;
}

Task<Result<Json>> CommandRegistry::help(CommandCall& call)
{
    const std::vector<std::string> words = call.list("command");
    if (call.flag("complete")) {
        co_return help_completion(specs());
    }
    if (words.empty()) {
        co_return help_list(specs());
    }
    const Commands* commands = find(words);
    if (commands != nullptr) {
        co_return help_of(commands->front()->spec);
    }
    Json group = help_group(words, specs());
    if (!group.elements()->empty()) {
        co_return group;
    }
    co_return fail(Condition::item_not_found, unknown_command(words, specs()));
}

} // namespace sarang
