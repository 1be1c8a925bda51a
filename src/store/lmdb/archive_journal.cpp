// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_journal.h"

#include "base/log.h"
#include "base/scope.h"
#include "store/lmdb/archive_damage.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/code.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/restored.h"

#include <lmdb.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace sarang::lmdb {
namespace {

using TransactionPtr = Owned<MDB_txn, mdb_txn_abort>;

const Log log{"store"};

struct LiveRecord {
    std::size_t shard = 0;
    std::size_t offset = 0;
    std::size_t size = 0;
};

struct LiveRow {
    std::uint64_t number = 0;
    JournalBytes bytes;
    std::vector<LiveRecord> records;

    bool of_one_shard() const
    {
        const auto other = [this](const LiveRecord& record) {
            return record.shard != records.front().shard;
        };
        return std::ranges::none_of(records, other);
    }
};

class Replay {
public:
    Replay(WriteTransaction& transaction, const std::vector<ArchiveTails*>& tails, Clock::Time now)
        : transaction_{transaction}
        , tails_{tails}
        , now_{now}
        , mark_{archive_mark(transaction)}
    {}

    void run()
    {
        for (LiveRow& row : rows()) {
            if (row.records.empty()) {
                spent_.push_back(row.number);
            } else if (row.of_one_shard()) {
                take(row);
            } else {
                split(row);
            }
        }
        for (ArchiveTails* tail : tails_) {
            tail->sort();
        }
        clear();
    }

    bool changed() const { return changed_; }

    ArchiveId greatest() const { return mark_.id; }

private:
    // From where on the journal holds for an owner.
    struct Start {
        std::uint64_t row = 0;
        ArchiveId after = ArchiveId::none;
    };

    std::vector<LiveRow> rows()
    {
        std::vector<LiveRow> rows;
        Cursor cursor{transaction_, Table::archive_journal, Key{}};
        while (cursor.next()) {
            const std::uint64_t number = BytesReader{cursor.key()}.u64();
            rows.push_back({number, std::make_shared<const std::string>(cursor.value()), {}});
        }
        for (LiveRow& row : rows) {
            find_live(row);
            mark_.row = std::max(mark_.row, row.number);
        }
        return rows;
    }

    void find_live(LiveRow& row)
    {
        JournalReader reader{*row.bytes};
        while (const auto record = reader.next()) {
            const ArchiveId id = record->entry.id;
            mark_.id = std::max(mark_.id, id);
            const Start& start = start_of(record->owner);
            if (row.number >= start.row && id > start.after) {
                const std::size_t offset = reader.offset();
                row.records.push_back(
                    {bucket_of(id) % tails_.size(), offset, reader.end() - offset});
            }
        }
        if (reader.damaged()) {
            transaction_.damaged("a row of the archive's journal");
            damaged_.push_back(row.number);
        }
    }

    const Start& start_of(std::string_view owner)
    {
        const auto [place, fresh] = starts_.try_emplace(std::string{owner});
        Start& start = place->second;
        if (fresh) {
            start.row = first_valid_row(transaction_, owner);
            const auto id = find_owner(transaction_, owner);
            start.after = id ? archive_head(transaction_, *id).folded : ArchiveId::none;
        }
        return start;
    }

    void take(const LiveRow& row)
    {
        ArchiveTails& tails = *tails_[row.records.front().shard];
        const BatchNumber batch = tails.add_durable(row.number, row.bytes, now_);
        for (const LiveRecord& one : row.records) {
            BytesReader reader{std::string_view{*row.bytes}.substr(one.offset, one.size)};
            if (const auto record = read_record(reader)) {
                tails.restore(
                    record->owner,
                    {record->entry.id,
                     batch,
                     static_cast<std::uint32_t>(one.offset),
                     static_cast<std::uint32_t>(one.size)});
            }
        }
    }

    // The number of shards has changed: a row for each of those that have something in this one.
    void split(const LiveRow& row)
    {
        std::map<std::size_t, LiveRow> parts;
        std::map<std::size_t, BytesWriter> bytes;
        for (const LiveRecord& one : row.records) {
            BytesWriter& part = bytes[one.shard];
            if (part.bytes().empty()) {
                begin_journal(part);
            }
            parts[one.shard].records.push_back({one.shard, part.bytes().size(), one.size});
            part.raw(std::string_view{*row.bytes}.substr(one.offset, one.size));
        }
        for (auto& [shard, part] : parts) {
            part.number = ++mark_.row;
            part.bytes = std::make_shared<const std::string>(bytes[shard].take());
            transaction_.append(Table::archive_journal, Key{part.number}, *part.bytes);
            take(part);
        }
        spent_.push_back(row.number);
    }

    void clear()
    {
        for (const std::uint64_t number : damaged_) {
            set_aside(transaction_, Table::archive_journal, Key{number});
        }
        changed_ =
            !spent_.empty() || !damaged_.empty() || transaction_.any(Table::archive_voids, Key{});
        for (const std::uint64_t number : spent_) {
            transaction_.erase(Table::archive_journal, Key{number});
        }
        if (changed_) {
            put_archive_mark(transaction_, mark_);
            forget_voids(transaction_);
        }
    }

    WriteTransaction& transaction_;
    const std::vector<ArchiveTails*>& tails_;
    const Clock::Time now_;
    ArchiveMark mark_;
    std::unordered_map<std::string, Start> starts_;
    std::vector<std::uint64_t> spent_;
    std::vector<std::uint64_t> damaged_;
    bool changed_ = false;
};

// Ids that were given after the backup that this came from are not given again.
ArchiveId after_restore(ReadTransaction& transaction, ArchiveId greatest)
{
    const Clock::Wall time{std::chrono::milliseconds{restored_at(transaction)}};
    return std::max(greatest, bound_of(time));
}

} // namespace

Result<ArchiveId> replay_journal(
    const Environment& environment, const std::vector<ArchiveTails*>& tails, Clock::Time now)
{
    MDB_txn* begun = nullptr;
    if (const int code = mdb_txn_begin(environment.handle(), nullptr, 0, &begun); code != 0) {
        return code_failure(code, "read the archive's journal");
    }
    TransactionPtr ending{begun};
    WriteTransaction transaction{environment, begun};
    Replay replay{transaction, tails, now};
    replay.run();
    const ArchiveId mark = after_restore(transaction, replay.greatest());
    int code = transaction.code();
    if (code == 0 && replay.changed()) {
        code = environment.commit_code(mdb_txn_commit(ending.release()));
    }
    return code == 0 ? Result<ArchiveId>{mark} : code_failure(code, "read the archive's journal");
}

void finish_erasing(const Environment& environment)
{
    for (bool more = true; more;) {
        MDB_txn* begun = nullptr;
        if (mdb_txn_begin(environment.handle(), nullptr, 0, &begun) != 0) {
            return;
        }
        TransactionPtr ending{begun};
        WriteTransaction transaction{environment, begun};
        more = erase_some(transaction);
        int code = transaction.code();
        if (code == 0) {
            code = environment.commit_code(mdb_txn_commit(ending.release()));
        }
        if (code != 0) {
            log.error("{}", code_text(code, "erase what removed accounts had"));
            return;
        }
    }
}

} // namespace sarang::lmdb
