// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/trouble.h"

#include "base/log.h"
#include "store/lmdb/code.h"

#include <lmdb.h>

#include <chrono>
#include <fmt/format.h>

namespace sarang::lmdb {
namespace {

constexpr std::chrono::minutes interval{1};

const Log log{"store"};

} // namespace

std::string trouble_text(int code, std::uint64_t map_bytes)
{
    if (code == MDB_MAP_FULL) {
        return fmt::format(
            "it is as large as it may be, {} MiB: raise store.map_size and start anew, or expire "
            "what is old",
            map_bytes >> 20U);
    }
    return code == 0 ? std::string{} : std::string{mdb_strerror(code)};
}

void Trouble::note(const GroupOutcome& outcome, std::uint64_t map_bytes, Clock::Time now)
{
    if (outcome.failures > 0) {
        code_.set(outcome.code);
        refused_ += outcome.failures;
        begin(map_bytes, now);
    } else if (code() != 0 && outcome.commits > 0) {
        end();
    }
}

void Trouble::begin(std::uint64_t map_bytes, Clock::Time now)
{
    if (told_ && now - *told_ < interval) {
        return;
    }
    told_ = now;
    announced_ = true;
    log.error(
        "the database refuses writes {}: {}",
        field("refused", refused_),
        trouble_text(code(), map_bytes));
}

// What comes and goes is not told of each time.
void Trouble::end()
{
    code_.set(0);
    if (announced_) {
        log.warn("the database takes writes again {}", field("refused", refused_));
        announced_ = false;
        refused_ = 0;
    }
}

} // namespace sarang::lmdb
