// SPDX-License-Identifier: Apache-2.0
#include "core/server.h"

#include "core/module.h"
#include "net/call.h"

#include <algorithm>
#include <chrono>
#include <future>

namespace sarang {
namespace {

constexpr std::chrono::seconds longest_close{5};

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

Task<void> close_and_tell(ServerShard& part, std::shared_ptr<std::promise<void>> done)
{
    Task<void> closed = part.close();
    co_await closed;
    done->set_value();
}

} // namespace

void Server::close()
{
    std::vector<std::future<void>> closed;
    for (unsigned i = 0; i < size(); ++i) {
        auto done = std::make_shared<std::promise<void>>();
        closed.push_back(done->get_future());
        shards_.call(
            i, [this, i, done] { parts_[i]->shard().spawn(close_and_tell(*parts_[i], done)); });
    }
    const auto latest = std::chrono::steady_clock::now() + longest_close;
    for (std::future<void>& one : closed) {
        if (one.wait_until(latest) != std::future_status::ready) {
            log.warn("something does not end; stopping without it");
        }
    }
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
    for (const auto& part : parts_) {
        Host* const there = part->router().host(host);
        if (there == nullptr) {
            co_return fail(Condition::item_not_found, "host " + host + " is not served");
        }
        const auto deed = [here = part.get(), there, image, change] {
            return (here->*change)(*there, image);
        };
        co_await ok(on(part->shard(), deed));
    }
    std::erase_if(images_, [&](const Image& old) { return old.name == image.name; });
    images_.push_back(std::move(image));
    co_return Result<void>{};
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

Task<std::size_t> end_here(ServerShard& here, Jid account, StreamError error)
{
    std::size_t ended = 0;
    Host* const host = here.router().host(account.domain());
    while (User* const user = host != nullptr ? host->find(account.local()) : nullptr) {
        if (user->resources().empty()) {
            break;
        }
        Resource& resource = *user->resources().front();
        resource.end(error);
        ++ended;
        const auto& left = user->resources();
        if (!left.empty() && left.front().get() == &resource) {
            Task<void> ending = Resource::ended(resource);
            co_await ending;
        }
    }
    if (host != nullptr) {
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

Task<std::vector<OptionChange>> Server::configure(std::shared_ptr<const Config> config)
{
    config_ = std::move(config);
    std::vector<OptionChange> changes;
    for (const auto& part : parts_) {
        const auto apply = [here = part.get(), config = config_] {
            return here->configure(config);
        };
        Task<std::vector<OptionChange>> applying = on(part->shard(), apply);
        changes = co_await applying;
    }
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
