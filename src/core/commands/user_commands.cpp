// SPDX-License-Identifier: Apache-2.0
#include "core/commands/user_commands.h"

#include "core/commands/user_import.h"
#include "core/credentials.h"

#include <algorithm>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace sarang {
namespace {

using Kind = Parameter::Kind;

constexpr std::size_t page = 500;

// "juliet@example.org was added"
CommandSpec::Text says(std::string deed)
{
    return [deed = std::move(deed)](const Json& result) {
        return fmt::format("{} {}\n", *result.find("jid")->string(), deed);
    };
}

std::string_view mechanism(Hash hash)
{
    return hash == Hash::sha1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256";
}

Json described(const Account& account)
{
    Json credentials = Json::array();
    for (const ScramKeys& keys : account.credentials) {
        Json one;
        one.set("mechanism", mechanism(keys.hash)).set("iterations", keys.iterations);
        credentials.add(std::move(one));
    }
    const auto created = std::chrono::floor<std::chrono::seconds>(account.created);
    Json result;
    result.set("jid", account.owner)
        .set("created", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", created))
        .set("credentials", std::move(credentials));
    return result;
}

Json named(const Jid& jid)
{
    Json result;
    result.set("jid", jid.str());
    return result;
}

} // namespace

UserCommands::UserCommands(CommandRegistry& registry, Needs needs)
    : needs_{std::move(needs)}
{
    const auto enter = [&](CommandSpec spec,
                           Task<Result<Json>> (UserCommands::*deed)(CommandCall&)) {
        registered_.push_back(registry.add(std::move(spec), *this, deed));
    };
    enter(
        CommandSpec{"user add", "Makes an account.", Permission::write}
            .required(Kind::jid, "jid", "its address, as in juliet@example.org")
            .password("Password for {jid}", true)
            .shown(says("was added")),
        &UserCommands::add);
    enter(
        CommandSpec{"user passwd", "Gives an account another password.", Permission::write}
            .required(Kind::jid, "jid", "the account's address")
            .password("New password for {jid}", true)
            .details("Sessions that are logged in with the old one end.")
            .shown(says("has a new password")),
        &UserCommands::passwd);
    enter(
        CommandSpec{
            "user del", "Removes an account and all that is kept for it.", Permission::write}
            .required(Kind::jid, "jid", "the account's address")
            .shown(says("was removed")),
        &UserCommands::del);
    enter(
        CommandSpec{
            "user list", "Lists the accounts, in the order of their making.", Permission::read}
            .optional(Kind::host, "host", "of this host only"),
        &UserCommands::list);
    enter(
        CommandSpec{"user show", "Tells what is kept of an account.", Permission::read}.required(
            Kind::jid, "jid", "the account's address"),
        &UserCommands::show);
    enter(
        CommandSpec{"user import", "Makes many accounts, of a file.", Permission::write}
            .required(Kind::input, "file", "read by sarangctl; - is its standard input")
            .flag("replace", "give accounts that exist the new password")
            .details(UserImport::format)
            .shown(UserImport::text),
        &UserCommands::import);
}

Result<void> UserCommands::account_possible(const Jid& jid) const
{
    if (jid.local().empty() || !jid.is_bare()) {
        return fail(
            Condition::jid_malformed,
            fmt::format("{} is no account's address: juliet@example.org would be one", jid.str()));
    }
    const std::vector<std::string> hosts = needs_.hosts();
    if (std::find(hosts.begin(), hosts.end(), jid.domain()) == hosts.end()) {
        return fail(
            Condition::item_not_found,
            fmt::format("{} is no host of this server that keeps accounts", jid.domain()));
    }
    return {};
}

Task<Result<Json>> UserCommands::add(CommandCall& call)
{
    const Jid jid = call.jid("jid");
    co_await ok(account_possible(jid));
    Secret password{call.password().reveal()};
    const std::uint32_t iterations = needs_.iterations();
    Account account;
    account.credentials =
        co_await ok(make_credentials(needs_.workers, std::move(password), iterations));
    account.owner = jid.str();
    account.host = jid.domain();
    account.created = needs_.clock.wall();
    Task<Result<void>> task = needs_.accounts.create(std::move(account));
    const Result<void> created = co_await task;
    if (!created && created.error().condition == Condition::conflict) {
        co_return fail(Condition::conflict, fmt::format("{} exists already", jid.str()));
    }
    co_await ok(created);
    co_return named(jid);
}

Task<Result<Json>> UserCommands::passwd(CommandCall& call)
{
    const Jid jid = call.jid("jid");
    co_await ok(account_possible(jid));
    Secret password{call.password().reveal()};
    const std::uint32_t iterations = needs_.iterations();
    Credentials credentials =
        co_await ok(make_credentials(needs_.workers, std::move(password), iterations));
    Task<Result<void>> task =
        needs_.accounts.replace_credentials(jid.str(), std::move(credentials));
    const Result<void> replaced = co_await task;
    if (!replaced && replaced.error().condition == Condition::item_not_found) {
        co_return fail(Condition::item_not_found, fmt::format("there is no account {}", jid.str()));
    }
    co_await ok(replaced);
    Task<void> ending = needs_.end_sessions(jid);
    co_await ending;
    co_return named(jid);
}

Task<Result<Json>> UserCommands::del(CommandCall& call)
{
    const Jid jid = call.jid("jid");
    Task<Result<void>> task = needs_.accounts.remove(jid.str());
    const Result<void> removed = co_await task;
    if (!removed && removed.error().condition == Condition::item_not_found) {
        co_return fail(Condition::item_not_found, fmt::format("there is no account {}", jid.str()));
    }
    co_await ok(removed);
    Task<void> ending = needs_.end_sessions(jid);
    co_await ending;
    co_return named(jid);
}

Task<Result<Json>> UserCommands::list(CommandCall& call)
{
    std::vector<std::string> hosts = needs_.hosts();
    if (call.has("host")) {
        hosts.assign(1, call.text("host"));
    }
    for (const std::string& host : hosts) {
        co_await ok(list_host(host, call.caller()));
    }
    co_return Json{};
}

Task<Result<void>> UserCommands::list_host(std::string host, CommandCaller& caller)
{
    std::uint64_t after = 0;
    do {
        const AccountPage found = co_await ok(needs_.accounts.list(host, after, page));
        for (const std::string& owner : found.owners) {
            Json row;
            row.set("jid", owner);
            co_await ok(caller.send(std::move(row)));
        }
        after = found.next;
    } while (after != 0);
    co_return Result<void>{};
}

Task<Result<Json>> UserCommands::show(CommandCall& call)
{
    const Jid jid = call.jid("jid");
    const std::optional<Account> account = co_await ok(needs_.accounts.find(jid.str()));
    if (!account) {
        co_return fail(Condition::item_not_found, fmt::format("there is no account {}", jid.str()));
    }
    co_return described(*account);
}

Task<Result<Json>> UserCommands::import(CommandCall& call)
{
    UserImport import{needs_, call};
    Task<Result<Json>> task = import.run();
    Result<Json> result = co_await task;
    co_return result;
}

} // namespace sarang
