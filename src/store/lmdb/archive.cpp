// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive.h"

#include "base/log.h"
#include "net/call.h"
#include "net/shards.h"
#include "store/lmdb/archive_changes.h"
#include "store/lmdb/archive_check.h"
#include "store/lmdb/archive_inbox.h"
#include "store/lmdb/archive_journal.h"
#include "store/lmdb/archive_pages.h"
#include "store/lmdb/archive_repair.h"
#include "store/lmdb/owners.h"

#include <utility>

namespace sarang::lmdb {
namespace {

// The newest entries are hot: a page of them costs less than the way to a worker and back.
constexpr std::size_t small_page = 100;

const Log log{"store"};

bool is_hot(const ArchiveQuery& query)
{
    return query.backwards && query.before == ArchiveId::none && query.with.empty() &&
           query.limit <= small_page;
}

} // namespace

Archive::Archive(
    Engine& engine, BlockCodec& writing, const LmdbOptions& options, const Clock& clock)
    : engine_{engine}
    , writing_{writing}
    , clock_{clock}
{
    const ArchiveShard::Bounds bounds{
        options.queue_bytes / options.shards, options.tail_bytes / options.shards};
    shards_.reserve(options.shards);
    for (std::size_t i = 0; i < options.shards; ++i) {
        shards_.push_back(std::make_unique<ArchiveShard>(engine, writing, clock, bounds));
    }
}

Result<void> Archive::open()
{
    std::vector<ArchiveTails*> tails;
    for (const auto& shard : shards_) {
        tails.push_back(&shard->tails());
    }
    const auto mark = replay_journal(*engine_.environment(), tails, clock_.now());
    if (!mark) {
        return fail(mark.error());
    }
    beginning_ = *mark;
    finish_erasing(*engine_.environment());
    for (const auto& shard : shards_) {
        shard->begin(*mark);
    }
    return {};
}

void Archive::follow(ArchiveFollower& follower)
{
    follower_ = &follower;
    for (const auto& shard : shards_) {
        shard->follow(follower);
    }
}

Task<void> Archive::close()
{
    for (unsigned i = 0; i < shards_.size(); ++i) {
        auto deed = [&shard = *shards_[i]] { shard.close(); };
        Task<void> closed = on(Shard::current().set().shard(i), deed);
        co_await closed;
    }
}

Task<void> Archive::settle()
{
    for (unsigned i = 0; i < shards_.size(); ++i) {
        auto nothing = [] {};
        Task<void> settled = on(Shard::current().set().shard(i), nothing);
        co_await settled;
    }
}

Task<void> Archive::forget(std::string owner, std::uint64_t row)
{
    for (unsigned i = 0; i < shards_.size(); ++i) {
        auto deed = [&shard = *shards_[i], owner, row] { shard.forget(owner, row); };
        Task<void> forgotten = on(Shard::current().set().shard(i), deed);
        co_await forgotten;
    }
}

ArchiveShard& Archive::here()
{
    return *shards_[Shard::current().index()];
}

Result<Appended> Archive::append(const ArchiveDraft& draft)
{
    return here().append(draft);
}

void Archive::on_settled(std::function<void(const Settlement&)> listener)
{
    here().on_settled(std::move(listener));
}

// Calls `work` with the reader of an owner's archive, once awaited.
template <class Work>
Archive::Answer<Work> Archive::read_here(std::string owner, Work work)
{
    auto deed = [&here = here(), &owner, &work](ReadTransaction& transaction) {
        const TailView tail = here.view(owner);
        ArchiveReader reader{transaction, here.codec(), owner, tail};
        return work(reader);
    };
    co_return engine_.read_now(deed);
}

Task<Result<ArchivePage>> Archive::read(ArchiveQuery query)
{
    std::string owner = query.owner;
    const bool hot = is_hot(query);
    auto work = [query = std::move(query)](ArchiveReader& reader) -> Result<ArchivePage> {
        return reader.page(query);
    };
    return hot ? read_here(std::move(owner), std::move(work))
               : read_aside(std::move(owner), std::move(work));
}

Task<Result<std::vector<ArchiveEntry>>> Archive::find(std::string owner, std::vector<ArchiveId> ids)
{
    auto work = [ids = std::move(ids)](ArchiveReader& reader) -> Result<std::vector<ArchiveEntry>> {
        return reader.find(ids);
    };
    return read_aside(std::move(owner), std::move(work));
}

Task<Result<ArchiveExtent>> Archive::extent(std::string owner)
{
    auto work = [](ArchiveReader& reader) -> Result<ArchiveExtent> { return reader.extent(); };
    return read_here(std::move(owner), work);
}

Task<Result<std::vector<ArchiveEntry>>>
Archive::find_message(std::string owner, std::string with, std::string message_id)
{
    auto work = [with = std::move(with), message_id = std::move(message_id)](
                    ArchiveReader& reader) -> Result<std::vector<ArchiveEntry>> {
        return reader.find_message(with, message_id);
    };
    return read_aside(std::move(owner), std::move(work));
}

Task<Result<std::vector<ArchiveEntry>>>
Archive::find_references(std::string owner, std::string message_id, std::size_t limit)
{
    auto work = [message_id = std::move(message_id),
                 limit](ArchiveReader& reader) -> Result<std::vector<ArchiveEntry>> {
        return reader.find_references(message_id, limit);
    };
    return read_aside(std::move(owner), std::move(work));
}

Task<Result<InboxPage>> Archive::inbox(InboxQuery query)
{
    std::string owner = query.owner;
    auto work = [query = std::move(query)](ArchiveReader& reader) -> Result<InboxPage> {
        return reader.inbox(query);
    };
    return read_aside(std::move(owner), std::move(work));
}

Task<Result<std::optional<Conversation>>> Archive::conversation(std::string owner, std::string with)
{
    auto work =
        [with = std::move(with)](ArchiveReader& reader) -> Result<std::optional<Conversation>> {
        return reader.conversation(with);
    };
    return read_here(std::move(owner), std::move(work));
}

// How far he has read, as far as it is folded; nothing where nothing of the conversation is.
Result<std::optional<ArchiveId>>
Archive::position(const std::string& owner, const std::string& with)
{
    auto look = [&owner, &with](ReadTransaction& transaction) -> Result<std::optional<ArchiveId>> {
        const auto known = find_owner(transaction, owner);
        const auto row = known ? find_inbox_row(transaction, *known, with) : std::nullopt;
        return row ? std::optional{row->read()} : std::nullopt;
    };
    return engine_.read_now(look);
}

// What is in the tail is folded later, as what is read already; a conversation that is there alone
// is folded first.
Task<Result<bool>> Archive::mark_read(std::string owner, std::string with, ArchiveId through)
{
    Result<std::optional<ArchiveId>> known = position(owner, with);
    if (known && !*known) {
        const auto in_tail = co_await ok(conversation(owner, with));
        if (!in_tail) {
            co_return false;
        }
        co_await ok(here().fold(owner));
        known = position(owner, with);
    }
    if (!known) {
        co_return std::move(known).failure();
    }
    if (!*known || **known >= through) {
        co_return known->has_value();
    }
    const std::size_t size = owner.size() + with.size();
    auto work = [owner = std::move(owner), with = std::move(with), through](
                    WriteTransaction& transaction) -> Result<bool> {
        const auto id = find_owner(transaction, owner);
        return id && read_in_inbox(transaction, *id, with, through);
    };
    auto marking = engine_.write(size, std::move(work));
    co_return co_await marking;
}

// Before, so that nothing is left of it after a crash; and after, since it may have been taken up
// between.
Task<Result<bool>> Archive::replace(std::string owner, ArchiveId id, std::string stanza)
{
    co_await ok(here().fold(owner));
    std::vector<ArchiveId> ids{id};
    const std::vector<ArchiveEntry> old = co_await ok(find(owner, std::move(ids)));
    if (old.empty()) {
        co_return false;
    }
    Task<void> before = blank(owner, old.front());
    co_await before;
    const bool replaced = co_await ok(put_in_place(owner, id, std::move(stanza)));
    Task<void> after = blank(owner, old.front());
    co_await after;
    co_return replaced;
}

// What is found by its words is compared with them in any case: it goes on without.
Task<void> Archive::blank(std::string owner, ArchiveEntry entry)
{
    if (follower_ == nullptr) {
        co_return;
    }
    Task<Result<void>> blanking = follower_->blank(std::move(owner), std::move(entry));
    const Result<void> blanked = co_await blanking;
    if (!blanked) {
        log.error("words of a replaced entry stay in the index: {}", blanked.error().cause);
    }
}

Task<Result<bool>> Archive::put_in_place(std::string owner, ArchiveId id, std::string stanza)
{
    const std::size_t size = stanza.size();
    auto work = [&codec = writing_,
                 owner = std::move(owner),
                 id,
                 stanza = std::move(stanza),
                 place = here().journal_place(id)](WriteTransaction& transaction) -> Result<bool> {
        const auto known = find_owner(transaction, owner);
        BlockEntry replacement;
        replacement.id = id;
        replacement.stanza = stanza;
        if (!known || !replace_entry(transaction, codec, *known, replacement)) {
            return false;
        }
        if (place) {
            blank_journal(transaction, *place);
        }
        return true;
    };
    auto replaced = engine_.write(size, std::move(work));
    co_return co_await replaced;
}

Task<Result<std::uint64_t>> Archive::remove_before(std::string owner, ArchiveId bound)
{
    if (bound == ArchiveId::none) {
        bound = ArchiveId{~std::uint64_t{0}};
    }
    co_await ok(here().fold(owner));
    Removal all{0, false};
    while (!all.complete) {
        auto work =
            [&codec = writing_, owner, bound](WriteTransaction& transaction) -> Result<Removal> {
            const auto known = find_owner(transaction, owner);
            return known ? remove_entries(transaction, codec, *known, bound) : Removal{};
        };
        auto removing = engine_.write(owner.size(), std::move(work));
        const Removal step = co_await ok(std::move(removing));
        all.removed += step.removed;
        all.complete = step.complete;
    }
    if (follower_ != nullptr && all.removed > 0) {
        follower_->shortened(owner);
    }
    co_return all.removed;
}

Task<Result<std::uint64_t>> Archive::expire(std::string host, Clock::Wall before)
{
    const ArchiveId bound = bound_of(before);
    for (unsigned i = 0; i < shards_.size(); ++i) {
        auto deed = [&shard = *shards_[i], host, bound] { return shard.fold_old(host, bound); };
        auto folding = on(Shard::current().set().shard(i), deed);
        co_await ok(std::move(folding));
    }
    auto work =
        [&codec = writing_, host, bound](WriteTransaction& transaction) -> Result<std::uint64_t> {
        return expire_entries(transaction, codec, host, bound);
    };
    auto expiring = engine_.write(host.size(), std::move(work));
    const std::uint64_t removed = co_await ok(std::move(expiring));
    if (follower_ != nullptr && removed > 0) {
        follower_->shortened({});
    }
    co_return removed;
}

Task<Result<ArchiveCheck>> Archive::check(std::string owner, ArchiveId after)
{
    // What is in memory alone needs no check.
    auto work = [owner = std::move(owner),
                 after](ReadTransaction& transaction) -> Result<ArchiveCheck> {
        BlockCodec codec;
        return check_archive(transaction, codec, owner, after);
    };
    auto checking = engine_.read_aside(std::move(work));
    co_return co_await checking;
}

// What is damaged in the journal is in memory as it was, or is lost already: its rows go when all
// that they have is in blocks.
Task<Result<void>> Archive::fold_for_repair(std::string owner)
{
    auto look = [](ReadTransaction& transaction) -> Result<bool> {
        return is_journal_damaged(transaction);
    };
    auto looking = engine_.read_aside(std::move(look));
    const bool damaged = co_await ok(std::move(looking));
    co_await ok(here().fold(std::move(owner)));
    for (unsigned i = 0; damaged && i < shards_.size(); ++i) {
        auto deed = [&shard = *shards_[i]] { return shard.fold_all(); };
        auto folding = on(Shard::current().set().shard(i), deed);
        co_await ok(std::move(folding));
    }
    co_return Result<void>{};
}

// How far a head is wrong is counted beside the writer: what others change meanwhile changes the
// head as much.
Task<Result<ArchiveRepair>>
Archive::repair(std::string owner, ArchiveRepair so_far, SoundStanza sound)
{
    if (so_far.stage == 0) {
        co_await ok(fold_for_repair(owner));
    }
    std::int64_t wrong = 0;
    if (is_head_next(so_far)) {
        auto count = [owner](ReadTransaction& transaction) -> Result<std::int64_t> {
            return miscounted(transaction, owner);
        };
        auto counting = engine_.read_aside(std::move(count));
        wrong = co_await ok(std::move(counting));
    }
    auto work = [&codec = writing_, owner, so_far = std::move(so_far), sound, wrong](
                    WriteTransaction& transaction) -> Result<ArchiveRepair> {
        return repair_archive(transaction, codec, owner, so_far, sound, wrong);
    };
    auto mending = engine_.write(owner.size(), std::move(work));
    co_return co_await mending;
}

} // namespace sarang::lmdb
