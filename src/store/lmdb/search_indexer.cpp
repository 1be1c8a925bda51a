// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search_indexer.h"

#include "base/hash.h"
#include "base/log.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/archive_pages.h"
#include "store/lmdb/code.h"
#include "store/lmdb/group.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/search_index.h"

#include <algorithm>
#include <fstream>
#include <utility>

namespace sarang::lmdb {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

const Log log{"search"};

// What is taken up of one owner at once, and what of all of them goes into one transaction.
constexpr std::size_t entries_at_once = 512;
constexpr std::uint64_t entries_together = 1024;
constexpr std::uint64_t postings_together = 131'072; // an entry may have thousands of words
constexpr std::size_t owners_together = 128;
constexpr std::size_t rows_together = 65'536; // to erase: more than a transaction leaves by merging
constexpr std::size_t owners_walked = 256;
// Beyond that, a walk finds who has something to do.
constexpr std::size_t most_noted = 65'536;

constexpr std::chrono::nanoseconds longest_rest = 250ms;
constexpr std::chrono::nanoseconds after_failure = 10s;

bool is_on(std::string_view owner, std::string_view host)
{
    return host.empty() || owner.substr(owner.find('@') + 1) == host;
}

} // namespace

struct Indexer::Part {
    ArchiveExtent extent;
    ArchivePage page;
};

Indexer::Indexer(Parts parts, IndexCounts& counts)
    : parts_{std::move(parts)}
    , counts_{counts}
    , archive_{*parts_.archive}
    , index_{*parts_.index}
{
    if (parts_.text != nullptr) {
        delay(parts_.delay);
        count();
    }
}

Indexer::~Indexer() = default;

std::optional<std::chrono::nanoseconds> Indexer::due()
{
    if (!due_) {
        return std::nullopt;
    }
    return std::max<std::chrono::nanoseconds>(0ns, *due_ - SteadyClock::now());
}

void Indexer::delay(std::chrono::nanoseconds pause)
{
    if (parts_.text != nullptr && !broken_) {
        due_ = SteadyClock::now() + pause;
    }
}

void Indexer::count()
{
    const std::size_t things = waiting_.size() + (void_ ? 1 : 0) + (walk_ != Walk::none ? 1 : 0);
    counts_.waiting.set(broken_ ? 0 : static_cast<std::int64_t>(things));
}

// As long as it works it rests, so that others get to the disk.
void Indexer::work()
{
    const auto begun = SteadyClock::now();
    due_.reset();
    if (index_some() || erase_some() || walk_some()) {
        const std::chrono::nanoseconds took = SteadyClock::now() - begun;
        if (!due_) { // nothing failed
            delay(counts_.lag.over() ? 0ns : std::min(took, longest_rest));
        }
    }
    count();
}

bool Indexer::commit(Deed deed)
{
    // A disk that was full for a moment may have broken the environment, not what is in it.
    if (parts_.index->broken() && !parts_.index->renew()) {
        counts_.lag.suspend(true);
        delay(after_failure);
        return false;
    }
    const auto work = [this, deed](WriteTransaction& transaction) { (this->*deed)(transaction); };
    const int code = commit_deed(*parts_.index, work);
    counts_.lag.suspend(code != 0);
    if (code == 0) {
        return true;
    }
    log.error("cannot write the search index: {}", code_text(code, "write"));
    if (is_damage(code)) {
        condemn(code);
    }
    delay(after_failure);
    return false;
}

void Indexer::condemn(int code)
{
    log.error(
        "the search index is damaged ({}): it is made anew when the server starts again",
        code_text(code, "use"));
    broken_ = true;
    due_.reset();
    std::ofstream{parts_.mark} << code;
}

void Indexer::note(std::string_view owner)
{
    if (noted_.size() >= most_noted) {
        note_all();
        return;
    }
    if (noted_.emplace(owner).second) {
        waiting_.emplace_back(owner);
    }
    if (counts_.lag.over()) {
        delay(0ns);
    } else if (!due_) {
        delay(parts_.delay);
    }
    count();
}

void Indexer::note_all()
{
    if (walk_ == Walk::none) {
        walk_ = Walk::archive;
    } else {
        walk_again_ = true;
    }
    if (!due_) {
        delay(parts_.delay);
    }
    count();
}

