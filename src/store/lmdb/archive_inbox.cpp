// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_inbox.h"

#include "base/bytes.h"
#include "base/log.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/named.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace sarang::lmdb {
namespace {

const Log log{"store"};

constexpr std::uint8_t totals_version = 1;

enum List : std::uint8_t { all = 0, unread = 1 };

Key list_key(std::uint64_t owner, List list)
{
    return Key{owner}.u8(list);
}

// All of this follows from what was said: a damaged row stops neither what is said next nor the
// others, and is written anew.
std::optional<InboxRow> decoded(std::uint64_t owner, std::string_view bytes)
{
    auto row = InboxRow::decode(bytes);
    if (!row) {
        log.error("a conversation of archive {} is damaged", owner);
    }
    return row;
}

// What a conversation has of the totals.
InboxTotals share_of(const InboxRow& row)
{
    if (row.empty()) {
        return {};
    }
    return InboxTotals{1, row.unread() > 0 ? 1U : 0U, row.unread(), row.mentions()};
}

void add(InboxTotals& totals, const InboxTotals& share)
{
    totals.conversations += share.conversations;
    totals.unread_conversations += share.unread_conversations;
    totals.unread += share.unread;
    totals.mentions += share.mentions;
}

void subtract(InboxTotals& totals, const InboxTotals& share)
{
    totals.conversations -= share.conversations;
    totals.unread_conversations -= share.unread_conversations;
    totals.unread -= share.unread;
    totals.mentions -= share.mentions;
}

/// Where a conversation stands in the lists, and what it has of the totals.
struct Standing {
    ArchiveId message = ArchiveId::none;
    InboxTotals share;

    ArchiveId unread() const { return share.unread > 0 ? message : ArchiveId::none; }
};

Standing standing_of(const InboxRow& row)
{
    return Standing{row.message(), share_of(row)};
}

InboxTotals counted_anew(ReadTransaction& transaction, std::uint64_t owner)
{
    InboxTotals totals;
    Cursor rows{transaction, Table::inbox, Key{owner}};
    while (rows.next()) {
        if (const auto row = InboxRow::decode(rows.value())) {
            add(totals, share_of(*row));
        }
    }
    return totals;
}

std::map<std::string_view, std::vector<const BlockEntry*>>
by_party(std::span<const BlockEntry> entries)
{
    std::map<std::string_view, std::vector<const BlockEntry*>> parties;
    std::vector<const BlockEntry*>* theirs = nullptr;
    for (const BlockEntry& entry : entries) {
        if (theirs == nullptr || theirs->back()->with != entry.with) {
            theirs = &parties[entry.with];
        }
        theirs->push_back(&entry);
    }
    return parties;
}

// Whose conversations change when entries up to an id are gone.
std::vector<std::string>
parties_through(ReadTransaction& transaction, std::uint64_t owner, ArchiveId through)
{
    std::vector<std::string> parties;
    Cursor rows{transaction, Table::inbox, Key{owner}};
    while (rows.next()) {
        const auto row = decoded(owner, rows.value());
        InboxRow left = row ? *row : InboxRow{{}};
        left.remove_through(through);
        if (row && left != *row) {
            parties.push_back(row->with());
        }
    }
    return parties;
}

/// Changes an owner's conversations: each with its places in the lists, and the totals at the end.
class InboxWriter {
public:
    InboxWriter(WriteTransaction& transaction, std::uint64_t owner)
        : transaction_{transaction}
        , owner_{owner}
        , before_{inbox_totals(transaction, owner)}
        , totals_{before_}
    {}

    /// Has `change` make a row what it shall be, a new one if need be.
    template <class Change>
    void change(std::string_view with, Change change)
    {
        const NamedRow place = find_named(transaction_, Table::inbox, Key{owner_}, with);
        std::optional<InboxRow> known =
            place.record ? decoded(owner_, *place.record) : std::nullopt;
        damaged_ = damaged_ || (place.record && !known);
        const bool there = known.has_value();
        InboxRow row = there ? std::move(*known) : InboxRow{with};
        const Standing before = standing_of(row);
        change(row);
        // Its bytes tell whether it changed: it need not be copied to know.
        const std::string bytes = row.encode();
        if (there ? bytes != *place.record : !row.empty()) {
            put(place.key, before, row, bytes);
        }
    }

