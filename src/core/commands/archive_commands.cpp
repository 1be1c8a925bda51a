// SPDX-License-Identifier: Apache-2.0
#include "core/commands/archive_commands.h"

#include "core/date_time.h"
#include "net/call.h"
#include "xml/element.h"

#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace sarang {
namespace {

using Kind = Parameter::Kind;

constexpr std::size_t page = 500;
constexpr std::int64_t most_days = 36'500;

Json row_of(const ArchiveEntry& entry)
{
    std::string with = entry.with;
    if (!entry.with_resource.empty()) {
        with += '/' + entry.with_resource;
    }
    Json row;
    row.set("time", date_time(time_of(entry.id))).set("with", with).set("stanza", entry.stanza);
    return row;
}

bool is_message(std::string_view stanza)
{
    const Result<Element> message = Element::read(stanza);
    return message && message->is(ns::client, "message");
}

Json repaired(const std::string& owner, const ArchiveRepair& repair, std::uint64_t changes)
{
    Json result;
    result.set("jid", owner).set("changes", changes);
    result.set("kept", repair.kept).set("lost", repair.lost);
    if (repair.lost_from != ArchiveId::none) {
        result.set("more lost", repair.uncounted || repair.lost == 0);
        result.set("lost from", date_time(time_of(repair.lost_from)));
        result.set("lost to", date_time(time_of(repair.lost_to)));
    }
    return result;
}

std::string repaired_text(const Json& result)
{
    std::string text = fmt::format(
        "{}: {} things were mended; of damaged blocks {} entries were kept, and {}{} are lost\n",
        *result.find("jid")->string(),
        *result.find("changes")->integer(),
        *result.find("kept")->integer(),
        result.find("lost from") != nullptr && *result.find("more lost")->boolean() ? "at least "
                                                                                    : "",
        *result.find("lost")->integer());
    if (const Json* const from = result.find("lost from")) {
        text += fmt::format(
            "Those were of {} to {}\n", *from->string(), *result.find("lost to")->string());
    }
    return text;
}

std::string verified_text(const Json& result)
{
    if (result.find("changes") != nullptr) {
        return repaired_text(result);
    }
    return fmt::format(
        "{} entries, {} of them damaged\n",
        *result.find("entries")->integer(),
        *result.find("damaged")->integer());
}

std::string expired_text(const Json& result)
{
    return fmt::format("{} entries were removed\n", *result.find("removed")->integer());
}

std::string reindexed_text(const Json& result)
{
    const std::int64_t archives = *result.find("archives")->integer();
    const Json* const entries = result.find("entries");
    return entries != nullptr ? fmt::format("{} entries were indexed\n", *entries->integer())
                              : fmt::format("{} archives are indexed anew from now on\n", archives);
}

} // namespace

ArchiveCommands::ArchiveCommands(CommandRegistry& registry, Needs needs)
    : needs_{std::move(needs)}
{
    const auto enter = [&](CommandSpec spec,
                           Task<Result<Json>> (ArchiveCommands::*deed)(CommandCall&)) {
        registered_.push_back(registry.add(std::move(spec), *this, deed));
    };
    enter(
        CommandSpec{"archive stat", "Tells how much an archive has.", Permission::read}
            .optional(Kind::jid, "jid", "whose archive; else what all that is kept takes")
            .details(
                "Of all: how large the files are, what they take of the disk, and how much of\n"
                "them is free: \"archive compact\" gives that back."),
        &ArchiveCommands::stat);
    enter(
        CommandSpec{"archive export", "Prints all that is in an archive.", Permission::read}
            .required(Kind::jid, "jid", "whose archive")
            .option(Kind::jid, "with", "only what was said with this account or room")
            .details("With --json each entry is a line: its time, the other party, the message."),
        &ArchiveCommands::export_all);
    enter(
        CommandSpec{"archive verify", "Reads all of an archive.", Permission::read}
            .required(Kind::jid, "jid", "whose archive")
            .flag("repair", "mend what is damaged")
            .details(
                "Says what is damaged, and fails if anything is. With --repair it says what it\n"
                "does: what can be read stays, what cannot is gone from then on, and all that "
                "leads\n"
                "to entries fits again. It goes on beside the running server, in small steps.")
            .shown(verified_text),
        &ArchiveCommands::verify);
    enter(
        CommandSpec{
            "archive expire",
            "Removes what is old from all archives of a host.",
            Permission::operate}
            .required(Kind::host, "host", "of this host")
            .required(Kind::integer, "days", "what is older than this")
            .shown(expired_text),
        &ArchiveCommands::expire);
    enter(
        CommandSpec{"archive reindex", "Makes the search index anew.", Permission::operate}
            .optional(Kind::jid, "jid", "of this archive; of all otherwise")
            .option(Kind::host, "host", "of all archives on this host")
            .details("That of one archive is whole again when this has ended. Those of many are\n"
                     "made in the background: \"status\" tells how many wait. What is not indexed\n"
                     "yet is found as well, if slowly.")
            .shown(reindexed_text),
        &ArchiveCommands::reindex);
}

