// SPDX-License-Identifier: Apache-2.0
// CommandRegistry: what an operator can tell the server to do, and who does it. `sarangctl help` is
// made from it; each face (the control socket now) runs commands through it. Lives on shard 0.
#pragma once

#include "base/api.h"
#include "base/crypto.h"
#include "base/result.h"
#include "base/task.h"
#include "core/command_caller.h"
#include "core/command_spec.h"
#include "core/json.h"
#include "core/registration.h"
#include "xml/jid.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

/// One call: its arguments, checked and converted. What is asked for by name must be declared in
/// the command's spec.
class SARANG_API CommandCall {
public:
    explicit CommandCall(CommandCaller& caller)
        : caller_{caller}
    {}

    CommandCall(const CommandCall&) = delete;
    CommandCall& operator=(const CommandCall&) = delete;

    /// Whether an optional argument or option was given.
    bool has(std::string_view name) const { return arguments_.contains(name); }

    const std::string& text(std::string_view name) const;
    /// All that was given of an argument that may be repeated, or left out.
    std::vector<std::string> list(std::string_view name) const;
    const Jid& jid(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;
    std::int64_t integer_or(std::string_view name, std::int64_t standard) const;

    bool flag(std::string_view name) const { return has(name); }

    /// Requires a command that wants one.
    const Secret& password() const { return password_; }

    /// The next lines of the input argument; none when it is at its end.
    Task<Result<std::vector<std::string>>> lines();

    CommandCaller& caller() { return caller_; }

private:
    friend class CommandParser;
    friend class CommandRegistry;

    struct Argument {
        std::vector<std::string> texts;
        Jid jid;
        std::int64_t integer = 0;
    };

    const Argument& argument(std::string_view name) const;

    CommandCaller& caller_;
    std::map<std::string, Argument, std::less<>> arguments_;
    std::string input_;
    Secret password_;
};

/// What a process ends with; sarangctl(8) documents them.
enum class ExitCode : std::uint8_t { ok, failed, usage, unreachable, refused, interrupted };

struct CommandOutcome {
    ExitCode exit = ExitCode::ok;
    std::string text; ///< for people: the result, or what went wrong
    Json result;      ///< for programs
};

class SARANG_API CommandRegistry {
public:
    /// The call lives until its task ends.
    using Run = std::function<Task<Result<Json>>(CommandCall&)>;

    /// Knows `help`.
    CommandRegistry();
    ~CommandRegistry();
    CommandRegistry(const CommandRegistry&) = delete;
    CommandRegistry& operator=(const CommandRegistry&) = delete;

    /// Requires that no command has these words already, or only for other hosts: of those that
    /// are registered for a host each, a call runs the one of its first address argument, or of
    /// --host where there is none. Taking it back does not end a call that runs: the owner's gate
    /// does.
    Registration add(CommandSpec spec, Run run, std::string host = {});

    /// `registry.add(CommandSpec{"user add", …}, *this, &UserCommands::add)`
    template <class Owner>
    Registration
    add(CommandSpec spec,
        Owner& owner,
        Task<Result<Json>> (Owner::*deed)(CommandCall&),
        std::string host = {})
    {
        Run call_it = [&owner, deed](CommandCall& call) { return (owner.*deed)(call); };
        return add(std::move(spec), std::move(call_it), std::move(host));
    }

    /// Runs what the words say. A path among the arguments is taken from `folder`, the caller's.
    /// `caller` must outlive the task. Never throws for what a command does.
    Task<CommandOutcome>
    run(std::vector<std::string> words, std::string folder, CommandCaller& caller);

    /// Sorted by their words.
    std::vector<const CommandSpec*> specs() const;

private:
    struct Command;
    using CommandPtr = std::shared_ptr<const Command>;
    using Commands = std::vector<CommandPtr>; ///< of the same words

    Task<Result<Json>> help(CommandCall& call);
    Task<CommandOutcome> call(
        CommandSpec spec,
        std::vector<std::string> arguments,
        std::string folder,
        CommandCaller& caller);
    const Commands* find(const std::vector<std::string>& words) const;
    Result<CommandPtr> choose(const CommandSpec& spec, const CommandCall& call) const;
    CommandOutcome unknown(const std::vector<std::string>& words) const;
    void remove(const Command& command);

    std::map<std::string, Commands, std::less<>> commands_;
    Registration help_;
};

} // namespace sarang
