// SPDX-License-Identifier: Apache-2.0
// Daemon: the server with the ways to reach it, from configuration to end. Used by main's thread.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/result.h"
#include "core/commands/archive_commands.h"
#include "core/commands/config_commands.h"
#include "core/commands/server_commands.h"
#include "core/commands/storage_commands.h"
#include "core/commands/user_commands.h"
#include "core/server.h"
#include "core/server_options.h"
#include "net/worker.h"
#include "store/storage.h"
#include "transport/c2s.h"
#include "transport/control.h"
#include "transport/tls_commands.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sarang {

class SARANG_API Daemon final : public ConfigOwner {
public:
    struct Wishes {
        std::shared_ptr<const Config> config;
        std::string modules;        ///< looked in before the configuration's folder; may be empty
        std::function<void()> stop; ///< begins to end the process; called on shard 0
    };

    /// Starts nothing yet.
    explicit Daemon(Wishes wishes);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Opens the store and makes the server; what is wrong, a line each.
    std::vector<std::string> open();
    /// Makes the server without a store; what is wrong with the configuration, a line each.
    std::vector<std::string> try_config();
    /// The schema of all options, once try_config() or open() has run.
    const Schema& schema() const override;

    /// Serves from here on.
    Result<void> start();
    /// Takes the file and the certificates over again, and logs what came of it.
    void begin_reload();
    /// Ends within 10 s.
    void stop();

private:
    // ConfigOwner
    std::shared_ptr<const Config> config() const override { return server_->config(); }

    std::shared_ptr<const Config> first_config() const override { return wishes_.config; }

    std::vector<ConfigError> check(const Config& config) const override;
    Task<Result<std::vector<OptionChange>>> reload_config() override;

    std::vector<std::string> make_server(Storage* storage);
    std::vector<std::string> module_folders() const;
    void add_commands();
    void add_metrics();
    std::vector<std::string> hosts_with_accounts() const;
    Task<void> end_sessions(Jid account);
    Result<void> fetch_secret();
    Task<void> reload_and_log();

    Wishes wishes_;
    SystemClock clock_;
    Schema first_schema_; ///< for what must be known before the shards are made
    ServerOptions options_;
    std::unique_ptr<WorkerPool> hashing_;
    std::unique_ptr<WorkerPool> store_workers_;
    std::unique_ptr<Storage> storage_;
    std::unique_ptr<Server> server_;
    std::unique_ptr<C2s> c2s_;
    std::unique_ptr<ControlOptions> control_options_;
    std::unique_ptr<Control> control_;
    std::unique_ptr<UserCommands> user_commands_;
    std::unique_ptr<ServerCommands> server_commands_;
    std::unique_ptr<ConfigCommands> config_commands_;
    std::unique_ptr<StorageCommands> storage_commands_;
    std::unique_ptr<ArchiveCommands> archive_commands_;
    std::unique_ptr<TlsCommands> tls_commands_;
    std::vector<Registration> metrics_;
};

} // namespace sarang
