// SPDX-License-Identifier: Apache-2.0
#include "core/server.h"

#include "core/module.h"
#include "net/call.h"

#include <algorithm>
#include <chrono>
#include <future>

namespace sarang {
namespace {

constexpr std::chrono::seconds longest_close{4};
constexpr std::chrono::seconds shortest_close{1};

const Log log{"server"};

std::uint32_t incarnation_of(const Clock& clock)
{
    // Rises with each start as long as the clock does not go back by more than it was up.
    const auto since = std::chrono::floor<std::chrono::seconds>(clock.wall().time_since_epoch());
    return static_cast<std::uint32_t>(since.count());
}

} // namespace

Server::Server(Parts parts, std::vector<std::string>& errors)
    : clock_{parts.clock}
    , config_{std::move(parts.config)}
    , storage_{parts.storage}
    , hashing_{parts.hashing}
    , shards_{clock_, {parts.shards, 4096}}
    , placement_{shards_.size()}
    , loader_{std::move(parts.module_folders)}
    , incarnation_{incarnation_of(clock_)}
    , started_{clock_.now()}
    , started_at_{clock_.wall()}
{
    for (unsigned i = 0; i < shards_.size(); ++i) {
        parts_.push_back(std::make_unique<ServerShard>(*this, shards_.shard(i), config_));
    }
    add_hosts(errors);
}

Server::~Server() = default;

void Server::add_hosts(std::vector<std::string>& errors)
{
    for (const ConfigHost& host : config_->hosts()) {
        const Result<Jid> domain = Jid::make({}, host.name);
        if (!domain) {
            errors.push_back(config_->error(host.line, "\"" + host.name + "\" is no domain").str());
            continue;
        }
        if (parts_[0]->router().host(domain->str()) != nullptr) {
            errors.push_back(config_->error(host.line, host.name + " is there twice").str());
            continue;
        }
        for (const auto& part : parts_) {
            add_modules(part->add_host(*domain, host.name), errors);
        }
    }
}

void Server::add_modules(Host& host, std::vector<std::string>& errors)
{
    for (const std::string& name : *host.options().modules) {
        const Image* const image = this->image(name, errors);
        if (image == nullptr) {
            continue;
        }
        const Result<void> added = host.server().add_module(host, *image);
        if (!added) {
            errors.push_back("host " + host.name() + ": " + added.error().text);
        }
    }
}

const Image* Server::image(const std::string& name, std::vector<std::string>& errors)
{
    const auto known = std::find_if(
        images_.begin(), images_.end(), [&](const Image& image) { return image.name == name; });
    if (known != images_.end()) {
        return known->make != nullptr ? &*known : nullptr;
    }
    Result<Image> opened = loader_.open(name);
    if (!opened) {
        errors.push_back(opened.error().text);
        images_.push_back(Image{name, {}, 0, nullptr});
        return nullptr;
    }
    images_.push_back(std::move(*opened));
    return &images_.back();
}

void Server::start()
{
    shards_.start();
    for (unsigned i = 0; i < size(); ++i) {
        shards_.call(i, [this, i] { parts_[i]->start(); });
    }
}

namespace {

Task<void> run_and_tell(Task<void> deed, std::shared_ptr<std::promise<void>> done)
{
    co_await deed;
    done->set_value();
}

} // namespace

void Server::close()
{
    const auto latest = std::chrono::steady_clock::now() + longest_close;
    const bool ended = on_all(&ServerShard::end_sessions, latest) &&
                       on_all(&ServerShard::reach_all, latest) &&
                       on_all(&ServerShard::settle, latest);
    // Modules get a chance to end well, whatever hangs.
    const auto in_time = [latest] {
        return std::max(latest, std::chrono::steady_clock::now() + shortest_close);
    };
    const bool saved = on_all(&ServerShard::save_sessions, in_time());
    if (!on_all(&ServerShard::close_hosts, in_time()) || !ended || !saved) {
        log.warn("something does not end; stopping without it");
    }
}

bool Server::on_all(Deed deed, std::chrono::steady_clock::time_point latest)
{
    std::vector<std::future<void>> ends;
    for (unsigned i = 0; i < size(); ++i) {
        auto done = std::make_shared<std::promise<void>>();
        ends.push_back(done->get_future());
        shards_.call(i, [here = parts_[i].get(), deed, done] {
            here->shard().spawn(run_and_tell((here->*deed)(), done));
        });
    }
    return std::all_of(ends.begin(), ends.end(), [latest](const std::future<void>& end) {
        return end.wait_until(latest) == std::future_status::ready;
    });
}

void Server::stop()
{
    shards_.stop();
}

Task<Result<void>> Server::load(std::string host, std::string module)
{
    return change_module(std::move(host), std::move(module), &ServerShard::load_module);
}

Task<Result<void>> Server::reload(std::string host, std::string module)
{
    return change_module(std::move(host), std::move(module), &ServerShard::reload_module);
}

// The new image is mapped first, so that a broken file leaves things as they are.
Task<Result<void>> Server::change_module(std::string host, std::string module, Change change)
{
    Image image = co_await ok(loader_.open(module));
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        ServerShard& part = *parts_[i];
        Host* const there = part.router().host(host);
        if (there == nullptr) {
            co_return fail(Condition::item_not_found, "host " + host + " is not served");
        }
        const auto deed = [&part, there, image, change] { return (part.*change)(*there, image); };
        Task<Result<void>> changing = on(part.shard(), deed);
        Result<void> changed = co_await changing;
        if (!changed) {
            Task<void> restoring = restore_module(host, previous(module, change), i);
            co_await restoring;
            co_return std::move(changed);
        }
    }
    std::erase_if(images_, [&](const Image& old) { return old.name == image.name; });
    images_.push_back(std::move(image));
    co_return Result<void>{};
}

