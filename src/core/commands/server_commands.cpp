// SPDX-License-Identifier: Apache-2.0
#include "core/commands/server_commands.h"

#include "core/module.h"
#include "core/resource.h"
#include "net/call.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace sarang {
namespace {

using Parts = Parameter::Kind;

std::string span(std::chrono::seconds time)
{
    const auto seconds = time.count();
    return fmt::format(
        "{}d {:02}:{:02}:{:02}",
        seconds / 86'400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60);
}

Json described(const Resource& resource, const PipeFacts& facts)
{
    Json row;
    row.set("jid", resource.jid().str())
        .set("transport", facts.transport)
        .set("address", facts.address)
        .set("cipher", facts.cipher)
        .set("queued", facts.queued);
    if (resource.available()) {
        row.set("priority", static_cast<int>(resource.priority()));
    } else {
        row.set("priority", Json{});
    }
    return row;
}

std::vector<Json> sessions_of(ServerShard& here)
{
    std::vector<Json> rows;
    for (const auto& [number, resource] : here.sessions()) {
        if (const Pipe* const pipe = resource->pipe()) {
            rows.push_back(described(*resource, pipe->facts()));
        } else if (const Hibernation* const away = resource->hibernation()) {
            rows.push_back(described(*resource, {"hibernating", {}, {}, away->queue.bytes()}));
        }
    }
    return rows;
}

} // namespace

ServerCommands::ServerCommands(
    CommandRegistry& registry, Server& server, std::function<void()> stop)
    : server_{server}
    , stop_{std::move(stop)}
{
    const auto enter = [&](CommandSpec spec,
                           Task<Result<Json>> (ServerCommands::*deed)(CommandCall&)) {
        registered_.push_back(registry.add(std::move(spec), *this, deed));
    };
    enter(
        CommandSpec{"status", "Tells how the server is.", Permission::read},
        &ServerCommands::status);
    enter(
        CommandSpec{"session list", "Lists the sessions of clients.", Permission::read}.optional(
            Parts::jid, "jid", "of this account only"),
        &ServerCommands::list_sessions);
    enter(
        CommandSpec{"user kick", "Ends the sessions of an account.", Permission::operate}.required(
            Parts::jid, "jid", "the account's address"),
        &ServerCommands::kick);
    enter(
        CommandSpec{"module list", "Lists the modules of each host.", Permission::read}.optional(
            Parts::host, "host", "of this host only"),
        &ServerCommands::list_modules);
    enter(
        CommandSpec{"module load", "Loads a module.", Permission::operate}
            .required(Parts::string, "module", "its name")
            .optional(Parts::host, "host", "onto this host; all hosts otherwise"),
        &ServerCommands::load);
    enter(
        CommandSpec{"module unload", "Unloads a module.", Permission::operate}
            .required(Parts::string, "module", "its name")
            .optional(Parts::host, "host", "from this host; all hosts otherwise"),
        &ServerCommands::unload);
    enter(
        CommandSpec{"module reload", "Loads a module anew, from its file.", Permission::operate}
            .required(Parts::string, "module", "its name")
            .optional(Parts::host, "host", "on this host; on all that have it otherwise"),
        &ServerCommands::reload);
    enter(
        CommandSpec{"stop", "Ends the server in good order.", Permission::operate},
        &ServerCommands::end);
}

Task<Result<Json>> ServerCommands::status(CommandCall&)
{
    Task<Samples> reading = server_.samples();
    const Samples samples = co_await reading;
    const auto up =
        std::chrono::floor<std::chrono::seconds>(server_.clock().now() - server_.started());
    const StorageStats store = server_.storage().stats();
    Json hosts = Json::array();
    for (const std::string& host : server_.hosts()) {
        hosts.add(host);
    }
    Json result;
    result.set("version", PACKAGE_VERSION)
        .set("up", span(up))
        .set("hosts", std::move(hosts))
        .set("shards", server_.size())
        .set("sessions", total(samples, "sarang_sessions"))
        .set("accounts in memory", total(samples, "sarang_users"))
        .set("logins", total(samples, "sarang_logins_total"))
        .set("failed logins", total(samples, "sarang_failed_logins_total"))
        .set("stanzas", total(samples, "sarang_stanzas_total"))
        .set("store bytes", store.used_bytes)
        .set("store bytes on disk", store.disk_bytes)
        .set("store commits", store.commits)
        .set("store failures", store.failures)
        .set("store refused", store.refused)
        .set("store damages", store.damages)
        .set("messages not kept", total(samples, "sarang_messages_not_kept_total"))
        .set("search index bytes", store.search_bytes)
        .set("archives to be indexed", store.indexing)
        .set("entries beyond an index", store.index_lag)
        .set("indexes made anew", store.indexed_anew);
    if (!store.trouble.empty()) {
        result.set("store trouble", store.trouble);
    }
    co_return result;
}

Task<Result<Json>> ServerCommands::list_sessions(CommandCall& call)
{
    const std::string wanted =
        call.has("jid") ? std::string{call.jid("jid").bare_str()} : std::string{};
    for (unsigned i = 0; i < server_.size(); ++i) {
        ServerShard& there = server_.shard(i);
        const auto list = [&there] { return sessions_of(there); };
        Task<std::vector<Json>> listing = on(there.shard(), list);
        std::vector<Json> rows = co_await listing;
        for (Json& row : rows) {
            const std::string& jid = *row.find("jid")->string();
            const bool is_wanted = wanted.empty() || jid.substr(0, jid.find('/')) == wanted;
            if (is_wanted) {
                co_await ok(call.caller().send(std::move(row)));
            }
        }
    }
    co_return Json{};
}

Task<Result<Json>> ServerCommands::kick(CommandCall& call)
{
    const Jid jid = call.jid("jid").bare();
    StreamError error{StreamCondition::policy_violation, "Ended by an administrator"};
    Task<std::size_t> ending = server_.end_sessions(jid, std::move(error));
    const std::size_t ended = co_await ending;
    if (ended == 0) {
        co_return fail(Condition::item_not_found, fmt::format("{} has no session", jid.str()));
    }
    Json result;
    result.set("jid", jid.str()).set("ended", ended);
    co_return result;
}

std::vector<std::string> ServerCommands::hosts_of(CommandCall& call) const
{
    if (call.has("host")) {
        return {call.text("host")};
    }
    return server_.hosts();
}

Task<Result<Json>> ServerCommands::list_modules(CommandCall& call)
{
    for (const std::string& name : hosts_of(call)) {
        Host* const host = server_.shard(0).router().host(name);
        if (host == nullptr) {
            co_return fail(Condition::item_not_found, fmt::format("host {} is not served", name));
        }
        for (const auto& module : host->modules()) {
            Json row;
            row.set("host", name)
                .set("module", module->name())
                .set("images", server_.loader().images());
            co_await ok(call.caller().send(std::move(row)));
        }
    }
    co_return Json{};
}

Task<Result<Json>> ServerCommands::change(CommandCall& call, Change deed, const char* done)
{
    const std::string module = call.text("module");
    const bool everywhere = !call.has("host");
    Json changed = Json::array();
    for (const std::string& host : hosts_of(call)) {
        Host* const here = server_.shard(0).router().host(host);
        const bool loaded = here != nullptr && here->module(module) != nullptr;
        const bool loads = deed == &Server::load;
        if (everywhere && loaded == loads) {
            continue;
        }
        Task<Result<void>> changing = (server_.*deed)(host, module);
        co_await ok(std::move(changing));
        changed.add(host);
    }
    if (changed.elements()->empty()) {
        co_return fail(
            Condition::item_not_found,
            fmt::format("there is no host on which {} can be {}", module, done));
    }
    Json result;
    result.set("module", module).set(done, std::move(changed));
    co_return result;
}

Task<Result<Json>> ServerCommands::load(CommandCall& call)
{
    return change(call, &Server::load, "loaded");
}

Task<Result<Json>> ServerCommands::unload(CommandCall& call)
{
    return change(call, &Server::unload, "unloaded");
}

Task<Result<Json>> ServerCommands::reload(CommandCall& call)
{
    return change(call, &Server::reload, "reloaded");
}

Task<Result<Json>> ServerCommands::end(CommandCall&)
{
    stop_();
    Json result;
    result.set("stopping", true);
    co_return result;
}

} // namespace sarang
