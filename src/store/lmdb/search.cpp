// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/search.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "store/lmdb/archive_record.h"
#include "store/lmdb/owners.h"
#include "store/search_words.h"

#include <algorithm>
#include <utility>

namespace sarang::lmdb {
namespace {

constexpr std::size_t entries_at_once = 256;
// What a search waits for; more than that is for those who index in time.
constexpr unsigned most_rounds = 64;
// How many hits of the index are read at once to be looked at, and how often.
constexpr std::size_t looked_at_once = 64;
constexpr unsigned most_looks = 256;
// Beyond what is wanted, since a few will turn out not to have the words.
constexpr std::size_t spare_candidates = 16;
constexpr std::size_t bytes_of_posting = 8;

ArchiveId head_of(ReadTransaction& transaction, std::uint64_t owner)
{
    const auto bytes = transaction.get(Table::search_heads, Key{owner});
    BytesReader reader{bytes.value_or(std::string_view{})};
    return bytes ? ArchiveId{reader.u64()} : ArchiveId::none;
}

TermIds terms_of(const std::vector<ArchiveEntry>& entries, SearchedText text)
{
    TermIds found;
    SearchWords words;
    for (const ArchiveEntry& entry : entries) {
        for (const std::string& term : words.terms(text(entry.stanza))) {
            std::vector<ArchiveId>& ids = found[frozen_hash(term)];
            if (ids.empty() || ids.back() != entry.id) {
                ids.push_back(entry.id);
            }
        }
    }
    return found;
}

std::size_t size_of(const TermIds& terms)
{
    std::size_t postings = 0;
    for (const auto& [term, ids] : terms) {
        postings += ids.size();
    }
    return postings * bytes_of_posting;
}

/// What one round adds to an owner's index.
struct Addition {
    std::string owner;
    ArchiveId after; ///< what the index had
    ArchiveId through;
    TermIds terms;
};

// Whoever indexed the same at the same time and was first has done it.
Result<void> add(WriteTransaction& transaction, const Addition& addition)
{
    const std::uint64_t owner = need_owner(transaction, addition.owner);
    if (head_of(transaction, owner) == addition.after) {
        add_terms(transaction, owner, addition.terms);
        BytesWriter head;
        head.u64(static_cast<std::uint64_t>(addition.through));
        transaction.put(Table::search_heads, Key{owner}, head.bytes());
    }
    return {};
}

} // namespace

/// What is looked for, and how far it was looked for.
class Search::Hits {
public:
    Hits(ArchiveQuery query, SearchRequest request, SearchedText text)
        : query_{std::move(query)}
        , request_{std::move(request)}
        , text_{text}
    {
        for (const std::string& term : request_.terms) {
            terms_.push_back(frozen_hash(term));
        }
    }

    /// Where the index is to be asked next.
    TermQuery terms(std::size_t limit) const
    {
        return {terms_, query_.after, query_.before, query_.backwards, limit};
    }

    const std::string& owner() const { return query_.owner; }

    bool full() const { return found_.size() > query_.limit; }

    std::size_t wanted() const { return query_.limit + 1 - found_.size(); }

    /// Takes those of the entries that have all that is looked for; `ids` is what was looked up.
    void take(const std::vector<ArchiveId>& ids, std::vector<ArchiveEntry> entries)
    {
        (query_.backwards ? query_.before : query_.after) = ids.back();
        if (query_.backwards) {
            std::reverse(entries.begin(), entries.end());
        }
        for (ArchiveEntry& entry : entries) {
            if (!full() && fits(entry)) {
                found_.push_back(std::move(entry));
            }
        }
    }

    ArchivePage page() &&
    {
        ArchivePage page;
        page.complete = !full();
        found_.resize(std::min(found_.size(), query_.limit));
        if (query_.backwards) {
            std::reverse(found_.begin(), found_.end());
        }
        page.entries = std::move(found_);
        return page;
    }

private:
    bool fits(const ArchiveEntry& entry)
    {
        return (query_.with.empty() || query_.with == entry.with) &&
               (query_.with_resource.empty() || query_.with_resource == entry.with_resource) &&
               words_.matches(request_, text_(entry.stanza));
    }

