// SPDX-License-Identifier: Apache-2.0
// OfflineStore: stanzas that wait for their owner, in order of arrival (XEP-0160).
// Errors and lifetimes as in store/account_store.h.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// A stanza to be kept.
struct OfflineDraft {
    std::string key; ///< the same for a repeated append of the same stanza; empty: never repeated
    Clock::Wall time;
    std::string stanza;
};

enum class OfflineOutcome : std::uint8_t {
    stored,   ///< it is on disk
    repeated, ///< its key was seen before: it was kept already, perhaps read since
    full,     ///< the owner's limit is reached; nothing was kept
};

struct OfflineEntry {
    std::uint64_t position = 0; ///< rises within an owner, never 0
    Clock::Wall time;
    std::string stanza;

    bool operator==(const OfflineEntry&) const = default;
};

struct OfflinePage {
    std::vector<OfflineEntry> entries;
    bool complete = true; ///< nothing followed the last entry when it was read
};

class SARANG_API OfflineStore {
public:
    virtual ~OfflineStore() = default;

    /// Keeps a stanza unless `limit` are kept already. The owner's last keys (256 at least) are
    /// remembered, also after their stanzas were removed.
    virtual Task<Result<OfflineOutcome>>
    append(std::string_view owner, OfflineDraft draft, std::uint64_t limit) = 0;

    virtual Task<Result<std::uint64_t>> count(std::string_view owner) = 0;

    /// At most `limit` entries after a position (0: the first); fewer when they are large.
    virtual Task<Result<OfflinePage>>
    read(std::string_view owner, std::uint64_t after, std::size_t limit) = 0;

    /// Removes the entries up to and with a position; how many there were.
    virtual Task<Result<std::uint64_t>>
    remove_through(std::string_view owner, std::uint64_t position) = 0;

    /// Removes the entries at these positions; how many there were.
    virtual Task<Result<std::uint64_t>>
    remove(std::string_view owner, std::vector<std::uint64_t> positions) = 0;
};

} // namespace sarang
