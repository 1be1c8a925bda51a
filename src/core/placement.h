// SPDX-License-Identifier: Apache-2.0
// Placement: which bucket an address belongs to, and which shard holds the bucket. The hash is
// frozen: stored data and other nodes rely on it. Immutable, so any thread may ask.
#pragma once

#include "base/api.h"

#include <cstdint>
#include <string_view>

namespace sarang {

/// One of the hash partitions of bare JIDs.
using Bucket = std::uint16_t;

inline constexpr Bucket bucket_count = 4096;

/// The bucket of a normalised bare JID (users, rooms and services alike).
SARANG_API Bucket bucket_of(std::string_view bare_jid);

class SARANG_API Placement {
public:
    /// Requires shards > 0.
    explicit Placement(unsigned shards)
        : shards_{shards}
    {}

    unsigned shards() const { return shards_; }

    unsigned shard_of(Bucket bucket) const { return bucket % shards_; }

    unsigned shard_of(std::string_view bare_jid) const
    {
        return shards_ == 1 ? 0 : shard_of(bucket_of(bare_jid));
    }

private:
    unsigned shards_;
};

} // namespace sarang
