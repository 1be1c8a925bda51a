// SPDX-License-Identifier: Apache-2.0
#include "core/server_shard.h"

#include "core/module.h"
#include "core/server.h"
#include "net/call.h"
#include "net/shard.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace sarang {
namespace {

constexpr Milliseconds longest_sweep{15'000};
constexpr std::chrono::milliseconds drain_poll{10};
constexpr std::chrono::milliseconds quiet_poll{1};
constexpr std::chrono::seconds longest_unrest{5};

/// A batch of messages on its way from shard to shard.
class Parcel final : public Mail {
public:
    Parcel(ServerShard& target, std::vector<Message> batch)
        : target_{target}
        , batch_{std::move(batch)}
    {}

    void open(Shard&) override { target_.receive(std::move(batch_)); }

private:
    ServerShard& target_;
    std::vector<Message> batch_;
};

MetricName stanzas(const char* kind)
{
    return {"sarang_stanzas_total", "Stanzas received from clients.", {{"kind", kind}}};
}

MetricName not_kept_metric(const char* why)
{
    return {
        "sarang_messages_not_kept_total",
        "Messages that were answered with an error since they could not be kept.",
        {{"why", why}}};
}

} // namespace

CoreOptions::CoreOptions(Schema& schema, std::shared_ptr<const Config> config)
    : options{schema, std::move(config), "limits"}
    , waiting_stanzas{options.integer(
          "waiting_stanzas",
          100,
          {1, 100'000},
          "stanzas of one session that may wait behind a slow one before its reading pauses")}
    , account_queue{options.integer(
          "account_queue",
          1000,
          {1, 1'000'000},
          "stanzas that may wait for one account; more are answered resource-constraint")}
    , resources{options.integer("resources", 32, {1, 10'000}, "sessions of one account at once")}
    , linger{options.duration(
          "linger",
          std::chrono::minutes{1},
          {std::chrono::seconds{1}, std::chrono::hours{24}},
          "how long what is known of an account stays in memory without a session")}
{}

CoreCounters::CoreCounters(Metrics& metrics)
{
    registrations.push_back(metrics.add(stanzas("message"), messages));
    registrations.push_back(metrics.add(stanzas("presence"), presences));
    registrations.push_back(metrics.add(stanzas("iq"), iqs));
    registrations.push_back(
        metrics.add({"sarang_logins_total", "Log-ins that succeeded."}, logins));
    registrations.push_back(
        metrics.add({"sarang_failed_logins_total", "Log-ins that failed."}, failed_logins));
    registrations.push_back(metrics.add({"sarang_sessions", "Sessions that are bound."}, sessions));
    registrations.push_back(
        metrics.add({"sarang_hibernating_sessions", "Sessions without a client."}, hibernating));
    registrations.push_back(
        metrics.add({"sarang_resumed_total", "Sessions whose client came back."}, resumed));
    registrations.push_back(
        metrics.add({"sarang_timed_out_total", "Sessions whose client did not."}, timed_out));
    registrations.push_back(metrics.add({"sarang_users", "Accounts that are in memory."}, users));
    registrations.push_back(metrics.add(not_kept_metric("refused"), not_kept_refused));
    registrations.push_back(metrics.add(not_kept_metric("failed"), not_kept_failed));
}

void CoreCounters::not_kept(Condition why)
{
    (why == Condition::resource_constraint ? not_kept_refused : not_kept_failed).add();
}

ServerShard::ServerShard(Server& server, Shard& shard, std::shared_ptr<const Config> config)
    : server_{server}
    , shard_{shard}
    , config_{std::move(config)}
    , counters_{metrics_}
    , server_options_{schema_, config_}
    , options_{schema_, config_}
    , router_{server.placement(), shard, [this](unsigned target, std::vector<Message> batch) {
                  send(target, std::move(batch));
              }}
    , addresses_{schema_, config_, server.clock()}
    , farewells_{router_}
    , keeper_{*this}
    , log_{"server"}
{}

ServerShard::~ServerShard() = default;

const Clock& ServerShard::clock() const
{
    return server_.clock();
}

Storage& ServerShard::storage()
{
    return server_.storage();
}

KeyedStore& ServerShard::values()
{
    return server_.storage().values();
}

WorkerPool& ServerShard::hashing()
{
    return server_.hashing();
}

Host& ServerShard::add_host(Jid domain, std::string name)
{
    hosts_.push_back(std::make_unique<Host>(*this, std::move(domain), std::move(name)));
    router_.add(*hosts_.back());
    return *hosts_.back();
}

Result<void> ServerShard::add_module(Host& host, const Image& image)
{
    if (host.module(image.name) != nullptr) {
        return fail(Condition::conflict, "module " + image.name + " is loaded on " + host.name());
    }
    host.making(image.name);
    try {
        host.add(std::unique_ptr<Module>{image.make(host)});
    } catch (const std::exception& exception) {
        return fail(Condition::not_acceptable, "module " + image.name + ": " + exception.what());
    }
    return {};
}

Task<void> ServerShard::load_users(Host& host)
{
    std::vector<Jid> users;
    for (const auto& entry : host.users()) {
        users.push_back(entry.second->jid());
    }
    for (const Jid& jid : users) {
        User* const user = host.find(jid.local());
        if (user != nullptr && user->loaded() && !user->failure()) {
            const User::Pin pin{*user}; // without a session it could be forgotten meanwhile
            UserEvent event{*user};
            const Verdict verdict = co_await host.hooks().load_async.run(event, host.fault());
            if (verdict.bounces()) {
                log_.error(
                    "cannot load {}: {}", field("account", jid.str()), verdict.error().cause);
            }
        }
    }
}

Task<Result<void>> ServerShard::load_module(Host& host, Image image)
{
    const Host::Change change{host};
    co_await ok(add_module(host, image));
    Task<void> loading = load_users(host);
    co_await loading;
    co_return Result<void>{};
}

Task<Result<void>> ServerShard::reload_module(Host& host, Image image)
{
    const Host::Change change{host};
    co_await ok(retire(host, image.name, true));
    co_await ok(load_module(host, image));
    co_return Result<void>{};
}

Task<Result<void>> ServerShard::remove_module(Host& host, std::string name)
{
    const Host::Change change{host};
    co_await ok(retire(host, std::move(name), false));
    co_return Result<void>{};
}

Task<Result<void>> ServerShard::restore_module(Host& host, Image old)
{
    const Host::Change change{host};
    if (host.module(old.name) != nullptr) {
        co_await ok(retire(host, old.name, old.make != nullptr));
    }
    if (old.make != nullptr) {
        co_await ok(load_module(host, std::move(old)));
    }
    co_return Result<void>{};
}

// Nothing new begins while a change is on; what runs may use any module, so all have to be idle.
Task<Result<void>> ServerShard::quiet(Host& host)
{
    const auto busy = [](const auto& module) { return !module->idle(); };
    const std::vector<std::unique_ptr<Module>>& modules = host.modules();
    for (std::chrono::milliseconds waited{0}; waited < longest_unrest; waited += quiet_poll) {
        if (std::none_of(modules.begin(), modules.end(), busy)) {
            co_return Result<void>{};
        }
        co_await shard_.sleep(quiet_poll);
    }
    co_return fail(Condition::resource_constraint, "the modules are busy; try again");
}

Task<Result<void>> ServerShard::retire(Host& host, std::string name, bool for_reload)
{
    co_await ok(quiet(host));
    if (host.module(name) == nullptr) {
        co_return fail(Condition::item_not_found, "module " + name + " is not loaded");
    }
    Task<void> retiring = destroy_module(host, std::move(name), for_reload);
    co_await retiring;
    co_return Result<void>{};
}

Task<void> ServerShard::destroy_module(Host& host, std::string name, bool for_reload)
{
    Task<void> retired = host.module(name)->retire(for_reload);
    co_await retired;
    std::erase_if(host.modules(), [&](const auto& module) { return module->name() == name; });
}

std::vector<OptionChange> ServerShard::configure(std::shared_ptr<const Config> config)
{
    config_ = config;
    std::vector<OptionChange> changes = options_.options.apply(config);
    const auto add = [&changes](std::vector<OptionChange> more) {
        changes.insert(changes.end(), more.begin(), more.end());
    };
    add(server_options_.apply(config));
    add(addresses_.options().apply(config));
    for (const auto& host : hosts_) {
        add(host->options().options.apply(config));
        for (const auto& module : host->modules()) {
            add(module->configure(config));
        }
    }
    return changes;
}

SessionId ServerShard::next_session()
{
    return {0, static_cast<std::uint16_t>(shard_.index()), server_.incarnation(), ++last_session_};
}

void ServerShard::add(Resource& resource)
{
    sessions_.emplace(resource.id().number, &resource);
    counters_.sessions.add();
}

void ServerShard::remove(Resource& resource)
{
    sessions_.erase(resource.id().number);
    counters_.sessions.subtract();
}

Resource* ServerShard::session(std::uint64_t number) const
{
    const auto found = sessions_.find(number);
    return found != sessions_.end() ? found->second : nullptr;
}

Resource* ServerShard::session(const SessionId& id) const
{
    Resource* const resource = session(id.number);
    return resource != nullptr && resource->id() == id ? resource : nullptr;
}

void ServerShard::send(unsigned target, std::vector<Message> batch)
{
    ServerShard& there = server_.shard(target);
    shard_.send(target, std::make_unique<Parcel>(there, std::move(batch)));
}

void ServerShard::receive(std::vector<Message> batch)
{
    for (Message& message : batch) {
        receive(std::move(message));
    }
}

namespace {

struct Receiver {
    ServerShard& here;

    void operator()(DeliverStanza&& message) const
    {
        here.router().route(std::move(message.stanza), message.sender);
    }

    void operator()(DeliverToMany&& message) const
    {
        here.router().route_to_many(message.stanza, message.recipients);
    }

    void operator()(const AwaitSettled& message) const
    {
        Router& router = here.router();
        here.receipts().when_settled(message.session, [&router, message] {
            router.send(message.session.shard, StanzasSettled{message.session, message.question});
        });
    }

    void operator()(const StanzasSettled& message) const
    {
        if (message.question == farewell_question) {
            here.farewells().answered(message.session);
        } else if (Resource* const session = here.session(message.session)) {
            session->settled(message.question);
        }
    }

    // As a rule they are all of one host.
    void operator()(NoteInInboxes&& message) const
    {
        std::map<Host*, std::vector<InboxNote>> hosts;
        for (InboxNote& note : message.notes) {
            hosts[here.router().host(note.account.domain())].push_back(std::move(note));
        }
        for (auto& [host, notes] : hosts) {
            if (host != nullptr) {
                host->note({message.room, message.message, std::move(notes)});
            }
        }
    }
};

} // namespace

void ServerShard::receive(Message message)
{
    std::visit(Receiver{*this}, std::move(message));
}

void ServerShard::report(std::exception_ptr exception)
{
    try {
        std::rethrow_exception(std::move(exception));
    } catch (const std::exception& error) {
        log_.error("unexpected: {}", error.what());
    } catch (...) {
        log_.error("unexpected exception of no known type");
    }
}

void ServerShard::start()
{
    shard_.executor().on_exception([this](std::exception_ptr e) { report(std::move(e)); });
    storage().archive().on_settled(
        [this](const Settlement& settlement) { settlements_.settle(settlement); });
    keeper_.start();
    sweep();
}

void ServerShard::sweep()
{
    for (const auto& host : hosts_) {
        host->sweep();
    }
    sweeping_.schedule(shard_.timers(), std::min(*options_.linger, longest_sweep));
}

Task<void> ServerShard::end_sessions()
{
    sweeping_.cancel();
    Task<void> closing = keeper_.close();
    co_await closing;
    std::vector<std::uint64_t> numbers;
    for (const auto& entry : sessions_) {
        numbers.push_back(entry.first);
    }
    for (const std::uint64_t number : numbers) {
        Resource* resource = session(number);
        if (resource == nullptr) {
            continue;
        }
        if (!resource->hibernating()) {
            const StreamError error{StreamCondition::system_shutdown, {}};
            resource->resumable() ? resource->detach(error) : resource->end(error);
        }
        resource = session(number);
        if (resource != nullptr && resource->hibernating()) {
            resource->stop_waiting();
        }
    }
    // What the sessions sent before is seen to first; the caller bounds the wait.
    const auto is_over = [](const auto& entry) { return entry.second->at_rest(); };
    while (!std::all_of(sessions_.begin(), sessions_.end(), is_over)) {
        co_await shard_.sleep(drain_poll);
    }
}

Task<void> ServerShard::save_sessions()
{
    return keeper_.save_all();
}

Task<void> ServerShard::reach_all()
{
    for (unsigned i = 0; i < server_.size(); ++i) {
        const auto nothing = [] { return true; };
        Task<bool> reaching = on(server_.shard(i).shard(), nothing);
        static_cast<void>(co_await reaching);
    }
}

Task<void> ServerShard::settle()
{
    while (!receipts_.empty() || !settlements_.empty()) {
        co_await shard_.sleep(drain_poll);
    }
}

Task<void> ServerShard::close_hosts()
{
    farewells_.clear();
    for (const auto& host : hosts_) {
        HostEvent event{*host};
        const Verdict verdict = co_await host->hooks().closing_async.run(event, host->fault());
        static_cast<void>(verdict);
        Task<void> settled = host->gate().close();
        co_await settled;
        while (!host->modules().empty()) {
            Task<void> ending = destroy_module(*host, host->modules().back()->name(), false);
            co_await ending;
        }
    }
}

} // namespace sarang
