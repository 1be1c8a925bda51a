// SPDX-License-Identifier: Apache-2.0
// What the top of the file and the tables of the process as a whole may say. It takes a restart
// to change, but for the log's level.
#pragma once

#include "base/log.h"
#include "core/option.h"

namespace sarang {

struct SARANG_API ServerOptions {
    ServerOptions(Schema& schema, std::shared_ptr<const Config> config);

    std::vector<OptionChange> apply(std::shared_ptr<const Config> config);

    Options top;
    Option<std::string> data;
    Option<std::string> modules_path;
    Option<std::int64_t> shards;

    Options log;
    Option<Log::Level> level;

    Options store;
    Option<std::size_t> map_size;
    Option<std::int64_t> max_index_lag;

    Options sasl;
    Option<std::int64_t> hashing_threads;
    Option<std::int64_t> hashing_queue;
};

} // namespace sarang
