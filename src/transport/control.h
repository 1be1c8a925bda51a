// SPDX-License-Identifier: Apache-2.0
// Control: the UNIX socket of sarangctl. Each line is a JSON object; control_session.h says which.
// Lives on shard 0, where the commands run.
#pragma once

#include "base/api.h"
#include "base/gate.h"
#include "base/result.h"
#include "base/task.h"
#include "core/command.h"
#include "core/config.h"
#include "core/option.h"
#include "net/listener.h"
#include "net/shard.h"
#include "net/socket.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sarang {

class ControlSession;

/// The table [control].
struct SARANG_API ControlOptions {
    ControlOptions(Schema& schema, std::shared_ptr<const Config> config);

    Options options;
    Option<std::string> socket;
    Option<std::int64_t> max_connections;
    Option<std::size_t> max_line;
};

/// Where the socket of a server with this configuration is.
SARANG_API std::string control_socket(const Config& config);

class SARANG_API Control {
public:
    /// Serves the users of these ids. Requires that close() is awaited before the end.
    Control(
        Shard& shard,
        CommandRegistry& commands,
        const ControlOptions& options,
        std::vector<std::uint32_t> users);
    ~Control();
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;

    /// Starts to listen; requires the shard's thread, as all else here.
    Result<void> listen(const std::string& path);

    /// Takes no more commands in, waits for those that run, and lets their callers read the rest.
    Task<void> close();

    std::size_t connections() const { return sessions_.size(); }

private:
    friend class ControlSession;

    bool stopping() const { return closing_; }

    void accept(Socket socket);
    std::string refusal(const Socket& socket) const;
    void serve(ControlSession& session, std::vector<std::string> words, std::string folder);
    Task<void> run(ControlSession& session, std::vector<std::string> words, std::string folder);
    void remove(const ControlSession& session);

    Shard& shard_;
    CommandRegistry& commands_;
    const ControlOptions& options_;
    std::vector<std::uint32_t> users_;
    std::optional<Listener> listener_;
    std::list<std::unique_ptr<ControlSession>> sessions_;
    Oneshot<bool> empty_;
    bool closing_ = false;
    Gate gate_;
};

} // namespace sarang
