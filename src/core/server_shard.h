// SPDX-License-Identifier: Apache-2.0
// ServerShard: all of the server that lives on one shard: its hosts with their modules, its
// router, its sessions, and what they share (parsers, known addresses, counters). Everything here
// belongs to the shard's thread; before the shards start and after they end, to main's.
#pragma once

#include "base/api.h"
#include "base/counter.h"
#include "base/task.h"
#include "core/address_book.h"
#include "core/config.h"
#include "core/farewells.h"
#include "core/host.h"
#include "core/loader.h"
#include "core/message.h"
#include "core/metrics.h"
#include "core/option.h"
#include "core/receipts.h"
#include "core/router.h"
#include "core/schema.h"
#include "core/server_options.h"
#include "core/session_id.h"
#include "core/session_keeper.h"
#include "core/settlements.h"
#include "xml/jid.h"
#include "xml/stream_parser.h"

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sarang {

class Clock;
class KeyedStore;
class Resource;
class Server;
class Shard;
class Storage;
class WorkerPool;

/// Limits of the core itself, `[limits]`.
struct CoreOptions {
    CoreOptions(Schema& schema, std::shared_ptr<const Config> config);

    Options options;
    Option<std::int64_t> waiting_stanzas;
    Option<std::int64_t> account_queue;
    Option<std::int64_t> resources;
    Option<Milliseconds> linger;
};

/// What a shard counts.
struct CoreCounters {
    explicit CoreCounters(Metrics& metrics);

    /// A message was refused since it could not be kept, for that reason.
    void not_kept(Condition why);

    Counter messages;
    Counter presences;
    Counter iqs;
    Counter logins;
    Counter failed_logins;
    Counter resumed;
    Counter timed_out;
    Counter not_kept_refused; ///< messages, for want of room
    Counter not_kept_failed;  ///< messages, since the disk failed
    Gauge sessions;
    Gauge hibernating;
    Gauge users;
    std::vector<Registration> registrations;
};

class SARANG_API ServerShard {
public:
    ServerShard(Server& server, Shard& shard, std::shared_ptr<const Config> config);
    ~ServerShard();
    ServerShard(const ServerShard&) = delete;
    ServerShard& operator=(const ServerShard&) = delete;

    Server& server() { return server_; }

    Shard& shard() { return shard_; }

    Router& router() { return router_; }

    Schema& schema() { return schema_; }

    const std::shared_ptr<const Config>& config() const { return config_; }

    ServerOptions& server_options() { return server_options_; }

    const CoreOptions& options() const { return options_; }

    const Clock& clock() const;
    Storage& storage();
    KeyedStore& values();
    WorkerPool& hashing();

    JidCache& jids() { return jids_; }

    ParserPool& parsers() { return parsers_; }

    Receipts& receipts() { return receipts_; }

    Farewells& farewells() { return farewells_; }

    /// What waits here to be durable.
    Settlements& settlements() { return settlements_; }

    AddressBook& addresses() { return addresses_; }

    Metrics& metrics() { return metrics_; }

    CoreCounters& counters() { return counters_; }

    SessionKeeper& keeper() { return keeper_; }

    const std::vector<std::unique_ptr<Host>>& hosts() const { return hosts_; }

    /// Requires that the host is not there yet.
    Host& add_host(Jid domain, std::string name);

    /// Makes an instance of a module on a host that has no users yet.
    Result<void> add_module(Host& host, const Image& image);
    /// The same on one that has; the users that are here have been loaded again when it is done.
    Task<Result<void>> load_module(Host& host, Image image);
    /// Puts a new instance in the place of the old, which hands its slots' values over.
    Task<Result<void>> reload_module(Host& host, Image image);
    /// Brings the old module back where a change failed elsewhere; none, if it makes nothing.
    Task<Result<void>> restore_module(Host& host, Image old);
    /// Retires a module and destroys it; item-not-found when it is not there.
    Task<Result<void>> remove_module(Host& host, std::string name);

    /// Takes a checked configuration over; tells what changed.
    std::vector<OptionChange> configure(std::shared_ptr<const Config> config);

    SessionId next_session();
    void add(Resource& resource);
    void remove(Resource& resource);
    Resource* session(std::uint64_t number) const;
    /// The session, if it is one of this shard's and of this life of the node.
    Resource* session(const SessionId& id) const;

    const std::unordered_map<std::uint64_t, Resource*>& sessions() const { return sessions_; }

    /// What another shard says. Runs to the end.
    void receive(std::vector<Message> batch);

    /// Logs an exception that nobody expected.
    void report(std::exception_ptr exception);

    /// Starts what runs by itself. On the shard's thread.
    void start();

    // The end of the server, in steps that all shards take together. On the shard's thread.

    /// Ends all sessions with system-shutdown, or has those that may be resumed wait for their
    /// clients; what they sent before has been routed then.
    Task<void> end_sessions();
    /// What was sent to the other shards has arrived there.
    Task<void> reach_all();
    /// What sessions sent here was delivered, kept or refused.
    Task<void> settle();
    /// Keeps what is left of them for the next start.
    Task<void> save_sessions();
    /// Retires all modules.
    Task<void> close_hosts();

private:
    void send(unsigned target, std::vector<Message> batch);
    void receive(Message message);
    void sweep();
    Task<Result<void>> retire(Host& host, std::string name, bool for_reload);
    Task<Result<void>> quiet(Host& host);
    static Task<void> destroy_module(Host& host, std::string name, bool for_reload);
    Task<void> load_users(Host& host);

    Server& server_;
    Shard& shard_;
    std::shared_ptr<const Config> config_;
    Schema schema_;
    Metrics metrics_;
    CoreCounters counters_;
    ServerOptions server_options_;
    CoreOptions options_;
    Router router_;
    JidCache jids_;
    ParserPool parsers_;
    AddressBook addresses_;
    Receipts receipts_;
    Farewells farewells_;
    Settlements settlements_;
    std::unordered_map<std::uint64_t, Resource*> sessions_;
    std::uint64_t last_session_ = 0;
    std::vector<std::unique_ptr<Host>> hosts_;
    SessionKeeper keeper_;
    Timer sweeping_{Timer::calls<&ServerShard::sweep>(*this)};
    Log log_;
};

} // namespace sarang
