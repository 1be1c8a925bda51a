// SPDX-License-Identifier: Apache-2.0
#include "core/commands/storage_commands.h"

#include <fmt/format.h>
#include <string>
#include <utility>

namespace sarang {
namespace {

std::string backup_text(const Json& result)
{
    return fmt::format("{} was written\n", *result.find("file")->string());
}

std::string compacted_text(const Json& result)
{
    return fmt::format(
        "{} bytes were given back\n"
        "The files have {} bytes, and take {} of the disk; {} of those are free\n",
        *result.find("given back")->integer(),
        *result.find("bytes")->integer(),
        *result.find("bytes on disk")->integer(),
        *result.find("free on disk")->integer());
}

} // namespace

StorageCommands::StorageCommands(CommandRegistry& registry, Storage& storage)
    : storage_{storage}
{
    CommandSpec spec{
        "backup", "Writes a consistent copy of all that is stored.", Permission::operate};
    spec.required(Parameter::Kind::path, "file", "where to; written by the server, with its rights")
        .details("Goes on beside the running server. \"sarangd --restore FILE\" takes it back.")
        .shown(backup_text);
    backup_ = registry.add(std::move(spec), *this, &StorageCommands::backup);
    CommandSpec compact{
        "archive compact",
        "Gives back to the file system what is free in the database's files.",
        Permission::operate};
    compact
        .details(
            "Goes on beside the running server, in small steps. The files keep their size and\n"
            "get holes; what is written next takes room again. \"sarangd --compact\" makes them\n"
            "shorter as well, while the server is stopped.")
        .shown(compacted_text);
    compact_ = registry.add(std::move(compact), *this, &StorageCommands::compact);
}

Task<Result<Json>> StorageCommands::backup(CommandCall& call)
{
    const std::string file = call.text("file");
    co_await ok(storage_.backup(file));
    Json result;
    result.set("file", file);
    co_return result;
}

Task<Result<Json>> StorageCommands::compact(CommandCall&)
{
    const StorageCompaction done = co_await ok(storage_.compact());
    Json result;
    result.set("given back", done.given_back)
        .set("bytes", done.space.bytes)
        .set("bytes on disk", done.space.disk)
        .set("free", done.space.free)
        .set("free on disk", done.space.free_on_disk());
    co_return result;
}

} // namespace sarang
