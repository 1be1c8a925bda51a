// SPDX-License-Identifier: Apache-2.0
// The commands on the running server: `status`, `session list`, `user kick`, `module list`,
// `load`, `unload`, `reload`, `stop`. On shard 0.
#pragma once

#include "base/api.h"
#include "base/task.h"
#include "core/command.h"
#include "core/registration.h"
#include "core/server.h"

#include <functional>
#include <vector>

namespace sarang {

class SARANG_API ServerCommands {
public:
    /// `stop` begins to end the process; it returns before the end.
    ServerCommands(CommandRegistry& registry, Server& server, std::function<void()> stop);

private:
    Task<Result<Json>> status(CommandCall& call);
    Task<Result<Json>> list_sessions(CommandCall& call);
    Task<Result<Json>> kick(CommandCall& call);
    Task<Result<Json>> list_modules(CommandCall& call);
    Task<Result<Json>> load(CommandCall& call);
    Task<Result<Json>> unload(CommandCall& call);
    Task<Result<Json>> reload(CommandCall& call);
    Task<Result<Json>> end(CommandCall& call);

    using Change = Task<Result<void>> (Server::*)(std::string host, std::string module);
    Task<Result<Json>> change(CommandCall& call, Change deed, const char* done);
    std::vector<std::string> hosts_of(CommandCall& call) const;

    Server& server_;
    std::function<void()> stop_;
    std::vector<Registration> registered_;
};

} // namespace sarang
