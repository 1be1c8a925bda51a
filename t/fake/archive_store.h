// SPDX-License-Identifier: Apache-2.0
// FakeArchiveStore: archives in memory, whose appends settle when a test says so. One thread's.
#pragma once

#include "store/archive_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inbox.h"

namespace sarang {

class FakeArchiveStore final : public ArchiveStore {
public:
    struct Kept {
        ArchiveEntry entry;
        std::string host;
        std::string message_id;
        std::string refers_to;
        AppendTicket ticket = AppendTicket::none;
        EntryRole role = EntryRole::none;
    };

    using Entries = std::vector<Kept>;

    explicit FakeArchiveStore(const Clock& clock)
        : clock_{clock}
    {}

    std::map<std::string, Entries, std::less<>> archives; ///< by owner; also what is unsettled
    std::optional<Error> refusal;                         ///< what append() answers, when set
    std::optional<Error> failure;                         ///< what all else answers, when set
    bool slow = false;                                    ///< answers come after a turn
    std::optional<ArchiveId> next_id;    ///< of the next append, instead of a new one
    std::size_t looks = ~std::size_t{0}; ///< how many entries one page looks at
    std::vector<std::string> faults;     ///< what check() finds, until it is repaired
    ArchiveRepair repaired;              ///< what each of the two parts of a repair gives

    /// Appends that have not settled.
    std::uint64_t unsettled() const { return tickets_ - settled_; }

    /// All that is unsettled settles so.
    void settle(AppendOutcome outcome = AppendOutcome::durable)
    {
        if (unsettled() == 0) {
            return;
        }
        if (outcome != AppendOutcome::durable) {
            for (auto& [owner, entries] : archives) {
                std::erase_if(entries, [this](const Kept& kept) { return !is_settled(kept); });
            }
        }
        add_to_inboxes();
        settled_ = tickets_;
        const Settlement settlement{AppendTicket{settled_}, outcome};
        for (const auto& listener : listeners_) {
            listener(settlement);
        }
    }

    /// The stanzas of an owner that have settled, in order.
    std::vector<std::string> stanzas(std::string_view owner) const
    {
        std::vector<std::string> all;
        for (const Kept* kept : settled(owner)) {
            all.push_back(kept->entry.stanza);
        }
        return all;
    }

    Result<Appended> append(const ArchiveDraft& draft) override
    {
        if (refusal) {
            return fail(*refusal);
        }
        Kept kept = kept_of(draft);
        kept.entry.id = new_id(draft.bucket);
        kept.ticket = AppendTicket{++tickets_};
        const Appended appended{kept.entry.id, kept.ticket};
        archives[std::string{draft.owner}].push_back(std::move(kept));
        return appended;
    }

    bool behind() const override { return false; }

    ArchiveId beginning() const override { return ArchiveId::none; }

    void on_settled(std::function<void(const Settlement&)> listener) override
    {
        listeners_.push_back(std::move(listener));
    }

    Task<Result<ArchivePage>> read(ArchiveQuery query) override
    {
        co_await ok(ready());
        std::vector<const Kept*> all = settled(query.owner);
        std::erase_if(all, [&query](const Kept* kept) { return !is_between(query, kept->entry); });
        if (query.backwards) {
            std::ranges::reverse(all);
        }
        const std::size_t looked = std::min(all.size(), looks);
        ArchivePage page;
        page.complete = looked == all.size();
        all.resize(looked);
        page.through = all.empty() ? ArchiveId::none : all.back()->entry.id;
        std::erase_if(all, [&query](const Kept* kept) { return !is_with(query, kept->entry); });
        if (all.size() > query.limit) {
            page.complete = false;
            all.resize(query.limit);
            page.through = all.empty() ? ArchiveId::none : all.back()->entry.id;
        }
        page.entries = entries_of(all);
        if (query.backwards) {
            std::ranges::reverse(page.entries);
        }
        co_return page;
    }

    Task<Result<std::vector<ArchiveEntry>>>
    find(std::string owner, std::vector<ArchiveId> ids) override
    {
        co_await ok(ready());
        std::vector<const Kept*> all = settled(owner);
        std::erase_if(all, [&ids](const Kept* kept) {
            return std::ranges::find(ids, kept->entry.id) == ids.end();
        });
        co_return entries_of(all);
    }