// What a module that is exchanged was; for one that is new, an image that makes nothing.
Image Server::previous(const std::string& module, Change change) const
{
    const auto old = std::find_if(
        images_.begin(), images_.end(), [&](const Image& image) { return image.name == module; });
    return change == &ServerShard::reload_module && old != images_.end() ? *old
                                                                         : Image{module, {}, 0, {}};
}

// The first shards have the new module; the next has none, if it was to be exchanged.
Task<void> Server::restore_module(std::string host, Image old, std::size_t changed)
{
    const std::size_t concerned = old.make != nullptr ? changed + 1 : changed;
    for (std::size_t i = 0; i < concerned; ++i) {
        ServerShard& part = *parts_[i];
        Host* const there = part.router().host(host);
        const auto deed = [&part, there, old] { return part.restore_module(*there, old); };
        Task<Result<void>> restoring = on(part.shard(), deed);
        const Result<void> restored = co_await restoring;
        if (!restored) {
            log.error("module {} cannot be brought back: {}", old.name, restored.error().text);
        }
    }
}

Task<Result<void>> Server::unload(std::string host, std::string module)
{
    Result<void> outcome;
    for (const auto& part : parts_) {
        Host* const there = part->router().host(host);
        if (there == nullptr) {
            co_return fail(Condition::item_not_found, "host " + host + " is not served");
        }
        const auto remove = [here = part.get(), there, module] {
            return here->remove_module(*there, module);
        };
        Task<Result<void>> removing = on(part->shard(), remove);
        Result<void> removed = co_await removing;
        if (!removed) {
            outcome = std::move(removed);
        }
    }
    co_return std::move(outcome);
}

std::vector<std::string> Server::hosts() const
{
    std::vector<std::string> names;
    for (const auto& host : parts_[0]->hosts()) {
        names.emplace_back(host->domain());
    }
    return names;
}

namespace {

// What is not known is not taken for gone.
Task<bool> is_gone(Host& host, Jid account)
{
    if (*host.options().accounts != Accounts::stored) {
        co_return false;
    }
    const std::string name{account.str()};
    Task<Result<std::optional<Account>>> finding = host.storage().accounts().find(name);
    const Result<std::optional<Account>> found = co_await finding;
    co_return found && !*found;
}

// Those that are saved are there again with their user.
Task<void> bring_back(Host& host, Jid account)
{
    Task<Result<User::Pin>> loading = host.user(std::move(account));
    static_cast<void>(co_await loading);
}

Task<std::size_t> end_here(ServerShard& here, Jid account, StreamError error)
{
    std::size_t ended = 0;
    Host* const host = here.router().host(account.domain());
    if (host != nullptr) {
        Task<void> bringing = bring_back(*host, account);
        co_await bringing;
    }
    while (User* const user = host != nullptr ? host->find(account.local()) : nullptr) {
        if (user->resources().empty()) {
            break;
        }
        Resource& resource = *user->resources().front();
        if (resource.frozen()) {
            break; // the server ends
        }
        resource.end(error);
        ++ended;
        const auto& left = user->resources();
        if (!left.empty() && left.front().get() == &resource) {
            Task<void> ending = Resource::ended(resource);
            co_await ending;
        }
    }
    if (host != nullptr) {
        Task<bool> looking = is_gone(*host, account);
        const bool gone = co_await looking;
        if (gone) {
            here.keeper().forget(account);
        }
        host->forget(account);
    }
    co_return ended;
}

} // namespace

Task<std::size_t> Server::end_sessions(Jid account, StreamError error)
{
    ServerShard& there = shard(placement_.shard_of(account.bare_str()));
    const auto end = [&there, account, error] { return end_here(there, account, error); };
    Task<std::size_t> ending = on(there.shard(), end);
    const std::size_t ended = co_await ending;
    co_return ended;
}

namespace {

bool serves(const Config& config, const ConfigHost& host)
{
    const auto same = [&host](const ConfigHost& other) { return other.name == host.name; };
    return std::any_of(config.hosts().begin(), config.hosts().end(), same);
}

// A host comes and goes with the server.
std::vector<OptionChange> changed_hosts(const Config& before, const Config& after)
{
    std::vector<OptionChange> changes;
    for (const ConfigHost& host : before.hosts()) {
        if (!serves(after, host)) {
            changes.push_back({{host.name, "host", {}}, "served", "not served", Effect::restart});
        }
    }
    for (const ConfigHost& host : after.hosts()) {
        if (!serves(before, host)) {
            changes.push_back({{host.name, "host", {}}, "not served", "served", Effect::restart});
        }
    }
    return changes;
}

} // namespace

Task<std::vector<OptionChange>> Server::configure(std::shared_ptr<const Config> config)
{
    std::vector<OptionChange> hosts = changed_hosts(*config_, *config);
    config_ = std::move(config);
    std::vector<OptionChange> changes;
    for (const auto& part : parts_) {
        const auto apply = [here = part.get(), config = config_] {
            return here->configure(config);
        };
        Task<std::vector<OptionChange>> applying = on(part->shard(), apply);
        changes = co_await applying;
    }
    // Of a host that goes, no option changes.
    std::erase_if(changes, [&](const OptionChange& change) {
        return !change.key.host.empty() && !serves(*config_, {change.key.host, 0});
    });
    changes.insert(changes.end(), hosts.begin(), hosts.end());
    co_return std::move(changes);
}

Task<Samples> Server::samples()
{
    std::vector<Samples> all;
    for (const auto& part : parts_) {
        const auto read = [here = part.get()] { return here->metrics().read(); };
        Task<Samples> reading = on(part->shard(), read);
        all.push_back(co_await reading);
    }
    co_return sum(std::move(all));
}

} // namespace sarang
