// SPDX-License-Identifier: Apache-2.0
#include "transport/daemon.h"

#include "core/host.h"
#include "core/searched_text.h"
#include "net/socket.h"
#include "store/lmdb/storage.h"
#include "store/secrets.h"

#include <cerrno>
#include <chrono>
#include <future>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace sarang {
namespace {

// Of one part; the server takes 5 s, and the whole is to end within 10.
constexpr std::chrono::milliseconds longest_end{1500};

const Log daemon_log{"daemon"};

unsigned shards_wanted(const ServerOptions& options)
{
    return *options.shards != 0 ? static_cast<unsigned>(*options.shards) : usable_cpus();
}

} // namespace

Daemon::Daemon(Wishes wishes)
    : wishes_{std::move(wishes)}
    , options_{first_schema_, wishes_.config}
{
    const auto threads = static_cast<unsigned>(*options_.hashing_threads);
    hashing_ = std::make_unique<WorkerPool>(WorkerPool::Options{
        "hashing",
        threads != 0 ? threads : shards_wanted(options_),
        static_cast<std::size_t>(*options_.hashing_queue)});
    store_workers_ = std::make_unique<WorkerPool>(WorkerPool::Options{"store", 2, 1024});
}

Daemon::~Daemon() = default;

std::vector<std::string> Daemon::module_folders() const
{
    std::vector<std::string> folders;
    if (!wishes_.modules.empty()) {
        folders.push_back(wishes_.modules);
    }
    folders.push_back(wishes_.config->resolve(*options_.modules_path));
    return folders;
}

std::vector<std::string> Daemon::make_server(Storage* storage)
{
    std::vector<std::string> errors;
    server_ = std::make_unique<Server>(
        Server::Parts{
            clock_, wishes_.config, storage, *hashing_, module_folders(), shards_wanted(options_)},
        errors);
    c2s_ = std::make_unique<C2s>(*server_);
    control_options_ = std::make_unique<ControlOptions>(server_->shard(0).schema(), wishes_.config);
    for (const ConfigError& error : check(*wishes_.config)) {
        errors.push_back(error.str());
    }
    return errors;
}

std::vector<std::string> Daemon::try_config()
{
    return make_server(nullptr);
}

