// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_environment.h"

#include "base/log.h"
#include "store/lmdb/backup.h"
#include "store/lmdb/group.h"
#include "store/lmdb/reader.h"
#include "store/lmdb/search_index.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace sarang::lmdb {
namespace {

const Log log{"search"};

struct Contents {
    bool empty = true;
    std::uint64_t format = 0;
};

Result<Contents> contents_of(const Environment& environment)
{
    auto work = [](ReadTransaction& transaction) -> Result<Contents> {
        Contents contents;
        contents.empty = !transaction.any(Table::search_heads, Key{}) &&
                         !transaction.any(Table::search_terms, Key{});
        contents.format = stored_search_format(transaction);
        return contents;
    };
    Reader once{environment};
    return once.read(work);
}

// What is wrong with the one that is there, so that it cannot be used.
std::optional<std::string> fault_of(const LmdbOptions& options)
{
    std::error_code ignored;
    const std::string file = search_directory(options) + "/data.mdb";
    if (std::filesystem::exists(search_damage_mark(options), ignored)) {
        return "damage was found when it was used";
    }
    if (!std::filesystem::exists(file, ignored)) {
        return std::nullopt;
    }
    const Result<void> checked = check_backup(file); // also that it was not cut short
    return checked ? std::nullopt : std::optional{checked.error().cause};
}

Result<Environment::Ptr> open_checked(const LmdbOptions& options)
{
    LmdbOptions beside = options;
    beside.directory = search_directory(options);
    auto environment = Environment::open(beside);
    if (!environment) {
        return environment;
    }
    const auto contents = contents_of(**environment);
    if (!contents) {
        return fail(contents.error());
    }
    if (!contents->empty && contents->format != search_format) {
        return fail(
            Condition::not_acceptable,
            {},
            "it has format " + std::to_string(contents->format) + ", this program has " +
                std::to_string(search_format));
    }
    if (contents->format != search_format && commit_deed(**environment, put_search_format) != 0) {
        return fail(Condition::internal_server_error, {}, "it cannot be written");
    }
    return environment;
}

// The one before goes: to look into one is enough.
Result<void> put_aside(const LmdbOptions& options, const std::string& why)
{
    const std::string from = search_directory(options);
    const std::string to = search_aside(options);
    log.error("the search index cannot be used, and is made anew: {}", why);
    std::error_code failed;
    std::filesystem::remove_all(to, failed);
    std::filesystem::rename(from, to, failed);
    if (failed) {
        return fail(
            Condition::internal_server_error,
            {},
            "cannot put " + from + " aside: " + failed.message());
    }
    log.error("what there was of it is in {}, which may be removed", to);
    return {};
}

bool stays(const Error& error)
{
    return error.condition == Condition::resource_constraint ||
           error.condition == Condition::conflict;
}

} // namespace

std::string search_directory(const LmdbOptions& options)
{
    return options.directory + "/search";
}

std::string search_damage_mark(const LmdbOptions& options)
{
    return search_directory(options) + "/damaged";
}

std::string search_aside(const LmdbOptions& options)
{
    return options.directory + "/search.aside";
}

Result<SearchEnvironment> open_search(const LmdbOptions& options)
{
    std::optional<std::string> fault = fault_of(options);
    if (!fault) {
        auto opened = open_checked(options);
        if (opened) {
            return SearchEnvironment{std::move(*opened), false};
        }
        if (stays(opened.error())) { // no fault of its own
            return fail(std::move(opened).error());
        }
        fault = opened.error().cause;
    }
    if (auto moved = put_aside(options, *fault); !moved) {
        return fail(std::move(moved).error());
    }
    auto anew = open_checked(options);
    if (!anew) {
        return fail(std::move(anew).error());
    }
    return SearchEnvironment{std::move(*anew), true};
}

} // namespace sarang::lmdb
