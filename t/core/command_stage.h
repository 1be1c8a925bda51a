// SPDX-License-Identifier: Apache-2.0
// CommandStage: a registry and one who calls its commands, on this thread's loop.
#pragma once

#include "core/command.h"

#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../fake/loop.h"

namespace sarang {

class FakeCaller final : public CommandCaller {
public:
    bool allowed = true;
    bool gone = false;
    std::string secret;
    std::deque<std::vector<std::string>> file; ///< what lines() gives, piece by piece
    std::vector<Json> rows;
    std::vector<std::string> prompts;
    std::string opened;

    std::string name() const override { return "tester"; }

    bool may(Permission permission) const override
    {
        return allowed || permission == Permission::read;
    }

    Task<Result<void>> send(Json row) override
    {
        co_await yield();
        if (gone) {
            co_return fail(Condition::recipient_unavailable, "gone");
        }
        rows.push_back(std::move(row));
        co_return Result<void>{};
    }

    Task<Result<Secret>> password(std::string prompt, bool fresh) override
    {
        co_await yield();
        prompts.push_back(prompt + (fresh ? ", twice" : ""));
        if (gone) {
            co_return fail(Condition::recipient_unavailable, "gone");
        }
        co_return Secret{secret};
    }

    Task<Result<std::vector<std::string>>> lines(std::string name) override
    {
        co_await yield();
        opened = name;
        std::vector<std::string> piece;
        if (!file.empty()) {
            piece = std::move(file.front());
            file.pop_front();
        }
        co_return piece;
    }
};

class CommandStage {
public:
    Loop loop;
    CommandRegistry registry;
    FakeCaller caller;

    CommandOutcome run(std::vector<std::string> words)
    {
        std::optional<CommandOutcome> outcome;
        Running running{call(std::move(words), outcome)};
        loop.run();
        if (!outcome) {
            throw std::runtime_error{"the command waits for ever"};
        }
        return std::move(*outcome);
    }

    std::string text(std::vector<std::string> words) { return run(std::move(words)).text; }

private:
    Task<void> call(std::vector<std::string> words, std::optional<CommandOutcome>& outcome)
    {
        Task<CommandOutcome> task = registry.run(std::move(words), "/home/tester", caller);
        outcome = co_await task;
    }
};

} // namespace sarang
