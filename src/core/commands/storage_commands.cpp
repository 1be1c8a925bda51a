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
}

Task<Result<Json>> StorageCommands::backup(CommandCall& call)
{
    const std::string file = call.text("file");
    co_await ok(storage_.backup(file));
    Json result;
    result.set("file", file);
    co_return result;
}

} // namespace sarang