void Indexer::give_up(WriteTransaction& transaction, std::string_view owner)
{
    counts_.lag.subtract(owner, counts_.lag.of(owner)); // all is missing from now on
    if (!void_index(transaction, owner)) {
        return;
    }
    void_ = true;
    if (!due_) {
        delay(parts_.delay);
    }
    count();
}

void Indexer::damaged(WriteTransaction& transaction, const std::string& owner)
{
    log.error("the search index of {} is damaged, and is made anew", owner);
    counts_.anew.add();
    give_up(transaction, owner);
    note(owner);
}

Result<Indexer::Part> Indexer::read_part(const std::string& owner, ArchiveId after)
{
    const TailView no_tail;
    auto work = [&](ReadTransaction& transaction) -> Result<Part> {
        ArchiveReader reader{transaction, codec_, owner, no_tail};
        ArchiveQuery query{owner};
        query.after = after;
        query.limit = entries_at_once;
        Part part;
        part.extent = reader.extent();
        part.page = reader.page(query);
        return part;
    };
    return archive_.read(work);
}

std::vector<Posting> Indexer::postings_of(const std::vector<ArchiveEntry>& entries)
{
    std::vector<Posting> postings;
    for (const ArchiveEntry& entry : entries) {
        for (const std::string& term : words_.terms(parts_.text(entry.stanza))) {
            postings.push_back({frozen_hash(term), entry.id});
        }
    }
    std::ranges::sort(postings);
    postings.erase(std::unique(postings.begin(), postings.end()), postings.end());
    return postings;
}

// What comes into blocks meanwhile is not taken for indexed.
Result<Indexer::Step> Indexer::index(WriteTransaction& transaction, const std::string& owner)
{
    if (parts_.text == nullptr) {
        return Step{};
    }
    const std::uint64_t lag = counts_.lag.of(owner);
    auto step = take_up(transaction, owner);
    counts_.lag.subtract(owner, step && !step->complete ? step->entries : lag);
    return step;
}

Result<Indexer::Step> Indexer::take_up(WriteTransaction& transaction, const std::string& owner)
{
    const auto known = find_owner(transaction, owner);
    const auto before = known ? search_head(transaction, *known) : std::nullopt;
    const auto part = read_part(owner, before.value_or(SearchHead{}).indexed);
    if (!part) {
        return fail(part.error());
    }
    const std::vector<ArchiveEntry>& entries = part->page.entries;
    if (part->extent.entries == 0) {
        if (known) {
            give_up(transaction, owner);
        }
        return Step{};
    }
    const std::uint64_t id = known ? *known : need_owner(transaction, owner);
    const SearchHead was = before.value_or(SearchHead{});
    SearchHead head = before ? was : SearchHead{ArchiveId::none, part->extent.first};
    const std::vector<Posting> postings = postings_of(entries);
    if (!entries.empty()) {
        head.indexed = entries.back().id;
        const SearchSegment fresh{entries.front().id, head.indexed, 0, entries.size()};
        add_segment(transaction, id, fresh, postings);
    }
    const bool prune = prune_is_due(head, part->extent.first);
    if (prune) {
        head.pruned = part->extent.first;
    }
    if (!merge_segments(transaction, id) ||
        (prune && !prune_segments(transaction, id, head.pruned))) {
        damaged(transaction, owner);
        return Step{0, false};
    }
    void_ = true; // what was merged
    if (head != was) {
        put_search_head(transaction, id, head);
    }
    counts_.entries.add(entries.size());
    return Step{entries.size(), part->page.complete, postings.size()};
}

Result<void>
Indexer::blank(WriteTransaction& transaction, const std::string& owner, const ArchiveEntry& entry)
{
    const auto known = find_owner(transaction, owner);
    const auto head = known ? search_head(transaction, *known) : std::nullopt;
    const bool has = parts_.text != nullptr && head && entry.id <= head->indexed;
    if (has && !remove_from_segment(transaction, *known, postings_of({entry}))) {
        damaged(transaction, owner);
    }
    return {};
}

Result<std::vector<std::string>>
Indexer::begin_anew(WriteTransaction& transaction, std::string_view host, std::string& from)
{
    auto work = [&](ReadTransaction& archive) -> Result<std::vector<std::string>> {
        std::vector<std::string> names;
        for (const OwnerRow& owner : some_owners(archive, from, owners_walked)) {
            if (is_on(owner.name, host) && archive_head(archive, owner.id).count > 0) {
                names.push_back(owner.name);
            }
        }
        return names;
    };
    auto names = archive_.read(work);
    if (names) {
        for (const std::string& name : *names) {
            give_up(transaction, name);
            note(name);
        }
    }
    return names;
}

