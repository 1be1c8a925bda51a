// SPDX-License-Identifier: Apache-2.0
// Tail: what one owner's archive has beyond its blocks, and the index in which an append finds it.
#pragma once

#include "base/api.h"
#include "store/archive_store.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::lmdb {

/// Counts the batches of a shard.
using BatchNumber = std::uint64_t;

/// Where an entry stands.
struct TailPlace {
    ArchiveId id = ArchiveId::none;
    BatchNumber batch = 0;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
};

/// Of one owner.
struct Tail {
    std::string owner;
    std::vector<TailPlace> places; ///< by id
    std::size_t bytes = 0;
    bool ripe = false;    ///< a block's worth waits to be folded
    bool folding = false; ///< some of it is being folded
};

/// Tails by their owners. An append finds one of very many, so what counts is how often memory is
/// waited for: the table is open, and holds the hashes themselves.
class SARANG_API TailIndex {
public:
    TailIndex();

    /// Nothing when there is none. Tails stay where they are.
    Tail* find(std::string_view owner) const;
    /// The owner's, a new one if need be.
    Tail& need(std::string_view owner);
    void erase(std::string_view owner);

    template <class Visit>
    void each(Visit visit) const
    {
        for (const Slot& slot : slots_) {
            if (slot.tail) {
                visit(*slot.tail);
            }
        }
    }

    std::size_t size() const { return count_; }

private:
    struct Slot {
        std::size_t hash = 0;
        std::unique_ptr<Tail> tail;
    };

    std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

    /// How far a slot lies behind another.
    std::size_t distance(std::size_t from, std::size_t to) const
    {
        return (to - from) & (slots_.size() - 1);
    }

    std::size_t place(std::string_view owner, std::size_t hash) const;
    void grow();

    std::vector<Slot> slots_; ///< a power of two, at most half of them in use
    std::size_t count_ = 0;
};

} // namespace sarang::lmdb
