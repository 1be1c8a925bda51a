// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"
#include "store/lmdb/archive_ids.h"
#include "store/lmdb/archive_inbox.h"
#include "store/lmdb/archive_look.h"
#include "store/lmdb/archive_mending.h"
#include "store/lmdb/archive_postings.h"
#include "store/lmdb/named.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace sarang::lmdb {
namespace {

constexpr std::size_t rows_at_once = 64;
constexpr std::size_t blocks_at_once = 64; // that are unpacked, after which it is enough
constexpr std::size_t last_ones = 256;     // of which a conversation is made anew
constexpr ArchiveId greatest{std::numeric_limits<std::uint64_t>::max()};

struct ConversationRow {
    Key key;
    std::string name; ///< the key without the owner
    std::string bytes;
};

bool is_message(EntryRole role)
{
    return role == EntryRole::sent || role == EntryRole::received || role == EntryRole::mention;
}

/// The last entries of a conversation, and what they point into.
struct LastOnes {
    std::vector<BlockEntry> entries;
    std::deque<std::string> texts;
};

class InboxMending {
public:
    explicit InboxMending(const Mending& mending)
        : mending_{mending}
        , look_{mending.transaction, mending.codec, mending.owner}
    {}

    void run()
    {
        const std::vector<ConversationRow> rows = some_rows();
        std::size_t at = 0;
        for (; at < rows.size() && at < rows_at_once && look_.blocks() < blocks_at_once; ++at) {
            mend(rows[at]);
        }
        mending_.repair.place.clear();
        if (at < rows.size()) {
            mending_.repair.place = rows[at].name;
        } else if (!inbox_fits(mending_.transaction, mending_.owner)) {
            relist_inbox(mending_.transaction, mending_.owner);
            mending_.repair.done.push_back("the lists and counts of its inbox were made anew");
        }
    }

private:
    std::vector<ConversationRow> some_rows()
    {
        std::vector<ConversationRow> rows;
        Cursor cursor{mending_.transaction, Table::inbox, Key{mending_.owner}};
        const Key from = Key{mending_.owner}.raw(mending_.repair.place);
        for (bool more = cursor.seek(from); more && rows.size() <= rows_at_once;
             more = cursor.next()) {
            rows.push_back(
                {Key{}.raw(cursor.key()),
                 std::string{cursor.key_rest()},
                 std::string{cursor.value()}});
        }
        return rows;
    }

    void mend(const ConversationRow& row)
    {
        const auto conversation = InboxRow::decode(row.bytes);
        if (!conversation) {
            renew(row);
        } else if (!conversation->of_room()) { // what that tells of is in the room's archive
            take_out_lost(*conversation);
        }
    }

    void take_out_lost(const InboxRow& row)
    {
        std::vector<ArchiveId> lost = row.told();
        std::erase_if(lost, [this](ArchiveId id) {
            return !mending_.is_suspect(id) || look_.entry(id) != nullptr;
        });
        if (lost.empty()) {
            return;
        }
        const bool last = std::ranges::find(lost, row.message()) != lost.end();
        const ArchiveId message = last ? last_message(row.with()) : row.message();
        lose_in_inbox(mending_.transaction, mending_.owner, row.with(), lost, message);
    }

    ArchiveId last_message(std::string_view with)
    {
        PostingWalk walk{mending_.transaction, mending_.owner, with};
        std::size_t steps = 0;
        bool more = walk.seek_before(greatest);
        for (; more && steps < last_ones; more = walk.previous()) {
            ++steps;
            const BlockEntry* const entry = look_.entry(walk.entry().id);
            if (entry != nullptr && entry->with == with && is_message(entry->role)) {
                return entry->id;
            }
        }
        return ArchiveId::none;
    }

    // How far it was read is lost with it.
    void renew(const ConversationRow& row)
    {
        BytesReader reader{row.bytes};
        reader.u8();
        const std::string with{reader.string()};
        mending_.transaction.erase(Table::inbox, row.key);
        const NamedRow place =
            find_named(mending_.transaction, Table::inbox, Key{mending_.owner}, with);
        if (reader.ok() && place.key.bytes() == row.key.bytes()) {
            const LastOnes last = last_of(with);
            add_to_inbox(mending_.transaction, mending_.owner, last.entries);
        }
        relist_inbox(mending_.transaction, mending_.owner);
        mending_.repair.done.push_back(
            "a damaged conversation of its inbox was made anew out of its last entries");
    }

    LastOnes last_of(const std::string& with)
    {
        LastOnes last;
        PostingWalk walk{mending_.transaction, mending_.owner, with};
        bool more = walk.seek_before(greatest);
        for (; more && last.entries.size() < last_ones; more = walk.previous()) {
            const BlockEntry* const entry = look_.entry(walk.entry().id);
            if (entry != nullptr && entry->with == with) {
                BlockEntry& copy = last.entries.emplace_back(*entry);
                copy.with = with;
                copy.with_resource = {};
                copy.stanza = {};
                copy.message_id = last.texts.emplace_back(entry->message_id);
                copy.refers_to = last.texts.emplace_back(entry->refers_to);
            }
        }
        std::ranges::reverse(last.entries);
        return last;
    }

    const Mending& mending_;
    BlockLook look_;
};

} // namespace

void mend_inbox(const Mending& mending)
{
    InboxMending{mending}.run();
}

} // namespace sarang::lmdb