bool Indexer::erase_some()
{
    if (void_) {
        void_ = !commit(&Indexer::erase_rows) || void_;
        return true;
    }
    return false;
}

void Indexer::erase_rows(WriteTransaction& transaction)
{
    void_ = erase_void(transaction, rows_together);
}

// Others wait for him.
void Indexer::put_first(const std::string& owner)
{
    if (!noted_.insert(owner).second) {
        waiting_.erase(std::ranges::find(waiting_, owner));
    }
    waiting_.push_front(owner);
}

bool Indexer::index_some()
{
    const auto furthest = counts_.lag.over() ? counts_.lag.furthest() : std::nullopt;
    if (furthest) {
        put_first(*furthest);
    }
    if (waiting_.empty()) {
        return false;
    }
    if (!commit(&Indexer::index_owners)) {
        put_off();
        return broken_; // or there is other work, which may succeed
    }
    alone_ -= std::min(alone_, finished_);
    for (; finished_ > 0; --finished_) {
        noted_.erase(waiting_.front());
        waiting_.pop_front();
    }
    return true;
}

// Whose part cannot be written must not hold up the others: who that is shows when each is alone.
void Indexer::put_off()
{
    waiting_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    alone_ = waiting_.size();
    void_ = true; // what was erased is not
}

void Indexer::index_owners(WriteTransaction& transaction)
{
    if (void_) {
        erase_rows(transaction); // also while much is indexed, which leaves much
    }
    finished_ = 0;
    std::uint64_t entries = 0;
    std::uint64_t postings = 0;
    const std::size_t most = alone_ > 0 ? 1 : std::min(waiting_.size(), owners_together);
    while (finished_ < most && entries < entries_together && postings < postings_together) {
        const std::string owner = waiting_[finished_];
        const auto step = index(transaction, owner);
        if (!step) {
            log.error("cannot index the archive of {}: {}", owner, step.error().cause);
        }
        const Step done = step.value_or(Step{});
        entries += done.entries;
        postings += done.postings;
        finished_ += done.complete ? 1 : 0;
        if (!done.complete && done.entries == 0) {
            break; // it begins anew
        }
    }
}

bool Indexer::is_behind(ReadTransaction& archive, const std::string& owner, std::uint64_t id)
{
    const ArchiveHead kept = archive_head(archive, id);
    if (kept.count == 0) {
        return false; // who has something in the index nevertheless is found there
    }
    auto work = [&](ReadTransaction& index) -> Result<bool> {
        const auto known = find_owner(index, owner);
        const auto head = known ? search_head(index, *known) : std::nullopt;
        return !head || head->indexed < kept.last || prune_is_due(*head, kept.first);
    };
    const auto behind = index_.read(work);
    return behind && *behind;
}

bool Indexer::walk_some()
{
    if (walk_ == Walk::none) {
        return false;
    }
    if (walk_ == Walk::index) {
        commit(&Indexer::find_orphans);
        return true;
    }
    auto work = [this](ReadTransaction& archive) -> Result<void> {
        for (const OwnerRow& owner : some_owners(archive, walked_, owners_walked)) {
            if (is_behind(archive, owner.name, owner.id)) {
                note(owner.name);
            }
        }
        return {};
    };
    if (const auto walked = archive_.read(work); !walked) {
        log.error("cannot find what is to be indexed: {}", walked.error().cause);
        walked_.clear();
    }
    if (walked_.empty()) {
        walk_ = Walk::index;
    }
    return true;
}

void Indexer::find_orphans(WriteTransaction& transaction)
{
    std::string from = walked_;
    const std::vector<OwnerRow> owners = some_owners(transaction, from, owners_walked);
    auto work = [&](ReadTransaction& archive) -> Result<void> {
        for (const OwnerRow& owner : owners) {
            const auto known = find_owner(archive, owner.name);
            if (!archive.failed() && (!known || archive_head(archive, *known).count == 0)) {
                give_up(transaction, owner.name);
            }
        }
        return {};
    };
    static_cast<void>(archive_.read(work));
    walked_ = from;
    if (walked_.empty()) {
        walk_ = std::exchange(walk_again_, false) ? Walk::archive : Walk::none;
    }
}

} // namespace sarang::lmdb
