// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_block.h"

#include "store/lmdb/archive_ids.h"
#include "store/lmdb/pen.h"

#include <zstd.h>

#include <algorithm>
#include <new>

namespace sarang::lmdb {
namespace {

constexpr std::uint8_t block_version = 2;
constexpr std::uint8_t version_without_roles = 1;
constexpr int pack_level = 1;
constexpr std::uint64_t largest_body = std::uint64_t{1}
                                       << 27; // what a damaged row may make us ask for
constexpr std::size_t smallest_entry = 7;
constexpr std::size_t head_size = 32; // at most, of a row

constexpr std::string_view pack_sign = "\x28\xB5\x2F\xFD"; // that zstd begins with

enum Packing : std::uint8_t { plain = 0, zstd = 1 };

// The parties of a block, each named once.
class Parties {
public:
    explicit Parties(std::span<const BlockEntry> entries)
    {
        numbers_.reserve(entries.size());
        for (const BlockEntry& entry : entries) {
            numbers_.push_back(number(entry.with));
        }
    }

    const std::vector<std::string_view>& names() const { return names_; }

    /// That of an entry's.
    std::size_t of(std::size_t entry) const { return numbers_[entry]; }

private:
    std::size_t number(std::string_view name)
    {
        const auto found = std::ranges::find(names_, name);
        if (found == names_.end()) {
            names_.push_back(name);
            return names_.size() - 1;
        }
        return static_cast<std::size_t>(found - names_.begin());
    }

    std::vector<std::string_view> names_;
    std::vector<std::size_t> numbers_; ///< by entry
};

// At most.
std::size_t size_of(std::span<const std::string_view> names)
{
    std::size_t size = Pen::longest_varint;
    for (const std::string_view name : names) {
        size += Pen::longest_length + name.size();
    }
    return size;
}

// At most.
std::size_t size_of(std::span<const BlockEntry> entries)
{
    constexpr std::size_t numbers = 2 * Pen::longest_varint + 1 + 4 * Pen::longest_length;
    std::size_t size = 0;
    for (const BlockEntry& entry : entries) {
        size += numbers + entry.with_resource.size() + entry.message_id.size() +
                entry.refers_to.size() + entry.stanza.size();
    }
    return size;
}

std::string write_body(std::span<const BlockEntry> entries)
{
    const Parties parties{entries};
    std::string body(size_of(parties.names()) + size_of(entries), '\0');
    Pen pen{body.data()};
    pen.varint(parties.names().size());
    for (const std::string_view name : parties.names()) {
        pen.string(name);
    }
    ArchiveId last = entries.front().id;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const BlockEntry& entry = entries[i];
        pen.varint(number(entry.id) - number(last)).varint(parties.of(i));
        pen.u8(static_cast<std::uint8_t>(entry.role));
        pen.string(entry.with_resource).string(entry.message_id).string(entry.refers_to);
        pen.string(entry.stanza);
        last = entry.id;
    }
    body.resize(static_cast<std::size_t>(pen.at() - body.data()));
    return body;
}

std::vector<std::string_view> read_parties(BytesReader& body)
{
    std::vector<std::string_view> names(body.count());
    for (std::string_view& name : names) {
        name = body.string();
    }
    return names;
}

} // namespace

void BlockCodec::Free::operator()(ZSTD_CCtx_s* context) const
{
    ZSTD_freeCCtx(context);
}

void BlockCodec::Free::operator()(ZSTD_DCtx_s* context) const
{
    ZSTD_freeDCtx(context);
}

std::optional<std::string> BlockCodec::pack(std::string_view bytes)
{
    if (!packing_) {
        packing_.reset(ZSTD_createCCtx());
    }
    if (!packing_) {
        throw std::bad_alloc{};
    }
    const std::unique_ptr<char[]> packed{new char[bytes.size()]}; // not to be filled first
    const std::size_t size = ZSTD_compressCCtx(
        packing_.get(), packed.get(), bytes.size(), bytes.data(), bytes.size(), pack_level);
    return ZSTD_isError(size) == 0 ? std::optional{std::string{packed.get(), size}} : std::nullopt;
}

bool BlockCodec::unpack(std::string_view packed, std::span<char> into)
{
    if (!unpacking_) {
        unpacking_.reset(ZSTD_createDCtx());
    }
    if (!unpacking_) {
        throw std::bad_alloc{};
    }
    const std::size_t size = ZSTD_decompressDCtx(
        unpacking_.get(), into.data(), into.size(), packed.data(), packed.size());
    return ZSTD_isError(size) == 0 && size == into.size();
}

std::string BlockCodec::unpack_part(std::string_view packed)
{
    if (!unpacking_) {
        unpacking_.reset(ZSTD_createDCtx());
    }
    if (!unpacking_) {
        throw std::bad_alloc{};
    }
    const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size > largest_body) { // so are the numbers that say that it is not known
        return {};
    }
    std::string unpacked(size, '\0');
    ZSTD_decompressDCtx(
        unpacking_.get(), unpacked.data(), unpacked.size(), packed.data(), packed.size());
    return unpacked;
}

