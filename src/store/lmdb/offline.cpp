// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/offline.h"

#include "base/bytes.h"
#include "store/lmdb/named.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/records.h"

#include <algorithm>

namespace sarang::lmdb {
namespace {

constexpr std::uint64_t keys_remembered = 256;
constexpr std::size_t page_bytes = 256 * 1024;

OfflineHead head_of(ReadTransaction& transaction, std::uint64_t id)
{
    const auto bytes = transaction.get(Table::offline_heads, Key{id});
    if (!bytes) {
        return {};
    }
    const auto head = decode_offline_head(*bytes);
    if (!head) {
        transaction.corrupt();
    }
    return head.value_or(OfflineHead{});
}

bool seen(ReadTransaction& transaction, std::uint64_t id, std::string_view key)
{
    return !key.empty() &&
           find_named(transaction, Table::offline_keys, Key{id}, key).record.has_value();
}

void remember(
    WriteTransaction& transaction, std::uint64_t id, std::uint64_t position, std::string_view key)
{
    if (!key.empty()) {
        const NamedRow row = find_named(transaction, Table::offline_keys, Key{id}, key);
        transaction.put(Table::offline_keys, row.key, encode(NamedValue{key, {}}));
        transaction.put(Table::offline_order, Key{id}.u64(position), row.key.bytes());
    }
    if (position <= keys_remembered) {
        return;
    }
    const Key oldest = Key{id}.u64(position - keys_remembered);
    if (const auto forgotten = transaction.get(Table::offline_order, oldest)) {
        const Key key_row = Key{}.raw(*forgotten);
        transaction.erase(Table::offline_keys, key_row);
        transaction.erase(Table::offline_order, oldest);
    }
}

OfflineOutcome append_stanza(
    WriteTransaction& transaction,
    std::string_view owner,
    const OfflineDraft& draft,
    std::uint64_t limit)
{
    const auto known = find_owner(transaction, owner);
    OfflineHead head = known ? head_of(transaction, *known) : OfflineHead{};
    if (known && seen(transaction, *known, draft.key)) {
        return OfflineOutcome::repeated;
    }
    if (head.count >= limit) {
        return OfflineOutcome::full;
    }
    const std::uint64_t id = known ? *known : need_owner(transaction, owner);
    ++head.last;
    ++head.count;
    const OfflineRow row{draft.time, draft.stanza};
    transaction.put(Table::offline, Key{id}.u64(head.last), encode(row));
    transaction.put(Table::offline_heads, Key{id}, encode(head));
    remember(transaction, id, head.last, draft.key);
    return OfflineOutcome::stored;
}

OfflinePage
page_of(ReadTransaction& transaction, std::uint64_t id, std::uint64_t after, std::size_t limit)
{
    OfflinePage page;
    std::size_t bytes = 0;
    Cursor cursor{transaction, Table::offline, Key{id}};
    for (bool more = cursor.seek(Key{id}.u64(after + 1)); more; more = cursor.next()) {
        const auto row = decode_offline_row(cursor.value());
        if (!row) {
            transaction.corrupt();
            break;
        }
        bytes += row->stanza.size();
        if (page.entries.size() >= limit || (bytes > page_bytes && !page.entries.empty())) {
            page.complete = false;
            break;
        }
        const std::uint64_t position = BytesReader{cursor.key_rest()}.u64();
        page.entries.push_back(OfflineEntry{position, row->time, std::string{row->stanza}});
    }
    return page;
}

void shorten(WriteTransaction& transaction, std::uint64_t id, std::uint64_t removed)
{
    if (removed > 0) {
        OfflineHead head = head_of(transaction, id);
        head.count -= std::min(head.count, removed);
        transaction.put(Table::offline_heads, Key{id}, encode(head));
    }
}

std::uint64_t
remove_stanzas(WriteTransaction& transaction, std::uint64_t id, std::uint64_t position)
{
    const Key last = Key{id}.u64(position);
    const std::uint64_t removed = transaction.erase_through(Table::offline, Key{id}, last);
    shorten(transaction, id, removed);
    return removed;
}

std::uint64_t remove_these(
    WriteTransaction& transaction, std::uint64_t id, const std::vector<std::uint64_t>& positions)
{
    std::uint64_t removed = 0;
    for (const std::uint64_t position : positions) {
        removed += transaction.erase(Table::offline, Key{id}.u64(position)) ? 1 : 0;
    }
    shorten(transaction, id, removed);
    return removed;
}

} // namespace

Task<Result<OfflineOutcome>>
Offline::append(std::string_view owner, OfflineDraft draft, std::uint64_t limit)
{
    const std::size_t size = draft.stanza.size();
    auto work = [owner = std::string{owner}, draft = std::move(draft), limit](
                    WriteTransaction& transaction) -> Result<OfflineOutcome> {
        return append_stanza(transaction, owner, draft, limit);
    };
    return engine_.write(size, std::move(work));
}

Task<Result<std::uint64_t>> Offline::count(std::string_view owner)
{
    auto work = [owner](ReadTransaction& transaction) -> Result<std::uint64_t> {
        const auto id = find_owner(transaction, owner);
        return id ? head_of(transaction, *id).count : 0;
    };
    return engine_.read(work);
}

Task<Result<OfflinePage>>
Offline::read(std::string_view owner, std::uint64_t after, std::size_t limit)
{
    // Nearly nobody who comes has any, and that needs no worker.
    Task<Result<std::uint64_t>> counting = count(owner);
    const std::uint64_t kept = co_await ok(std::move(counting));
    if (kept == 0) {
        co_return OfflinePage{};
    }
    auto work = [owner = std::string{owner}, after, limit](
                    ReadTransaction& transaction) -> Result<OfflinePage> {
        const auto id = find_owner(transaction, owner);
        return id ? page_of(transaction, *id, after, limit) : OfflinePage{};
    };
    Task<Result<OfflinePage>> reading = engine_.read_aside(std::move(work));
    Result<OfflinePage> page = co_await reading;
    co_return std::move(page);
}

Task<Result<std::uint64_t>> Offline::remove_through(std::string_view owner, std::uint64_t position)
{
    auto work = [owner = std::string{owner},
                 position](WriteTransaction& transaction) -> Result<std::uint64_t> {
        const auto id = find_owner(transaction, owner);
        return id ? remove_stanzas(transaction, *id, position) : 0;
    };
    return engine_.write(owner.size(), std::move(work));
}

Task<Result<std::uint64_t>>
Offline::remove(std::string_view owner, std::vector<std::uint64_t> positions)
{
    const std::size_t size = positions.size() * sizeof(std::uint64_t);
    auto work = [owner = std::string{owner}, positions = std::move(positions)](
                    WriteTransaction& transaction) -> Result<std::uint64_t> {
        const auto id = find_owner(transaction, owner);
        return id ? remove_these(transaction, *id, positions) : 0;
    };
    return engine_.write(size, std::move(work));
}

} // namespace sarang::lmdb
