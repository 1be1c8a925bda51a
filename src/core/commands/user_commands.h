// SPDX-License-Identifier: Apache-2.0
// The commands on accounts: `user add`, `passwd`, `del`, `list`, `show`, `import`. They need the
// store alone, hence work for accounts that are not logged in. On shard 0.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/task.h"
#include "core/command.h"
#include "core/registration.h"
#include "net/worker.h"
#include "store/account_store.h"
#include "xml/jid.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sarang {

class SARANG_API UserCommands {
public:
    /// What they ask of the server.
    struct Needs {
        AccountStore& accounts;
        WorkerPool& workers; ///< to hash on
        const Clock& clock;
        std::function<std::uint32_t()> iterations;
        /// The hosts that keep accounts, normalised.
        std::function<std::vector<std::string>()> hosts;
        /// Ends the sessions of an account that is gone or has a new password.
        std::function<Task<void>(Jid)> end_sessions;
    };

    UserCommands(CommandRegistry& registry, Needs needs);

private:
    Task<Result<Json>> add(CommandCall& call);
    Task<Result<Json>> passwd(CommandCall& call);
    Task<Result<Json>> del(CommandCall& call);
    Task<Result<Json>> list(CommandCall& call);
    Task<Result<Json>> show(CommandCall& call);
    Task<Result<Json>> import(CommandCall& call);

    Result<void> account_possible(const Jid& jid) const;
    Task<Result<void>> list_host(std::string host, CommandCaller& caller);

    Needs needs_;
    std::vector<Registration> registered_;
};

} // namespace sarang
