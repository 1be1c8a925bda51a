// SPDX-License-Identifier: Apache-2.0
#include "transport/control.h"

#include "base/log.h"
#include "net/address.h"
#include "transport/control_session.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace sarang {
namespace {

const Log control_log{"control"};

} // namespace

ControlOptions::ControlOptions(Schema& schema, std::shared_ptr<const Config> config)
    : options{schema, std::move(config), "control"}
    , socket{options.string(
          "socket",
          "",
          "path of the socket of sarangctl; control.sock in the data folder when empty",
          Effect::restart)}
    , max_connections{options.integer(
          "max_connections", 16, {1, 1000}, "how many may be connected at once")}
    , max_line{options.size(
          "max_line",
          256 * 1024,
          {64 * 1024, 16 * 1024 * 1024},
          "the longest request that is taken")}
{}

std::string control_socket(const Config& config)
{
    const auto text = [&config](const char* section, const char* key) {
        const ConfigValue* value = config.find({{}, section, key});
        const auto* string = value == nullptr ? nullptr : std::get_if<std::string>(&value->content);
        return string == nullptr ? std::string{} : *string;
    };
    if (const std::string socket = text("control", "socket"); !socket.empty()) {
        return config.resolve(socket);
    }
    const std::string data = text("", "data");
    return data.empty() ? "/run/sarang/control.sock" : config.resolve(data) + "/control.sock";
}

Control::Control(
    Shard& shard,
    CommandRegistry& commands,
    const ControlOptions& options,
    std::vector<std::uint32_t> users)
    : shard_{shard}
    , commands_{commands}
    , options_{options}
    , users_{std::move(users)}
{}

Control::~Control() = default;

Result<void> Control::listen(const std::string& path)
{
    Result<SocketAddress> address = SocketAddress::local(path);
    if (!address) {
        return fail(std::move(address).error());
    }
    Result<std::vector<Socket>> sockets = listen_at(*address, 1);
    if (!sockets) {
        return fail(std::move(sockets).error());
    }
    listener_.emplace(
        shard_, std::move(sockets->front()), [this](Socket socket, const SocketAddress&) {
            accept(std::move(socket));
        });
    return {};
}

void Control::accept(Socket socket)
{
    const auto most = static_cast<std::size_t>(*options_.max_connections);
    if (sessions_.size() >= 2 * most) {
        return; // not even time for a refusal
    }
    const auto peer = socket.credentials();
    const std::uint32_t user = peer ? peer->user : UINT32_MAX;
    const bool trusted = std::find(users_.begin(), users_.end(), user) != users_.end();
    sessions_.push_back(std::make_unique<ControlSession>(*this, std::move(socket), user));
    ControlSession& session = *sessions_.back();
    if (!trusted) {
        control_log.warn("{} was refused", session.name());
        session.refuse(
            ExitCode::refused, fmt::format("{} may not command this server", session.name()));
    } else if (sessions_.size() > most) {
        session.refuse(ExitCode::failed, "too many are connected, see control.max_connections");
    }
}

void Control::serve(ControlSession& session, std::vector<std::string> words, std::string folder)
{
    gate_.spawn(run(session, std::move(words), std::move(folder)));
}

// The session stays until its command has ended, also when its connection does not.
Task<void> Control::run(ControlSession& session, std::vector<std::string> words, std::string folder)
{
    Task<CommandOutcome> task = commands_.run(std::move(words), std::move(folder), session);
    const CommandOutcome outcome = co_await task;
    Task<void> concluding = session.conclude(outcome);
    co_await concluding;
    if (session.gone()) {
        remove(session);
    } else {
        session.resume();
    }
}

void Control::remove(const ControlSession& session)
{
    std::erase_if(sessions_, [&session](const auto& one) { return one.get() == &session; });
    if (closing_ && sessions_.empty()) {
        empty_.accept(true);
    }
}

Task<void> Control::close()
{
    listener_.reset();
    closing_ = true;
    for (const auto& session : sessions_) {
        session->hurry();
    }
    Task<void> ended = gate_.close();
    co_await ended;
    for (const auto& session : sessions_) {
        session->finish();
    }
    if (!sessions_.empty()) {
        static_cast<void>(co_await empty_);
    }
}

} // namespace sarang