// On the owner's shard; the task is made there, too.
Task<Result<ArchiveExtent>> ArchiveCommands::extent(std::string owner)
{
    Shard& home = needs_.home(owner);
    const auto ask = [&archive = needs_.archive, owner] { return archive.extent(owner); };
    Task<Result<ArchiveExtent>> asking = on(home, ask);
    Result<ArchiveExtent> answer = co_await asking;
    co_return answer;
}

Task<Result<ArchivePage>> ArchiveCommands::read(ArchiveQuery query)
{
    Shard& home = needs_.home(query.owner);
    const auto ask = [&archive = needs_.archive, query] { return archive.read(query); };
    Task<Result<ArchivePage>> asking = on(home, ask);
    Result<ArchivePage> answer = co_await asking;
    co_return answer;
}

Task<Result<std::uint64_t>> ArchiveCommands::index(std::string owner)
{
    Shard& home = needs_.home(owner);
    const auto ask = [&search = needs_.search, owner] { return search.index(owner); };
    Task<Result<std::uint64_t>> asking = on(home, ask);
    Result<std::uint64_t> answer = co_await asking;
    co_return answer;
}

Task<Result<Json>> ArchiveCommands::stat(CommandCall& call)
{
    if (!call.has("jid")) {
        Task<Result<Json>> asking = stat_all();
        co_return co_await asking;
    }
    const std::string owner{call.jid("jid").bare_str()};
    const ArchiveExtent found = co_await ok(extent(owner));
    Json result;
    result.set("jid", owner).set("entries", found.entries);
    if (found.first != ArchiveId::none) {
        result.set("first", date_time(time_of(found.first)));
        result.set("last", date_time(time_of(found.last)));
    }
    co_return result;
}

Task<Result<Json>> ArchiveCommands::stat_all()
{
    const StorageSpace space = co_await ok(needs_.space());
    Json result;
    result.set("bytes", space.bytes)
        .set("bytes on disk", space.disk)
        .set("free", space.free)
        .set("free on disk", space.free_on_disk());
    co_return result;
}

Task<Result<Json>> ArchiveCommands::export_all(CommandCall& call)
{
    ArchiveQuery query;
    query.owner = call.jid("jid").bare_str();
    query.limit = page;
    if (call.has("with")) {
        query.with = call.jid("with").bare_str();
    }
    for (bool complete = false; !complete;) {
        const ArchivePage found = co_await ok(read(query));
        for (const ArchiveEntry& entry : found.entries) {
            co_await ok(call.caller().send(row_of(entry)));
        }
        query.after = found.through;
        complete = found.complete;
    }
    co_return Json{};
}

Task<Result<ArchiveCheck>> ArchiveCommands::check(std::string owner, ArchiveId after)
{
    Shard& home = needs_.home(owner);
    const auto ask = [&archive = needs_.archive, owner, after] {
        return archive.check(owner, after);
    };
    Task<Result<ArchiveCheck>> asking = on(home, ask);
    Result<ArchiveCheck> answer = co_await asking;
    co_return answer;
}

// How many there are.
Task<Result<std::uint64_t>> ArchiveCommands::tell_faults(CommandCall& call, std::string owner)
{
    std::uint64_t faults = 0;
    ArchiveId after = ArchiveId::none;
    for (bool complete = false; !complete;) {
        const ArchiveCheck found = co_await ok(check(owner, after));
        for (const std::string& fault : found.faults) {
            Json row;
            row.set("fault", fault);
            co_await ok(call.caller().send(std::move(row)));
        }
        faults += found.faults.size();
        after = found.through;
        complete = found.complete;
    }
    co_return faults;
}

