// SPDX-License-Identifier: Apache-2.0
// ControlClient: sarangctl's end of the control socket; control_session.h says what is spoken. A
// plain socket that blocks: there is no loop in a program that does one thing.
#pragma once

#include "base/api.h"
#include "base/crypto.h"
#include "base/result.h"
#include "core/command.h"
#include "core/json.h"
#include "net/socket.h"

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class SARANG_API ControlClient {
public:
    /// What the server asks of the one who calls.
    struct Person {
        std::function<Result<Secret>(const std::string& prompt, bool fresh)> password;
        /// What "-" stands for.
        std::istream& input;
        /// Called with each row of a long answer, and its text.
        std::function<void(const Json& row, const std::string& text)> row;
    };

    /// What is wrong is said for people. `forbidden` when this user may not, `item-not-found`
    /// when nobody listens.
    static Result<ControlClient> connect(const std::string& path);

    /// Runs one command. Fails with `remote-server-timeout` when the server went away before its
    /// end: nobody knows then whether it was done.
    Result<CommandOutcome>
    run(const std::vector<std::string>& words, const std::string& folder, const Person& person);

private:
    class Lines;

    explicit ControlClient(Socket socket)
        : socket_{std::move(socket)}
    {}

    void say(const Json& line);
    Result<Json> hear();
    Result<Json> answer(const Json& question, const Person& person, std::unique_ptr<Lines>& lines);

    Socket socket_;
    std::string input_;
};

} // namespace sarang
