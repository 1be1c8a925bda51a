// SPDX-License-Identifier: Apache-2.0
// Archives: a storage whose archive is used as it is meant to be: on the shard of each owner.
#pragma once

#include "store/archive_store.h"

#include <string>
#include <utility>
#include <vector>

#include "backends.h"

namespace sarang {

/// A draft that owns what it says.
struct Draft {
    std::string owner;
    std::string with = {};
    std::string with_resource = {};
    std::string message_id = {};
    std::string refers_to = {};
    std::string stanza = {};
    EntryRole role = EntryRole::none;
};

template <class Backend>
class Archives : public Kept<Backend> {
public:
    Archives()
        : settlements_(Machine::shards().size())
    {
        listen();
    }

    /// Frozen nowhere: any will do that is the same each time.
    static std::uint16_t bucket(const std::string& owner)
    {
        return static_cast<std::uint16_t>(
                   owner.size() * 7 + 13 * static_cast<std::size_t>(owner[0])) %
               4096;
    }

    unsigned shard(const std::string& owner) { return bucket(owner) % Machine::shards().size(); }

    static ArchiveDraft view(const Draft& draft)
    {
        ArchiveDraft views;
        views.owner = draft.owner;
        views.host = views.owner.substr(views.owner.find('@') + 1);
        views.bucket = bucket(draft.owner);
        views.with = draft.with;
        views.with_resource = draft.with_resource;
        views.message_id = draft.message_id;
        views.refers_to = draft.refers_to;
        views.stanza = draft.stanza;
        views.role = draft.role;
        return views;
    }

    template <class Deed>
    auto on_shard(const std::string& owner, Deed deed)
    {
        return Machine::shards().call(shard(owner), deed);
    }

    /// Waits for a task on an owner's shard, for what must succeed.
    template <class T>
    T get(const std::string& owner, Task<Result<T>> task)
    {
        Result<T> result = Machine::start(shard(owner), std::move(task)).get();
        if (!result) {
            BOOST_FAIL(result.error().text << result.error().cause);
        }
        return std::move(result).value();
    }

    /// Appends, in one turn for each shard, and waits until all has settled.
    std::vector<Appended> append(const std::vector<Draft>& drafts)
    {
        std::vector<Appended> all(drafts.size());
        for (unsigned index = 0; index < Machine::shards().size(); ++index) {
            Machine::shards().call(index, [this, index, &drafts, &all] {
                for (std::size_t i = 0; i < drafts.size(); ++i) {
                    if (shard(drafts[i].owner) == index) {
                        auto appended = Kept<Backend>::archive().append(view(drafts[i]));
                        BOOST_REQUIRE(appended.has_value());
                        all[i] = *appended;
                    }
                }
            });
        }
        settle();
        return all;
    }

    /// Waits until what was appended has settled.
    void settle()
    {
        for (unsigned index = 0; index < Machine::shards().size(); ++index) {
            Machine::start(index, Kept<Backend>::storage().sync()).get().value();
        }
    }

    /// Only what is on a shard's own thread may be asked.
    const std::vector<Settlement>& settlements(const std::string& owner)
    {
        return settlements_[shard(owner)];
    }

    /// Has all that an owner has in the journal folded into blocks.
    void fold(const std::string& owner)
    {
        // Nothing is there to replace, but whoever replaces folds first.
        BOOST_TEST(!get(owner, Kept<Backend>::archive().replace(owner, ArchiveId::none, "")));
    }

    ArchivePage page(const ArchiveQuery& query)
    {
        ArchivePage page = get(query.owner, Kept<Backend>::archive().read(query));
        BOOST_TEST_REQUIRE((page.complete || page.through != ArchiveId::none));
        BOOST_TEST_REQUIRE(page.entries.size() <= query.limit);
        BOOST_TEST_REQUIRE(std::ranges::is_sorted(page.entries, {}, &ArchiveEntry::id));
        return page;
    }

    /// All pages of it, forwards.
    std::vector<ArchiveEntry> all(ArchiveQuery query)
    {
        std::vector<ArchiveEntry> entries;
        for (bool complete = false; !complete;) {
            const ArchivePage next = page(query);
            entries.insert(entries.end(), next.entries.begin(), next.entries.end());
            complete = next.complete;
            query.after = next.through;
        }
        return entries;
    }

    void reopen()
    {
        Kept<Backend>::reopen();
        listen();
    }

private:
    void listen()
    {
        for (unsigned index = 0; index < Machine::shards().size(); ++index) {
            Machine::shards().call(index, [this, index] {
                Kept<Backend>::archive().on_settled([this, index](const Settlement& settlement) {
                    settlements_[index].push_back(settlement);
                });
            });
        }
    }

    std::vector<std::vector<Settlement>> settlements_; ///< by shard
};

} // namespace sarang