    Task<Result<ArchiveExtent>> extent(std::string owner) override
    {
        co_await ok(ready());
        const std::vector<const Kept*> all = settled(owner);
        ArchiveExtent extent;
        if (!all.empty()) {
            extent = {all.front()->entry.id, all.back()->entry.id, all.size()};
        }
        co_return extent;
    }

    Task<Result<std::vector<ArchiveEntry>>>
    find_message(std::string owner, std::string with, std::string message_id) override
    {
        co_await ok(ready());
        std::vector<const Kept*> all = settled(owner);
        std::erase_if(all, [&with, &message_id](const Kept* kept) {
            return kept->entry.with != with || kept->message_id != message_id;
        });
        std::ranges::reverse(all);
        co_return entries_of(all);
    }

    Task<Result<std::vector<ArchiveEntry>>>
    find_references(std::string owner, std::string message_id, std::size_t limit) override
    {
        co_await ok(ready());
        std::vector<const Kept*> all = settled(owner);
        std::erase_if(all, [&message_id](const Kept* kept) {
            return kept->refers_to.empty() || kept->refers_to != message_id;
        });
        all.resize(std::min(all.size(), limit));
        co_return entries_of(all);
    }

    Task<Result<InboxPage>> inbox(InboxQuery query) override
    {
        co_await ok(ready());
        InboxPage page;
        std::vector<Conversation> all = inboxes_[query.owner].all();
        page.totals = totals_of(all);
        std::erase_if(all, [&query](const Conversation& it) { return !is_in(query, it); });
        page.complete = all.size() <= query.limit;
        const std::size_t count = std::min(all.size(), query.limit);
        const std::size_t first = query.backwards ? all.size() - count : 0;
        for (std::size_t i = first; i < first + count; ++i) {
            if (query.entries) {
                all[i].entry = entry(query.owner, all[i].message);
            }
            page.conversations.push_back(all[i]);
        }
        co_return page;
    }

    Task<Result<std::optional<Conversation>>>
    conversation(std::string owner, std::string with) override
    {
        co_await ok(ready());
        co_return inboxes_[owner].conversation(with);
    }

    Task<Result<bool>> mark_read(std::string owner, std::string with, ArchiveId through) override
    {
        co_await ok(ready());
        co_return inboxes_[owner].read(with, through);
    }

    Task<Result<bool>> replace(std::string owner, ArchiveId id, std::string stanza) override
    {
        co_await ok(ready());
        bool found = false;
        for (Kept& kept : archives[owner]) {
            if (kept.entry.id == id && is_settled(kept)) {
                kept.entry.stanza = stanza;
                inboxes_[owner].forget(id);
                found = true;
            }
        }
        co_return found;
    }

    Task<Result<std::uint64_t>> remove_before(std::string owner, ArchiveId bound) override
    {
        co_await ok(ready());
        inboxes_[owner].remove_before(bound);
        co_return std::erase_if(archives[owner], [this, bound](const Kept& kept) {
            return is_settled(kept) && (bound == ArchiveId::none || kept.entry.id < bound);
        });
    }

    Task<Result<std::uint64_t>> expire(std::string host, Clock::Wall before) override
    {
        co_await ok(ready());
        const ArchiveId bound = bound_of(before);
        std::uint64_t removed = 0;
        for (auto& [owner, entries] : archives) {
            if (!entries.empty() && entries.front().host == host) {
                inboxes_[owner].remove_before(bound_or_all(bound));
            }
            removed += std::erase_if(entries, [this, &host, bound](const Kept& kept) {
                return is_settled(kept) && kept.host == host && kept.entry.id < bound;
            });
        }
        co_return removed;
    }

    Task<Result<ArchiveCheck>> check(std::string, ArchiveId) override
    {
        co_await ok(ready());
        ArchiveCheck found;
        found.faults = faults;
        co_return found;
    }

