// SPDX-License-Identifier: Apache-2.0
// sarangctl: tells a running sarangd what to do, over its control socket. It knows no command
// itself; the words go to the server as they are.

#include "core/command.h"
#include "core/config.h"
#include "transport/control.h"
#include "transport/control_client.h"
#include "transport/terminal.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace sarang;

constexpr const char* default_socket = "/run/sarang/control.sock";

struct Flags {
    std::string socket;
    std::string config;
    bool json = false;
    bool password_stdin = false;
    bool version = false;
    std::vector<std::string> words;
};

int complain(ExitCode exit, std::string_view text)
{
    std::cout.flush(); // rows that came before
    const char* end = text.ends_with('\n') ? "" : "\n";
    std::fprintf(stderr, "sarangctl: %.*s%s", static_cast<int>(text.size()), text.data(), end);
    return static_cast<int>(exit);
}

/// The value of an option that is written --name=VALUE or --name VALUE.
std::optional<std::string>
value_of(std::string_view name, const std::vector<std::string>& words, std::size_t& at)
{
    const std::string& word = words[at];
    if (word == name && at + 1 < words.size()) {
        return words[++at];
    }
    if (word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=') {
        return word.substr(name.size() + 1);
    }
    return std::nullopt;
}

/// False for a word that is none of ours.
bool take_flag(const std::vector<std::string>& words, std::size_t& at, Flags& flags)
{
    const std::string& word = words[at];
    if (word == "--json") {
        flags.json = true;
    } else if (word == "--password-stdin") {
        flags.password_stdin = true;
    } else if (auto socket = value_of("--socket", words, at)) {
        flags.socket = std::move(*socket);
    } else if (auto config = value_of("--config", words, at)) {
        flags.config = std::move(*config);
    } else if (flags.words.empty() && (word == "--version" || word == "-V")) {
        flags.version = true;
    } else if (flags.words.empty() && (word == "--help" || word == "-h")) {
        flags.words.push_back("help");
    } else {
        return false;
    }
    return true;
}

Flags flags_of(const std::vector<std::string>& words)
{
    Flags flags;
    bool ours = true;
    for (std::size_t at = 0; at < words.size(); ++at) {
        ours = ours && words[at] != "--";
        if (!ours || !take_flag(words, at, flags)) {
            flags.words.push_back(words[at]);
        }
    }
    return flags;
}

Result<std::string> socket_by_config(const std::string& path)
{
    const auto config = Config::load(path);
    return config ? Result<std::string>{control_socket(**config)} : fail(config.error());
}

// What was said comes first, then the environment, then the installed configuration.
Result<std::string> socket_of(const Flags& flags)
{
    if (!flags.socket.empty()) {
        return flags.socket;
    }
    if (!flags.config.empty()) {
        return socket_by_config(flags.config);
    }
    if (const char* named = std::getenv("SARANG_SOCKET"); named != nullptr && *named != '\0') {
        return std::string{named};
    }
    return socket_by_config(SARANG_CONFIG).value_or(default_socket);
}

int unreachable(const Error& error)
{
    if (error.condition == Condition::forbidden) {
        return complain(
            ExitCode::refused, error.text + "\nOnly root and the user of sarangd may command it.");
    }
    return complain(
        ExitCode::unreachable,
        error.text +
            "\nIs it running? \"systemctl start sarang\" or \"sarangd --config FILE\" starts it."
            "\nIf it listens elsewhere, say so with --socket PATH, --config FILE or "
            "$SARANG_SOCKET.");
}

int show(const CommandOutcome& outcome, bool json)
{
    if (json) {
        if (!outcome.result.is_null()) {
            std::cout << outcome.result.dump() << '\n';
        }
    } else if (outcome.exit != ExitCode::ok) {
        return complain(outcome.exit, outcome.text);
    } else {
        std::cout << outcome.text;
    }
    std::cout.flush();
    return static_cast<int>(outcome.exit);
}

int run(const Flags& flags)
{
    if (flags.version) {
        std::cout << "sarangctl " PACKAGE_VERSION "\n";
        return 0;
    }
    const Result<std::string> socket = socket_of(flags);
    if (!socket) {
        return complain(ExitCode::usage, socket.error().text);
    }
    Result<ControlClient> client = ControlClient::connect(*socket);
    if (!client) {
        return unreachable(client.error());
    }
    const ControlClient::Person person{
        [&flags](const std::string& prompt, bool fresh) {
            return flags.password_stdin ? read_password(std::cin) : ask_password(prompt, fresh);
        },
        std::cin,
        [&flags](const Json& row, const std::string& text) {
            std::cout << (flags.json ? row.dump() + '\n' : text);
        }};
    const std::string folder = std::filesystem::current_path().string();
    const Result<CommandOutcome> outcome = client->run(flags.words, folder, person);
    if (!outcome) {
        const Condition condition = outcome.error().condition;
        return complain(
            condition == Condition::remote_server_timeout ? ExitCode::interrupted
            : condition == Condition::bad_request         ? ExitCode::usage
                                                          : ExitCode::failed,
            outcome.error().text);
    }
    return show(*outcome, flags.json);
}

} // namespace

int main(int argc, char** argv)
try {
    const std::vector<std::string> words{argv + 1, argv + argc};
    return run(flags_of(words));

} catch (const std::exception& exception) {
    return complain(ExitCode::failed, exception.what());
}