std::optional<BlockHead> read_block_head(ArchiveId first, std::string_view row)
{
    BytesReader reader{row};
    const std::uint8_t version = reader.u8();
    if (version != block_version && version != version_without_roles) {
        return std::nullopt;
    }
    BlockHead head;
    head.roles = version == block_version;
    const std::uint8_t packing = reader.u8();
    head.packed = packing == zstd;
    head.count = reader.varint();
    head.last = ArchiveId{number(first) + reader.varint()};
    head.size = reader.varint();
    head.body = reader.rest();
    const bool sound = reader.ok() && packing <= zstd && head.count > 0 && head.last >= first &&
                       head.size <= largest_body && head.count <= head.size / smallest_entry + 1 &&
                       (head.packed || head.size == head.body.size());
    return sound ? std::optional{head} : std::nullopt;
}

std::optional<Block> Block::read(BlockCodec& codec, ArchiveId first, std::string_view row)
{
    const auto head = read_block_head(first, row);
    if (!head) {
        return std::nullopt;
    }
    Block block;
    std::string_view body = head->body;
    if (head->packed) {
        block.unpacked_.reset(new char[head->size]);
        if (!codec.unpack(body, {block.unpacked_.get(), head->size})) {
            return std::nullopt;
        }
        body = {block.unpacked_.get(), head->size};
    }
    return block.parse(first, *head, body) ? std::optional{std::move(block)} : std::nullopt;
}

bool Block::parse(ArchiveId first, const BlockHead& head, std::string_view body)
{
    BytesReader reader{body};
    const auto parties = read_parties(reader);
    std::uint64_t id = number(first);
    bool sound = true;
    entries_.reserve(head.count);
    for (std::uint64_t i = 0; i < head.count && reader.ok() && sound; ++i) {
        const std::uint64_t step = reader.varint();
        const std::uint64_t party = reader.varint();
        if (party >= parties.size() || (i == 0) != (step == 0) || step > ~id) {
            return false;
        }
        BlockEntry& entry = entries_.emplace_back();
        id += step;
        entry.id = ArchiveId{id};
        entry.with = parties[party];
        entry.role = head.roles ? read_role(reader, sound) : EntryRole::none;
        entry.with_resource = reader.string();
        entry.message_id = reader.string();
        entry.refers_to = reader.string();
        entry.stanza = reader.string();
    }
    return sound && reader.complete() && ArchiveId{id} == head.last;
}

// The head may be what is damaged: it is only passed over. What is packed begins with a sign.
Block Block::read_part(BlockCodec& codec, ArchiveId first, std::string_view row)
{
    Block block;
    BytesReader reader{row};
    const bool roles = reader.u8() != version_without_roles;
    const std::size_t packed = row.substr(0, head_size + pack_sign.size()).find(pack_sign);
    std::string_view body;
    if (packed != std::string_view::npos) {
        const std::string unpacked = codec.unpack_part(row.substr(packed));
        block.unpacked_.reset(new char[unpacked.size()]);
        std::ranges::copy(unpacked, block.unpacked_.get());
        body = {block.unpacked_.get(), unpacked.size()};
    } else {
        reader.u8();
        for (int i = 0; i < 3; ++i) {
            reader.varint();
        }
        body = reader.rest();
    }
    if (!block.parse_part(first, roles, body) && !block.entries_.empty()) {
        block.entries_.pop_back(); // the damage may have begun in it
    }
    return block;
}

// Whether it came to the end.
bool Block::parse_part(ArchiveId first, bool roles, std::string_view body)
{
    BytesReader reader{body};
    const auto parties = read_parties(reader);
    std::uint64_t id = number(first);
    while (reader.ok() && !reader.complete()) {
        const std::uint64_t step = reader.varint();
        const std::uint64_t party = reader.varint();
        bool sound = party < parties.size() && entries_.empty() == (step == 0) && step <= ~id;
        BlockEntry entry;
        id += step;
        entry.id = ArchiveId{id};
        entry.role = roles ? read_role(reader, sound) : EntryRole::none;
        entry.with_resource = reader.string();
        entry.message_id = reader.string();
        entry.refers_to = reader.string();
        entry.stanza = reader.string();
        if (!sound || !reader.ok()) {
            return false;
        }
        entry.with = parties[party];
        entries_.push_back(entry);
    }
    return reader.complete();
}

std::size_t Block::lower_bound(ArchiveId id) const
{
    const auto found = std::ranges::lower_bound(entries_, id, {}, &BlockEntry::id);
    return static_cast<std::size_t>(found - entries_.begin());
}

const BlockEntry* Block::find(ArchiveId id) const
{
    const std::size_t at = lower_bound(id);
    return at < entries_.size() && entries_[at].id == id ? &entries_[at] : nullptr;
}

std::size_t block_size(const BlockEntry& entry)
{
    constexpr std::size_t lengths = 13;
    return lengths + entry.with_resource.size() + entry.message_id.size() + entry.refers_to.size() +
           entry.stanza.size();
}

std::size_t block_count(std::span<const BlockEntry> entries)
{
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < entries.size() && bytes < block_bytes) {
        bytes += block_size(entries[count++]);
    }
    return count;
}

std::string write_block(BlockCodec& codec, std::span<const BlockEntry> entries)
{
    const std::string body = write_body(entries);
    const auto packed = codec.pack(body);
    const std::uint64_t span = number(entries.back().id) - number(entries.front().id);
    BytesWriter row;
    row.reserve(head_size + (packed ? packed->size() : body.size()));
    row.u8(block_version).u8(packed ? zstd : plain).varint(entries.size()).varint(span);
    return row.varint(body.size()).raw(packed ? *packed : body).take();
}

} // namespace sarang::lmdb