    void finish()
    {
        if (damaged_) {
            totals_ = counted_anew(transaction_, owner_);
        }
        if (totals_ == InboxTotals{}) {
            transaction_.erase(Table::inbox_heads, Key{owner_});
        } else if (totals_ != before_) {
            transaction_.put(Table::inbox_heads, Key{owner_}, encode(totals_));
        }
    }

private:
    void put(const Key& key, const Standing& before, const InboxRow& row, std::string_view bytes)
    {
        const Standing now = standing_of(row);
        subtract(totals_, before.share);
        add(totals_, now.share);
        const std::string_view name = key.bytes().substr(sizeof owner_);
        move(all, name, before.message, now.message);
        move(unread, name, before.unread(), now.unread());
        if (row.empty()) {
            transaction_.erase(Table::inbox, key);
        } else {
            transaction_.put(Table::inbox, key, bytes);
        }
    }

    void move(List list, std::string_view name, ArchiveId from, ArchiveId to)
    {
        if (from == to) {
            return;
        }
        if (from != ArchiveId::none) {
            transaction_.erase(Table::inbox_order, list_key(owner_, list).u64(number(from)));
        }
        if (to != ArchiveId::none) {
            transaction_.put(Table::inbox_order, list_key(owner_, list).u64(number(to)), name);
        }
    }

    WriteTransaction& transaction_;
    std::uint64_t owner_;
    const InboxTotals before_;
    InboxTotals totals_;
    bool damaged_ = false;
};

} // namespace

std::string encode(const InboxTotals& totals)
{
    BytesWriter out;
    out.u8(totals_version).varint(totals.conversations).varint(totals.unread_conversations);
    return out.varint(totals.unread).varint(totals.mentions).take();
}

std::optional<InboxTotals> decode_inbox_totals(std::string_view bytes)
{
    BytesReader in{bytes};
    const bool known = in.u8() == totals_version;
    InboxTotals totals;
    totals.conversations = in.varint();
    totals.unread_conversations = in.varint();
    totals.unread = in.varint();
    totals.mentions = in.varint();
    return known && in.complete() ? std::optional{totals} : std::nullopt;
}

InboxTotals inbox_totals(ReadTransaction& transaction, std::uint64_t owner)
{
    const auto bytes = transaction.get(Table::inbox_heads, Key{owner});
    if (!bytes) {
        return {};
    }
    const auto totals = decode_inbox_totals(*bytes);
    return totals ? *totals : counted_anew(transaction, owner);
}

void replace_in_totals(InboxTotals& totals, const InboxRow* before, const InboxRow* now)
{
    add(totals, now != nullptr ? share_of(*now) : InboxTotals{});
    subtract(totals, before != nullptr ? share_of(*before) : InboxTotals{});
}

std::optional<InboxRow>
find_inbox_row(ReadTransaction& transaction, std::uint64_t owner, std::string_view with)
{
    const NamedRow place = find_named(transaction, Table::inbox, Key{owner}, with);
    return place.record ? decoded(owner, *place.record) : std::nullopt;
}

void add_to_inbox(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> entries)
{
    InboxWriter inbox{transaction, owner};
    for (const auto& [with, theirs] : by_party(entries)) {
        inbox.change(with, [&theirs = theirs](InboxRow& row) {
            for (const BlockEntry* entry : theirs) {
                row.add(*entry);
            }
        });
    }
    inbox.finish();
}

void drop_from_inbox(
    WriteTransaction& transaction, std::uint64_t owner, std::span<const BlockEntry> entries)
{
    InboxWriter inbox{transaction, owner};
    for (const auto& [with, theirs] : by_party(entries)) {
        const ArchiveId through = theirs.back()->id;
        inbox.change(with, [through](InboxRow& row) { row.remove_through(through); });
    }
    inbox.finish();
}

void sweep_inbox(WriteTransaction& transaction, std::uint64_t owner, ArchiveId below)
{
    if (!transaction.any(Table::archive_blocks, Key{owner})) {
        for (const Table table : {Table::inbox_heads, Table::inbox, Table::inbox_order}) {
            transaction.erase_all(table, Key{owner});
        }
        return;
    }
    const ArchiveId through{number(below) - 1};
    InboxWriter inbox{transaction, owner};
    for (const std::string& with : parties_through(transaction, owner, through)) {
        inbox.change(with, [through](InboxRow& row) { row.remove_through(through); });
    }
    inbox.finish();
}

void forget_in_inbox(WriteTransaction& transaction, std::uint64_t owner, const BlockEntry& entry)
{
    InboxWriter inbox{transaction, owner};
    inbox.change(entry.with, [&entry](InboxRow& row) { row.forget(entry.id); });
    inbox.finish();
}

