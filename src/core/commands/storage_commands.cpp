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

std::string space_text(const Json& result)
{
    return fmt::format(
        "{} of {} bytes are free: \"sarangd --compact\" gives them back while the server is"
        " stopped\n",
        *result.find("free")->integer(),
        *result.find("bytes")->integer());
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
    CommandSpec space{
        "archive compact", "Tells how much of the database's files is free.", Permission::read};
    space
        .details("What was removed leaves room in the files, which is used again. To give it back\n"
                 "to the file system, stop the server and call \"sarangd --compact\".")
        .shown(space_text);
    space_ = registry.add(std::move(space), *this, &StorageCommands::space);
}

Task<Result<Json>> StorageCommands::backup(CommandCall& call)
{
    const std::string file = call.text("file");
    co_await ok(storage_.backup(file));
    Json result;
    result.set("file", file);
    co_return result;
}

Task<Result<Json>> StorageCommands::space(CommandCall&)
{
    const StorageSpace space = co_await ok(storage_.space());
    Json result;
    result.set("bytes", space.bytes).set("free", space.free);
    co_return result;
}

} // namespace sarang