std::vector<std::string> Daemon::open()
{
    const std::string data = wishes_.config->resolve(*options_.data);
    if (mkdir(data.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return {"cannot make " + data + ": " + std::generic_category().message(errno)};
    }
    LmdbOptions options;
    options.searched_text = searched_text;
    options.directory = data + "/store";
    options.map_size = *options_.map_size;
    options.max_index_lag = static_cast<std::uint64_t>(*options_.max_index_lag);
    options.shards = shards_wanted(options_);
    Result<std::unique_ptr<Storage>> storage = open_lmdb(options, *store_workers_, clock_);
    if (!storage) {
        return {"cannot open the store: " + storage.error().text + " " + storage.error().cause};
    }
    storage_ = std::move(*storage);
    std::vector<std::string> errors = make_server(storage_.get());
    if (errors.empty()) {
        add_commands();
        add_metrics();
    }
    return errors;
}

const Schema& Daemon::schema() const
{
    return server_->shard(0).schema();
}

std::vector<ConfigError> Daemon::check(const Config& config) const
{
    std::vector<ConfigError> errors = schema().check(config);
    if (config.hosts().empty()) {
        errors.push_back(config.error(1, "no host is named: add [host.\"example.org\"]"));
    }
    return errors;
}

void Daemon::add_commands()
{
    CommandRegistry& commands = server_->commands();
    user_commands_ = std::make_unique<UserCommands>(
        commands,
        UserCommands::Needs{
            storage_->accounts(),
            *hashing_,
            clock_,
            [this] { return static_cast<std::uint32_t>(*c2s_->shard(0).options().iterations); },
            [this] { return hosts_with_accounts(); },
            [this](Jid jid) { return end_sessions(std::move(jid)); }});
    server_commands_ = std::make_unique<ServerCommands>(commands, *server_, wishes_.stop);
    config_commands_ = std::make_unique<ConfigCommands>(commands, *this);
    storage_commands_ = std::make_unique<StorageCommands>(commands, *storage_);
    archive_commands_ = std::make_unique<ArchiveCommands>(
        commands,
        ArchiveCommands::Needs{
            storage_->archive(),
            storage_->search(),
            clock_,
            [this](std::string_view owner) -> Shard& {
                const Placement& placement = server_->shard(0).router().placement();
                return server_->shard(placement.shard_of(owner)).shard();
            },
            [this] { return storage_->space(); }});
    tls_commands_ = std::make_unique<TlsCommands>(commands, *c2s_);
}

// The store is one for all shards: the first tells of it.
void Daemon::add_metrics()
{
    const auto add = [this](const char* name, const char* help, std::uint64_t StorageStats::*what) {
        const auto read = [this, what] {
            return static_cast<std::int64_t>(storage_->stats().*what);
        };
        metrics_.push_back(server_->shard(0).metrics().add({name, help}, read));
    };
    add("sarang_search_index_bytes", "What the search index takes.", &StorageStats::search_bytes);
    add("sarang_search_waiting", "Archives that wait to be indexed.", &StorageStats::indexing);
    add("sarang_search_lag",
        "Entries that the archive furthest behind has beyond its search index.",
        &StorageStats::index_lag);
    add("sarang_search_anew_total",
        "Search indexes that were damaged and are made anew.",
        &StorageStats::indexed_anew);
}

std::vector<std::string> Daemon::hosts_with_accounts() const
{
    std::vector<std::string> names;
    for (const auto& host : server_->shard(0).hosts()) {
        if (*host->options().accounts == Accounts::stored) {
            names.emplace_back(host->domain());
        }
    }
    return names;
}

Task<void> Daemon::end_sessions(Jid account)
{
    StreamError error{StreamCondition::not_authorized, "The account was changed"};
    Task<std::size_t> ending = server_->end_sessions(std::move(account), std::move(error));
    co_await ending;
}

namespace {

Task<void> fetch(KeyedStore& values, std::shared_ptr<std::promise<Result<Secret>>> reply)
{
    Task<Result<Secret>> asking = secret(values, "unknown users");
    reply->set_value(co_await asking);
}

} // namespace

Result<void> Daemon::fetch_secret()
{
    auto reply = std::make_shared<std::promise<Result<Secret>>>();
    std::future<Result<Secret>> fetched = reply->get_future();
    Shard& shard = server_->shards().shard(0);
    server_->shards().call(0, [&] { shard.spawn(fetch(storage_->values(), reply)); });
    Result<Secret> value = fetched.get();
    if (!value) {
        return fail(std::move(value).error());
    }
    server_->shards().call(0, [&] { server_->secret(std::string{value->reveal()}); });
    return {};
}

Result<void> Daemon::start()
{
    raise_descriptor_limit();
    if (Result<void> prepared = c2s_->prepare(); !prepared) {
        return prepared;
    }
    server_->start();
    if (Result<void> fetched = fetch_secret(); !fetched) {
        return fetched;
    }
    control_ = std::make_unique<Control>(
        server_->shards().shard(0),
        server_->commands(),
        *control_options_,
        std::vector<std::uint32_t>{0, static_cast<std::uint32_t>(geteuid())});
    const std::string path = control_socket(*wishes_.config);
    Result<void> listening = server_->shards().call(0, [&] { return control_->listen(path); });
    if (!listening) {
        return fail(
            listening.error().condition,
            "cannot listen at " + path + ": " + listening.error().text);
    }
    for (const std::string& address : c2s_->start()) {
        daemon_log.info("clients are served at {}", address);
    }
    return {};
}

void Daemon::begin_reload()
{
    Shard& shard = server_->shards().shard(0);
    shard.post([this, &shard] { shard.spawn(reload_and_log()); });
}

Task<Result<std::vector<OptionChange>>> Daemon::reload_config()
{
    Result<std::shared_ptr<const Config>> loaded = Config::load(wishes_.config->path());
    if (!loaded) {
        co_return fail(std::move(loaded).error());
    }
    const std::shared_ptr<const Config> config = std::move(*loaded);
    const std::vector<ConfigError> errors = check(*config);
    if (!errors.empty()) {
        co_return fail(Condition::not_acceptable, lines_of(errors));
    }
    Task<std::vector<OptionChange>> configuring = server_->configure(config);
    std::vector<OptionChange> changes = co_await configuring;
    Task<std::vector<OptionChange>> more = c2s_->configure();
    const std::vector<OptionChange> changed = co_await more;
    changes.insert(changes.end(), changed.begin(), changed.end());
    const std::vector<OptionChange> control = control_options_->options.apply(config);
    changes.insert(changes.end(), control.begin(), control.end());
    Log::set_level(*server_->shard(0).server_options().level);
    Task<Result<void>> reading = c2s_->reload_certificates();
    const Result<void> read = co_await reading;
    if (!read) {
        co_return fail(
            read.error().condition,
            "the options took effect, the certificates stay as they were: " + read.error().text);
    }
    co_return std::move(changes);
}

Task<void> Daemon::reload_and_log()
{
    Task<Result<std::vector<OptionChange>>> reloading = reload_config();
    const Result<std::vector<OptionChange>> changes = co_await reloading;
    if (!changes) {
        daemon_log.error("the reload failed: {}", changes.error().text);
        co_return;
    }
    daemon_log.info("the configuration was read again {}", field("changes", changes->size()));
    for (const OptionChange& change : *changes) {
        daemon_log.info(
            "{} {} {} {}",
            field("option", change.key.str()),
            field("before", change.before),
            field("after", change.after),
            field("effect", name(change.effect)));
    }
}

namespace {

template <class Part>
Task<void> close_and_tell(Part& part, std::shared_ptr<std::promise<void>> done)
{
    Task<void> closing = part.close();
    co_await closing;
    done->set_value();
}

template <class Part>
void close_on(Shards& shards, Part& part)
{
    auto done = std::make_shared<std::promise<void>>();
    std::future<void> closed = done->get_future();
    shards.call(0, [&] { shards.shard(0).spawn(close_and_tell(part, done)); });
    if (closed.wait_for(longest_end) != std::future_status::ready) {
        daemon_log.warn("something does not end; stopping without it");
    }
}

} // namespace

void Daemon::stop()
{
    Shards& shards = server_->shards();
    c2s_->stop_listening();
    c2s_->end_logins();
    server_->close();
    close_on(shards, *c2s_);
    close_on(shards, *control_);
    close_on(shards, *storage_);
    shards.call(0, [this] { control_.reset(); });
    server_->stop();
    // These post to the shards, which go before them.
    storage_->stop();
    store_workers_->stop();
    hashing_->stop();
}

} // namespace sarang
