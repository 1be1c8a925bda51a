// SPDX-License-Identifier: Apache-2.0
#include "core/server_options.h"

namespace sarang {

ServerOptions::ServerOptions(Schema& schema, std::shared_ptr<const Config> config)
    : top{schema, config, ""}
    , data{top.string("data", "/var/lib/sarang", "folder of all that is kept", Effect::restart)}
    , modules_path{top.string(
          "modules_path", SARANG_MODULES, "folder of the loadable modules", Effect::restart)}
    , shards{top.integer(
          "shards", 0, {0, 1024}, "threads that serve; 0: one for each CPU", Effect::restart)}
    , log{schema, config, "log"}
    , level{log.choice<Log::Level>(
          "level",
          Log::Level::info,
          {{"error", Log::Level::error},
           {"warn", Log::Level::warn},
           {"info", Log::Level::info},
           {"debug", Log::Level::debug}},
          "what is logged")}
    , store{schema, config, "store"}
    , map_size{store.size(
          "map_size",
          std::size_t{1} << 40U,
          {std::size_t{1} << 20U, std::size_t{1} << 46U},
          "address space for the database, and the most that it may grow to",
          Effect::restart)}
    , max_index_lag{store.integer(
          "max_index_lag",
          8192,
          {512, 10'000'000},
          "entries of an archive that may come into it before the search index takes them up",
          Effect::restart)}
    , sasl{schema, config, "sasl"}
    , hashing_threads{sasl.integer(
          "hashing_threads",
          0,
          {0, 256},
          "threads that hash passwords; 0: one for each shard",
          Effect::restart)}
    , hashing_queue{sasl.integer(
          "hashing_queue",
          256,
          {1, 100'000},
          "passwords that may wait to be hashed",
          Effect::restart)}
{}

std::vector<OptionChange> ServerOptions::apply(std::shared_ptr<const Config> config)
{
    std::vector<OptionChange> changes = top.apply(config);
    for (Options* more : {&log, &store, &sasl}) {
        const std::vector<OptionChange> changed = more->apply(config);
        changes.insert(changes.end(), changed.begin(), changed.end());
    }
    return changes;
}

} // namespace sarang
