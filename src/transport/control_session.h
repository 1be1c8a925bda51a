// SPDX-License-Identifier: Apache-2.0
// ControlSession: one connection of sarangctl. It says {"argv":["user","add",…],"cwd":"/root"} and
// hears {"row":…,"text":…} any number of times, then {"exit":0,"text":…,"result":…}. In between it
// may be asked {"ask":"password","prompt":…,"fresh":true} and answers {"password":…}, or
// {"ask":"lines","file":…} and answers {"lines":[…]}, none at the end; or {"error":…} to either.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "core/command.h"
#include "core/json.h"
#include "net/connection.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class Control;

class ControlSession final : public ConnectionEvents, public CommandCaller {
public:
    ControlSession(Control& control, Socket socket, std::uint32_t user);
    ControlSession(const ControlSession&) = delete;
    ControlSession& operator=(const ControlSession&) = delete;

    /// Says this as the end of a command, and goes.
    void refuse(ExitCode exit, std::string text);
    /// Says what came of the command that ran, and waits while the reader is slow.
    Task<void> conclude(const CommandOutcome& outcome);
    /// Goes on with what came meanwhile.
    void resume();
    /// Waits for the person at the other end no longer: the server is stopping.
    void hurry();
    /// Goes once what is written is read.
    void finish();

    bool gone() const { return !connection_; }

    // As an owner of a Connection.
    void on_bytes(std::string_view bytes) override;
    void on_closed(CloseReason reason, std::string_view detail) override;
    void on_drained() override;

    // As a caller of commands.
    std::string name() const override;
    bool may(Permission permission) const override;
    Task<Result<void>> send(Json row) override;
    Task<Result<Secret>> password(std::string prompt, bool fresh) override;
    Task<Result<std::vector<std::string>>> lines(std::string file) override;

private:
    void listen();
    void take_lines();
    bool take_line();
    void take(const Json& line);
    void begin(const Json& request);
    void write(const Json& line);
    void write_end(const CommandOutcome& outcome);
    Task<void> settle();
    Task<Result<Json>> ask(Json question, std::string_view wanted);

    Control& control_;
    std::uint32_t user_;
    std::unique_ptr<Connection> connection_;
    std::string input_;
    bool running_ = false;
    bool taking_ = false;
    Oneshot<Result<Json>>* answer_ = nullptr; ///< while it is asked something
    Oneshot<bool>* drained_ = nullptr;        ///< while its output waits
};

} // namespace sarang