Task<Result<ArchiveRepair>> ArchiveCommands::repair_some(std::string owner, ArchiveRepair so_far)
{
    Shard& home = needs_.home(owner);
    const auto ask = [&archive = needs_.archive, owner, so_far] {
        return archive.repair(owner, so_far, &is_message);
    };
    Task<Result<ArchiveRepair>> asking = on(home, ask);
    Result<ArchiveRepair> answer = co_await asking;
    co_return answer;
}

// The index of what is found by its words is made anew where something is lost; the rest of it
// is done by then.
Task<Result<Json>> ArchiveCommands::repair(CommandCall& call)
{
    if (!call.caller().may(Permission::operate)) {
        co_return fail(Condition::forbidden, call.caller().name() + " may not do this");
    }
    const std::string owner{call.jid("jid").bare_str()};
    ArchiveRepair repair;
    std::uint64_t changes = 0;
    while (!repair.complete) {
        repair = co_await ok(repair_some(owner, repair));
        for (const std::string& done : repair.done) {
            Json row;
            row.set("done", done);
            co_await ok(call.caller().send(std::move(row)));
        }
        changes += repair.done.size();
    }
    if (repair.lost_from != ArchiveId::none) {
        co_await ok(needs_.search.forget(owner));
    }
    Task<Result<Json>> verifying = verify_all(call);
    co_await ok(std::move(verifying));
    co_return repaired(owner, repair, changes);
}

Task<Result<Json>> ArchiveCommands::verify(CommandCall& call)
{
    return call.flag("repair") ? repair(call) : verify_all(call);
}

Task<Result<Json>> ArchiveCommands::verify_all(CommandCall& call)
{
    ArchiveQuery query;
    query.owner = call.jid("jid").bare_str();
    query.limit = page;
    std::uint64_t entries = 0;
    std::uint64_t damaged = 0;
    for (bool complete = false; !complete;) {
        const ArchivePage found = co_await ok(read(query));
        for (const ArchiveEntry& entry : found.entries) {
            damaged += is_message(entry.stanza) && entry.id > query.after ? 0U : 1U;
            query.after = entry.id;
        }
        query.after = found.through;
        entries += found.entries.size();
        complete = found.complete;
    }
    const std::uint64_t faults = co_await ok(tell_faults(call, query.owner));
    if (damaged > 0 || faults > 0) {
        co_return fail(
            Condition::internal_server_error,
            fmt::format(
                "{} entries can be read, {} of them are damaged; {} other faults",
                entries,
                damaged,
                faults));
    }
    Json result;
    result.set("entries", entries).set("damaged", damaged);
    co_return result;
}

Task<Result<Json>> ArchiveCommands::expire(CommandCall& call)
{
    const std::string host = call.text("host");
    const std::int64_t days = call.integer("days");
    if (days < 1 || days > most_days) {
        co_return fail(Condition::bad_request, "days is a number from 1 to 36500");
    }
    const Clock::Wall before = needs_.clock.wall() - std::chrono::days{days};
    std::uint64_t removed = 0;
    std::uint64_t part = 0;
    do {
        part = co_await ok(needs_.archive.expire(host, before));
        removed += part;
    } while (part > 0);
    Json result;
    result.set("removed", removed);
    co_return result;
}

Task<Result<Json>> ArchiveCommands::reindex(CommandCall& call)
{
    const bool one = call.has("jid");
    if (one && call.has("host")) {
        co_return fail(Condition::bad_request, "Name an archive or a host");
    }
    if (one) {
        Task<Result<Json>> asking = reindex_one(std::string{call.jid("jid").bare_str()});
        co_return co_await asking;
    }
    const std::string host = call.has("host") ? call.text("host") : std::string{};
    std::uint64_t archives = 0;
    std::string from;
    do {
        SearchOwners some = co_await ok(needs_.search.begin_anew(host, from));
        archives += some.names.size();
        from = std::move(some.next);
    } while (!from.empty());
    Json result;
    result.set("archives", archives);
    co_return result;
}

Task<Result<Json>> ArchiveCommands::reindex_one(std::string owner)
{
    co_await ok(needs_.search.forget(owner));
    std::uint64_t entries = 0;
    std::uint64_t part = 0;
    do {
        part = co_await ok(index(owner));
        entries += part;
    } while (part > 0);
    Json result;
    result.set("archives", 1).set("entries", entries);
    co_return result;
}

} // namespace sarang