    Task<Result<ArchiveRepair>> repair(std::string, ArchiveRepair so_far, SoundStanza) override
    {
        co_await ok(ready());
        ArchiveRepair part = repaired;
        part.stage = so_far.stage + 1;
        part.complete = part.stage >= 2;
        faults.clear();
        co_return part;
    }

private:
    static bool is_between(const ArchiveQuery& query, const ArchiveEntry& entry)
    {
        return entry.id > query.after &&
               (query.before == ArchiveId::none || entry.id < query.before);
    }

    static bool is_with(const ArchiveQuery& query, const ArchiveEntry& entry)
    {
        return (query.with.empty() || entry.with == query.with) &&
               (query.with_resource.empty() || entry.with_resource == query.with_resource);
    }

    static bool is_in(const InboxQuery& query, const Conversation& conversation)
    {
        return conversation.message > query.above &&
               (query.below == ArchiveId::none || conversation.message < query.below) &&
               (!query.unread_only || conversation.unread > 0);
    }

    static InboxTotals totals_of(const std::vector<Conversation>& all)
    {
        InboxTotals totals;
        for (const Conversation& one : all) {
            ++totals.conversations;
            totals.unread_conversations += one.unread > 0 ? 1 : 0;
            totals.unread += one.unread;
            totals.mentions += one.mentions;
        }
        return totals;
    }

    // What is below the first id of all is nothing.
    static ArchiveId bound_or_all(ArchiveId bound)
    {
        return bound == ArchiveId::none ? ArchiveId{1} : bound;
    }

    std::optional<ArchiveEntry> entry(std::string_view owner, ArchiveId id) const
    {
        for (const Kept* kept : settled(owner)) {
            if (kept->entry.id == id) {
                return kept->entry;
            }
        }
        return std::nullopt;
    }

    void add_to_inboxes()
    {
        for (const auto& [owner, entries] : archives) {
            for (const Kept& kept : entries) {
                ArchiveDraft draft;
                draft.message_id = kept.message_id;
                draft.refers_to = kept.refers_to;
                draft.role = kept.role;
                if (!is_settled(kept)) {
                    inboxes_[owner].add(kept.entry, draft);
                }
            }
        }
    }

    static std::vector<ArchiveEntry> entries_of(const std::vector<const Kept*>& all)
    {
        std::vector<ArchiveEntry> entries;
        std::ranges::transform(
            all, std::back_inserter(entries), [](const Kept* kept) { return kept->entry; });
        return entries;
    }

    static Kept kept_of(const ArchiveDraft& draft)
    {
        Kept kept;
        kept.entry.with = draft.with;
        kept.entry.with_resource = draft.with_resource;
        kept.entry.stanza = draft.stanza;
        kept.host = draft.host;
        kept.message_id = draft.message_id;
        kept.refers_to = draft.refers_to;
        kept.role = draft.role;
        return kept;
    }

    bool is_settled(const Kept& kept) const
    {
        return static_cast<std::uint64_t>(kept.ticket) <= settled_;
    }

    std::vector<const Kept*> settled(std::string_view owner) const
    {
        std::vector<const Kept*> all;
        if (const auto found = archives.find(owner); found != archives.end()) {
            for (const Kept& kept : found->second) {
                if (is_settled(kept) && !is_note(kept.role)) {
                    all.push_back(&kept);
                }
            }
        }
        return all;
    }

    ArchiveId new_id(std::uint16_t bucket)
    {
        constexpr unsigned sequence_bits = 11;
        const std::uint64_t now = static_cast<std::uint64_t>(bound_of(clock_.wall())) |
                                  std::uint64_t{bucket} << sequence_bits;
        last_id_ = next_id ? static_cast<std::uint64_t>(*next_id) : std::max(last_id_ + 1, now);
        next_id.reset();
        return ArchiveId{last_id_};
    }

    Task<Result<void>> ready()
    {
        if (slow) {
            co_await yield();
        }
        if (failure) {
            co_return fail(*failure);
        }
        co_return Result<void>{};
    }

    const Clock& clock_;
    std::map<std::string, FakeInbox, std::less<>> inboxes_; ///< by owner; what has settled
    std::uint64_t last_id_ = 0;
    std::uint64_t tickets_ = 0;
    std::uint64_t settled_ = 0;
    std::vector<std::function<void(const Settlement&)>> listeners_;
};

} // namespace sarang
