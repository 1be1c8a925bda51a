// SPDX-License-Identifier: Apache-2.0
// Server: the whole, as main() builds it: configuration, storage, workers, the shards with what
// of the server lives on them, and the modules' images. Owned by main; `commands` and `loader`
// are used on shard 0 once the shards run.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/result.h"
#include "core/command.h"
#include "core/loader.h"
#include "core/placement.h"
#include "core/server_shard.h"
#include "net/shards.h"
#include "net/worker.h"
#include "store/storage.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sarang {

class SARANG_API Server {
public:
    /// What main() made before. All that is referred to outlives the server.
    struct Parts {
        const Clock& clock;
        std::shared_ptr<const Config> config;
        Storage* storage; ///< none for a server that is only checked, never started
        WorkerPool& hashing;
        std::vector<std::string> module_folders;
        unsigned shards = 0; ///< 0: one for each CPU
    };

    /// Makes hosts and modules on all shards, starts no thread of theirs. All that is wrong with
    /// the configuration is in the errors.
    Server(Parts parts, std::vector<std::string>& errors);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    const Clock& clock() const { return clock_; }

    Shards& shards() { return shards_; }

    const Placement& placement() const { return placement_; }

    ServerShard& shard(unsigned index) { return *parts_[index]; }

    unsigned size() const { return shards_.size(); }

    Storage& storage() { return *storage_; }

    WorkerPool& hashing() { return hashing_; }

    Loader& loader() { return loader_; }

    CommandRegistry& commands() { return commands_; }

    /// What unknown users are made of; set before the first client comes.
    const std::string& secret() const { return secret_; }

    void secret(std::string secret) { secret_ = std::move(secret); }

    std::uint32_t incarnation() const { return incarnation_; }

    Clock::Time started() const { return started_; }

    /// The same as people read it.
    Clock::Wall started_at() const { return started_at_; }

    /// Starts the shards.
    void start();
    /// Ends all sessions with system-shutdown, then the modules. Blocks, for some seconds at the
    /// most.
    void close();
    /// Stops the shards.
    void stop();

    // On shard 0.

    /// Loads a module onto a host, on all shards or none.
    Task<Result<void>> load(std::string host, std::string module);
    Task<Result<void>> unload(std::string host, std::string module);
    Task<Result<void>> reload(std::string host, std::string module);
    /// All hosts' names, normalised.
    std::vector<std::string> hosts() const;
    /// Ends the sessions of an account; how many there were. Waits for their end.
    Task<std::size_t> end_sessions(Jid account, StreamError error);

    /// Hands a configuration that was checked to every shard; tells what changed.
    Task<std::vector<OptionChange>> configure(std::shared_ptr<const Config> config);

    const std::shared_ptr<const Config>& config() const { return config_; }

    /// The sums of what all shards count.
    Task<Samples> samples();

private:
    using Change = Task<Result<void>> (ServerShard::*)(Host& host, Image image);
    using Deed = Task<void> (ServerShard::*)();
    Task<Result<void>> change_module(std::string host, std::string module, Change change);
    Image previous(const std::string& module, Change change) const;
    Task<void> restore_module(std::string host, Image old, std::size_t changed);
    /// Whether all shards have done it in time. Not on a shard.
    bool on_all(Deed deed, std::chrono::steady_clock::time_point latest);
    void add_hosts(std::vector<std::string>& errors);
    void add_modules(Host& host, std::vector<std::string>& errors);
    const Image* image(const std::string& name, std::vector<std::string>& errors);

    const Clock& clock_;
    std::shared_ptr<const Config> config_;
    Storage* storage_;
    WorkerPool& hashing_;
    Shards shards_;
    Placement placement_;
    Loader loader_;
    CommandRegistry commands_;
    std::string secret_;
    std::uint32_t incarnation_;
    Clock::Time started_;
    Clock::Wall started_at_;
    std::vector<std::unique_ptr<ServerShard>> parts_;
    std::vector<Image> images_;
};

} // namespace sarang
