// SPDX-License-Identifier: Apache-2.0
// Blocks: some kilobytes of one archive's entries in a row, compressed where that pays. A row is a
// version, what it is packed with, the number of entries, how far the last id is from the first
// (which is the row's key), the size unpacked, and the entries.
#pragma once

#include "base/api.h"
#include "store/lmdb/archive_record.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace sarang::lmdb {

/// Entries that are kept together, unpacked.
inline constexpr std::size_t block_bytes = 12 * 1024;

/// Packs and unpacks. It holds what that needs, to be used again and again, by one thread at a
/// time.
class SARANG_API BlockCodec {
public:
    BlockCodec() = default;

    /// Nothing when it would not get smaller.
    std::optional<std::string> pack(std::string_view bytes);
    /// Nothing when these are no packed bytes of just that size.
    bool unpack(std::string_view packed, std::span<char> into);
    /// The same where something of it may be damaged: as it is up to there, and anything behind.
    std::string unpack_part(std::string_view packed);

private:
    struct Free {
        void operator()(ZSTD_CCtx_s* context) const;
        void operator()(ZSTD_DCtx_s* context) const;
    };

    std::unique_ptr<ZSTD_CCtx_s, Free> packing_;
    std::unique_ptr<ZSTD_DCtx_s, Free> unpacking_;
};

/// What can be told of a block without unpacking it.
struct BlockHead {
    bool packed = false;
    bool roles = false; ///< its entries have them
    std::uint64_t count = 0;
    ArchiveId last = ArchiveId::none;
    std::uint64_t size = 0; ///< of the entries, unpacked
    std::string_view body;
};

/// The head of a row whose key says that its first entry is `first`.
SARANG_API std::optional<BlockHead> read_block_head(ArchiveId first, std::string_view row);

/// A block that was read. Its entries point into it, or into the row where that is not packed.
class SARANG_API Block {
public:
    static std::optional<Block> read(BlockCodec& codec, ArchiveId first, std::string_view row);

    /// What can be read of a damaged one, up to where it is damaged: maybe nothing. It is not
    /// known whether that is what was written.
    static Block read_part(BlockCodec& codec, ArchiveId first, std::string_view row);

    /// In order, at least one.
    const std::vector<BlockEntry>& entries() const { return entries_; }

    /// The first entry that is not below an id.
    std::size_t lower_bound(ArchiveId id) const;
    const BlockEntry* find(ArchiveId id) const;

private:
    bool parse(ArchiveId first, const BlockHead& head, std::string_view body);

    bool parse_part(ArchiveId first, bool roles, std::string_view body);

    std::unique_ptr<char[]> unpacked_;
    std::vector<BlockEntry> entries_;
};

/// About what an entry takes in a block that is not packed.
SARANG_API std::size_t block_size(const BlockEntry& entry);

/// How many of the first entries fill a block; at least one of those that there are.
SARANG_API std::size_t block_count(std::span<const BlockEntry> entries);

/// The row of a block. Requires entries in order, at least one.
SARANG_API std::string write_block(BlockCodec& codec, std::span<const BlockEntry> entries);

} // namespace sarang::lmdb