void lose_in_inbox(
    WriteTransaction& transaction,
    std::uint64_t owner,
    std::string_view with,
    const std::vector<ArchiveId>& lost,
    ArchiveId message)
{
    InboxWriter inbox{transaction, owner};
    inbox.change(with, [&lost, message](InboxRow& row) { row.lose(lost, message); });
    inbox.finish();
}

namespace {

/// Where a conversation is in the lists: its row's key without the owner.
struct ListPlace {
    Key key;
    std::string name;
};

// All that there should be; nothing where a conversation is damaged.
std::optional<std::vector<ListPlace>> list_places(ReadTransaction& transaction, std::uint64_t owner)
{
    std::vector<ListPlace> places;
    Cursor rows{transaction, Table::inbox, Key{owner}};
    while (rows.next()) {
        const auto row = InboxRow::decode(rows.value());
        if (!row) {
            return std::nullopt;
        }
        const Standing standing = standing_of(*row);
        for (const auto& [list, id] :
             {std::pair{all, standing.message}, std::pair{unread, standing.unread()}}) {
            if (id != ArchiveId::none) {
                places.push_back(
                    {list_key(owner, list).u64(number(id)), std::string{rows.key_rest()}});
            }
        }
    }
    return places;
}

} // namespace

bool inbox_fits(ReadTransaction& transaction, std::uint64_t owner)
{
    const auto places = list_places(transaction, owner);
    if (!places) {
        return false;
    }
    for (const ListPlace& place : *places) {
        if (transaction.get(Table::inbox_order, place.key) != place.name) {
            return false;
        }
    }
    std::size_t listed = 0;
    Cursor order{transaction, Table::inbox_order, Key{owner}};
    while (order.next()) {
        ++listed;
    }
    const auto bytes = transaction.get(Table::inbox_heads, Key{owner});
    const auto totals = bytes ? decode_inbox_totals(*bytes) : InboxTotals{};
    return listed == places->size() && totals == counted_anew(transaction, owner);
}

void relist_inbox(WriteTransaction& transaction, std::uint64_t owner)
{
    const auto places = list_places(transaction, owner);
    transaction.erase_all(Table::inbox_order, Key{owner});
    for (const ListPlace& place : places.value_or(std::vector<ListPlace>{})) {
        transaction.put(Table::inbox_order, place.key, place.name);
    }
    const InboxTotals totals = counted_anew(transaction, owner);
    if (totals == InboxTotals{}) {
        transaction.erase(Table::inbox_heads, Key{owner});
    } else {
        transaction.put(Table::inbox_heads, Key{owner}, encode(totals));
    }
}

bool read_in_inbox(
    WriteTransaction& transaction, std::uint64_t owner, std::string_view with, ArchiveId through)
{
    bool found = false;
    InboxWriter inbox{transaction, owner};
    inbox.change(with, [&found, through](InboxRow& row) {
        found = !row.empty();
        row.read_through(through);
    });
    inbox.finish();
    return found;
}

InboxWalk::InboxWalk(ReadTransaction& transaction, std::uint64_t owner, bool unread_only)
    : transaction_{transaction}
    , owner_{owner}
    , prefix_{list_key(owner, unread_only ? unread : all)}
    , cursor_{transaction, Table::inbox_order, prefix_}
{}

bool InboxWalk::seek_below(ArchiveId id)
{
    const std::uint64_t last =
        id == ArchiveId::none ? std::numeric_limits<std::uint64_t>::max() : number(id) - 1;
    return cursor_.seek_back(Key{prefix_}.u64(last));
}

bool InboxWalk::seek_above(ArchiveId id)
{
    return number(id) != std::numeric_limits<std::uint64_t>::max() &&
           cursor_.seek(Key{prefix_}.u64(number(id) + 1));
}

ArchiveId InboxWalk::message() const
{
    return ArchiveId{BytesReader{cursor_.key_rest()}.u64()};
}

// A place that a damaged conversation had is no place of the new one.
std::optional<InboxRow> InboxWalk::row()
{
    const auto bytes = transaction_.get(Table::inbox, Key{owner_}.raw(cursor_.value()));
    auto row = bytes ? decoded(owner_, *bytes) : std::nullopt;
    return row && row->message() == message() ? std::move(row) : std::nullopt;
}

} // namespace sarang::lmdb
