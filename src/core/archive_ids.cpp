// SPDX-License-Identifier: Apache-2.0
#include "core/archive_ids.h"

#include "base/bytes.h"
#include "base/hash.h"

#include <algorithm>

namespace sarang {
namespace {

constexpr std::size_t text_size = 22;

std::uint8_t* write(std::uint8_t* at, std::uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8) {
        *at++ = static_cast<std::uint8_t>(number >> shift);
    }
    return at;
}

// The entry's id, and what ties it to its archive and tells it from what was made up.
BlockCipher::Block block_of(std::string_view owner, ArchiveId id)
{
    BlockCipher::Block block;
    write(write(block.data(), static_cast<std::uint64_t>(id)), frozen_hash(owner));
    return block;
}

std::optional<BlockCipher::Block> block_of(std::string_view text)
{
    if (text.size() != text_size) {
        return std::nullopt;
    }
    std::string standard{text};
    std::ranges::replace(standard, '-', '+');
    std::ranges::replace(standard, '_', '/');
    const auto bytes = base64_decode(standard + "==");
    BlockCipher::Block block;
    if (!bytes || bytes->size() != block.size() || base64url_encode(*bytes) != text) {
        return std::nullopt;
    }
    std::copy(bytes->begin(), bytes->end(), block.begin());
    return block;
}

} // namespace

std::string ArchiveIds::show(std::string_view owner, ArchiveId id)
{
    return base64url_encode(view(cipher_.encrypt(block_of(owner, id))));
}

std::optional<ArchiveId> ArchiveIds::read(std::string_view owner, std::string_view text)
{
    const auto shown = block_of(text);
    if (!shown) {
        return std::nullopt;
    }
    const BlockCipher::Block block = cipher_.decrypt(*shown);
    const ArchiveId id{BytesReader{view(block)}.u64()};
    if (block != block_of(owner, id) || id == ArchiveId::none) {
        return std::nullopt;
    }
    return id;
}

} // namespace sarang
