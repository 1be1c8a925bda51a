// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_repair.h"

#include "base/bytes.h"
#include "store/lmdb/archive_damage.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_mending.h"
#include "store/lmdb/archive_record.h"
#include "store/lmdb/owners.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <string>
#include <utility>

namespace sarang::lmdb {
namespace {

constexpr std::uint64_t rows_at_once = 64;

// In their order: each relies on what those before it have done.
enum class Stage : unsigned { start, blocks, parties, references, inbox, head, aside, ended };

Stage stage_of(const ArchiveRepair& repair)
{
    return static_cast<Stage>(repair.stage);
}

std::string_view host_of(std::string_view owner)
{
    return owner.substr(owner.find('@') + 1);
}

// Where the blocks begin and end; none and none without any.
void find_ends(ReadTransaction& transaction, std::uint64_t owner, ArchiveHead& head)
{
    Cursor cursor{transaction, Table::archive_blocks, Key{owner}};
    head.first = ArchiveId::none;
    head.last = ArchiveId::none;
    if (!cursor.next()) {
        return;
    }
    head.first = ArchiveId{BytesReader{cursor.key_rest()}.u64()};
    if (cursor.seek_back(Key{owner}.u64(std::numeric_limits<std::uint64_t>::max()))) {
        const ArchiveId first{BytesReader{cursor.key_rest()}.u64()};
        const auto block = read_block_head(first, cursor.value());
        head.last = block ? block->last : first;
    }
}

void mend_head(const Mending& mending, std::string_view owner, std::int64_t miscounted)
{
    WriteTransaction& transaction = mending.transaction;
    const ArchiveHead before = sound_head(transaction, mending.owner);
    ArchiveHead head = before;
    find_ends(transaction, mending.owner, head);
    head.count =
        head.first == ArchiveId::none ? 0 : before.count + static_cast<std::uint64_t>(miscounted);
    head.folded = std::max(head.folded, head.last);
    if (head.count > 0 && head.host == 0) {
        head.host = need_host(transaction, host_of(owner));
    }
    if (head != before) {
        put_archive_head(transaction, mending.owner, before, head);
        mending.repair.done.push_back(
            fmt::format("its head was put right: it has {} entries", head.count));
    }
    const Key due = expiry_key(head, mending.owner);
    if (head.count > 0 && !transaction.get(Table::archive_expiry, due)) {
        transaction.put(Table::archive_expiry, due, {});
        mending.repair.done.push_back("it is again where the expiry of its host looks for it");
    }
}

void drop_set_aside(WriteTransaction& transaction, ArchiveRepair& repair)
{
    const std::uint64_t rows = transaction.erase_first(Table::archive_aside, Key{}, rows_at_once);
    if (rows > 0) {
        repair.done.push_back(fmt::format(
            "{} damaged rows of all archives that were set aside are gone for good", rows));
    }
    repair.place.clear();
    if (transaction.any(Table::archive_aside, Key{})) {
        repair.place = "more";
    }
}

// A head that is damaged is made anew before anything else.
void begin(const Mending& mending)
{
    const auto bytes = mending.transaction.get(Table::archive_heads, Key{mending.owner});
    if (bytes && !decode_archive_head(*bytes)) {
        sound_head(mending.transaction, mending.owner);
        mending.repair.done.push_back("its head was damaged, and is made anew");
    }
}

void mend(const Mending& mending, std::string_view owner, SoundStanza sound, std::int64_t counted)
{
    switch (stage_of(mending.repair)) {
    case Stage::start:
        return begin(mending);
    case Stage::blocks:
        return mend_blocks(mending, sound);
    case Stage::parties:
        return mend_parties(mending);
    case Stage::references:
        return mend_references(mending);
    case Stage::inbox:
        return mend_inbox(mending);
    case Stage::head:
        return mend_head(mending, owner, counted);
    default:
        return;
    }
}

} // namespace

ArchiveRepair repair_archive(
    WriteTransaction& transaction,
    BlockCodec& codec,
    std::string_view owner,
    ArchiveRepair so_far,
    SoundStanza sound,
    std::int64_t miscounted)
{
    ArchiveRepair repair = std::move(so_far);
    repair.done.clear();
    const auto id = find_owner(transaction, owner);
    if (stage_of(repair) == Stage::aside) {
        drop_set_aside(transaction, repair);
    } else if (id) {
        mend(Mending{transaction, codec, *id, repair}, owner, sound, miscounted);
    }
    if (repair.place.empty()) {
        ++repair.stage;
    }
    repair.complete = stage_of(repair) >= Stage::ended;
    return repair;
}

bool is_head_next(const ArchiveRepair& repair)
{
    return stage_of(repair) == Stage::head;
}

std::int64_t miscounted(ReadTransaction& transaction, std::string_view owner)
{
    const auto id = find_owner(transaction, owner);
    if (!id) {
        return 0;
    }
    const std::uint64_t said = archive_head(transaction, *id).count;
    return static_cast<std::int64_t>(rebuilt_head(transaction, *id).count - said);
}

bool is_journal_damaged(ReadTransaction& transaction)
{
    Cursor journal{transaction, Table::archive_journal, Key{}};
    while (journal.next()) {
        JournalReader reader{journal.value()};
        while (reader.next()) {
        }
        if (reader.damaged()) {
            return true;
        }
    }
    return false;
}

} // namespace sarang::lmdb