    ArchiveQuery query_;
    SearchRequest request_;
    SearchedText text_;
    SearchWords words_;
    std::vector<std::uint64_t> terms_;
    std::vector<ArchiveEntry> found_;
};

Task<Result<ArchivePage>> Search::search(ArchiveQuery query, std::string words)
{
    SearchWords cutter;
    SearchRequest request = cutter.request(words);
    if (text_ == nullptr || request.empty()) {
        co_return ArchivePage{};
    }
    co_await ok(catch_up(query.owner));
    Hits hits{std::move(query), std::move(request), text_};
    bool exhausted = false;
    for (unsigned round = 0; !exhausted && !hits.full(); ++round) {
        if (round == most_looks) {
            co_return fail(
                Condition::resource_constraint, "Too much to look through: ask for less");
        }
        const std::size_t limit = std::min(hits.wanted() + spare_candidates, looked_at_once);
        std::vector<ArchiveId> ids = co_await ok(candidates(hits, limit));
        exhausted = ids.size() < limit;
        if (!ids.empty()) {
            auto entries = co_await ok(archive_.find(hits.owner(), ids));
            hits.take(ids, std::move(entries));
        }
    }
    co_return std::move(hits).page();
}

Task<Result<void>> Search::catch_up(std::string owner)
{
    for (unsigned round = 0; round < most_rounds; ++round) {
        const std::uint64_t more = co_await ok(index(owner));
        if (more == 0) {
            co_return Result<void>{};
        }
    }
    co_return fail(Condition::resource_constraint, "It is still being indexed; try again");
}

Task<Result<ArchiveId>> Search::indexed(std::string owner)
{
    auto work = [owner = std::move(owner)](ReadTransaction& transaction) -> Result<ArchiveId> {
        const auto id = find_owner(transaction, owner);
        return id ? head_of(transaction, *id) : ArchiveId::none;
    };
    return engine_.read(std::move(work));
}

Task<Result<std::vector<ArchiveId>>> Search::candidates(const Hits& hits, std::size_t limit)
{
    auto work = [&hits, limit](ReadTransaction& transaction) -> Result<std::vector<ArchiveId>> {
        const auto id = find_owner(transaction, hits.owner());
        return id ? find_terms(transaction, *id, hits.terms(limit)) : std::vector<ArchiveId>{};
    };
    return engine_.read(work);
}

Task<Result<std::uint64_t>> Search::index(std::string owner)
{
    if (text_ == nullptr) {
        co_return std::uint64_t{0};
    }
    const ArchiveId after = co_await ok(indexed(owner));
    ArchiveQuery query{owner};
    query.after = after;
    query.limit = entries_at_once;
    ArchivePage page = co_await ok(archive_.read(std::move(query)));
    const std::uint64_t count = page.entries.size();
    if (count == 0) {
        co_return count;
    }
    const ArchiveId through = page.entries.back().id;
    auto deed = [entries = std::move(page.entries), text = text_] {
        return terms_of(entries, text);
    };
    TermIds terms = co_await ok(engine_.workers().run(std::move(deed)));
    const std::size_t size = size_of(terms);
    auto work = [addition = Addition{std::move(owner), after, through, std::move(terms)}](
                    WriteTransaction& transaction) { return add(transaction, addition); };
    co_await ok(engine_.write(size, std::move(work)));
    co_return count;
}

Task<Result<void>> Search::forget(std::string owner)
{
    auto look = [owner](ReadTransaction& transaction) -> Result<bool> {
        return find_owner(transaction, owner).has_value();
    };
    const bool known = co_await ok(engine_.read(std::move(look)));
    if (!known) {
        co_return Result<void>{};
    }
    auto work = [owner](WriteTransaction& transaction) -> Result<void> {
        if (const auto id = find_owner(transaction, owner)) {
            transaction.erase_all(Table::search_terms, Key{*id});
            transaction.erase(Table::search_heads, Key{*id});
            erase_owner(transaction, owner);
        }
        return {};
    };
    co_await ok(engine_.write(0, std::move(work)));
    co_return Result<void>{};
}

} // namespace sarang::lmdb
