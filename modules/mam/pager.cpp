// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/pager.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "modules/mam/rules.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t references_of_one = 50;

// How many pages of the store one of ours may look through for what is no reference.
constexpr unsigned most_rounds = 16;

// Ids have 41 bits of milliseconds: nothing is as late as this.
constexpr Clock::Wall end_of_time{std::chrono::sys_days{std::chrono::year{2089} / 1 / 1}};

ArchiveId bound_at(Clock::Wall time)
{
    return bound_of(std::min(time, end_of_time));
}

} // namespace

Task<Result<ArchiveResult>> ArchivePager::find(ArchiveRequest request)
{
    request_ = std::move(request);
    query_.owner = owner_;
    limit_ = std::min(request_.page.max.value_or(bounds_.entries), bounds_.entries);
    co_await ok(narrow());
    if (is_void()) {
        co_return std::move(result_);
    }
    if (limit_ == 0) {
        co_await ok(count());
    } else if (!request_.ids.empty()) {
        co_await ok(read_ids());
    } else {
        co_await ok(read_pages());
    }
    arrange();
    co_return std::move(result_);
}

// From what was asked for to bounds of the archive's own order.
Task<Result<void>> ArchivePager::narrow()
{
    const ResultSetRequest& page = request_.page;
    if (request_.with) {
        query_.with = request_.with->bare_str();
        query_.with_resource = request_.with->resource();
    }
    if (request_.start) {
        after(bound_at(*request_.start));
    }
    if (request_.end) {
        before(std::max(bound_at(*request_.end + 1ms), ArchiveId{1}));
    }
    const std::string after_id = request_.after_id.value_or("");
    const std::string before_id = request_.before_id.value_or("");
    std::string page_after = page.after.value_or("");
    std::string page_before = page.before.value_or("");
    if (request_.descending) {
        std::swap(page_after, page_before);
    }
    co_await ok(keep_after(after_id));
    co_await ok(keep_before(before_id));
    co_await ok(keep_after(page_after));
    co_await ok(keep_before(page_before));
    query_.backwards = page.before.has_value() != request_.descending;
    co_return Result<void>{};
}

Task<Result<ArchiveId>> ArchivePager::known(std::string id)
{
    const std::optional<ArchiveId> read = ids_.read(owner_, id);
    if (!read) {
        co_return fail(Condition::item_not_found);
    }
    std::vector<ArchiveId> ids{*read};
    const std::vector<ArchiveEntry> found = co_await ok(store_.find(owner_, std::move(ids)));
    if (found.empty()) {
        co_return fail(Condition::item_not_found);
    }
    co_return *read;
}

Task<Result<void>> ArchivePager::keep_after(std::string id)
{
    if (!id.empty()) {
        const ArchiveId bound = co_await ok(known(std::move(id)));
        after(bound);
    }
    co_return Result<void>{};
}

Task<Result<void>> ArchivePager::keep_before(std::string id)
{
    if (!id.empty()) {
        const ArchiveId bound = co_await ok(known(std::move(id)));
        before(bound);
    }
    co_return Result<void>{};
}

void ArchivePager::after(ArchiveId bound)
{
    query_.after = std::max(query_.after, bound);
}

void ArchivePager::before(ArchiveId bound)
{
    query_.before = query_.before == ArchiveId::none ? bound : std::min(query_.before, bound);
}

bool ArchivePager::is_void() const
{
    return query_.before != ArchiveId::none && query_.after >= query_.before;
}

bool ArchivePager::is_in(const ArchiveEntry& entry) const
{
    return entry.id > query_.after &&
           (query_.before == ArchiveId::none || entry.id < query_.before) &&
           (query_.with.empty() || entry.with == query_.with) &&
           (query_.with_resource.empty() || entry.with_resource == query_.with_resource);
}

// XEP-0059 §2.7: how many there are, and none of them.
Task<Result<void>> ArchivePager::count()
{
    query_.limit = 1;
    const ArchivePage page = co_await ok(read_page());
    result_.complete = page.entries.empty() && page.complete;
    const bool all = !request_.with && query_.after == ArchiveId::none &&
                     query_.before == ArchiveId::none && request_.ids.empty() && !request_.fold &&
                     !request_.words;
    if (all) {
        const ArchiveExtent extent = co_await ok(store_.extent(owner_));
        result_.count = extent.entries;
    }
    co_return Result<void>{};
}

Task<Result<ArchivePage>> ArchivePager::read_page()
{
    return request_.words ? search_.search(query_, *request_.words) : store_.read(query_);
}

Task<Result<void>> ArchivePager::read_ids()
{
    std::vector<ArchiveId> ids;
    for (const std::string& id : request_.ids) {
        const ArchiveId one = co_await ok(known(id));
        ids.push_back(one);
    }
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (query_.backwards) {
        std::ranges::reverse(ids);
    }
    for (const ArchiveId id : ids) {
        std::vector<ArchiveId> one{id};
        std::vector<ArchiveEntry> found = co_await ok(store_.find(owner_, std::move(one)));
        if (found.empty() || !is_in(found.front())) {
            continue;
        }
        if (result_.hits.size() == limit_ || bytes_ > bounds_.bytes) {
            result_.complete = false;
            break;
        }
        ArchiveEntry& entry = found.front();
        co_await ok(take(std::move(entry)));
    }
    co_return Result<void>{};
}

// One page of the store's, unless there were mere references in it.
Task<Result<void>> ArchivePager::read_pages()
{
    bool more = true;
    for (unsigned round = 0; more && round < most_rounds; ++round) {
        query_.limit = limit_ - result_.hits.size();
        ArchivePage page = co_await ok(read_page());
        if (query_.backwards) {
            std::ranges::reverse(page.entries);
        }
        result_.complete = page.complete;
        // Who searches may ask for more; one page of entries is one.
        const bool some = request_.words && page.through != ArchiveId::none;
        more = !page.complete && !some && (request_.fold || page.entries.empty());
        for (std::size_t i = 0; i < page.entries.size(); ++i) {
            ArchiveEntry& entry = page.entries[i];
            const bool room = co_await ok(take(std::move(entry)));
            if (!room) {
                result_.complete = page.complete && i + 1 == page.entries.size();
                more = false;
                break;
            }
        }
        if (page.through != ArchiveId::none && result_.hits.empty()) {
            seen_ = page.through; // much was looked through for nothing
        }
        (query_.backwards ? query_.before : query_.after) = seen_;
    }
    co_return Result<void>{};
}

// Whether there is room for more.
Task<Result<bool>> ArchivePager::take(ArchiveEntry entry)
{
    seen_ = entry.id;
    ArchiveHit hit{std::move(entry), {}, false};
    if (request_.fold) {
        const std::optional<Stanza> message = archived_message(hit.entry.stanza);
        if (message && !reference_of(*message).empty()) {
            co_return true;
        }
        if (message) {
            std::string message_id = message_id_of(*message);
            co_await ok(add_references(hit, std::move(message_id)));
        }
        if (message && hit.entry.with == owner_) {
            // In a room, all but corrections name a message as the room does (XEP-0424, XEP-0444).
            std::string name = ids_.show(owner_, hit.entry.id);
            co_await ok(add_references(hit, std::move(name)));
        }
    }
    bytes_ += hit.size();
    result_.hits.push_back(std::move(hit));
    co_return result_.hits.size() < limit_&& bytes_ <= bounds_.bytes;
}

Task<Result<void>> ArchivePager::add_references(ArchiveHit& hit, std::string message_id)
{
    if (message_id.empty()) {
        co_return Result<void>{};
    }
    std::vector<ArchiveEntry> found =
        co_await ok(store_.find_references(owner_, std::move(message_id), references_of_one));
    for (ArchiveEntry& reference : found) {
        if (reference.with == hit.entry.with) {
            hit.references.push_back(std::move(reference));
        }
    }
    std::ranges::sort(hit.references, {}, &ArchiveEntry::id);
    while (hit.size() > bounds_.bytes && !hit.references.empty()) {
        hit.references.pop_back();
        hit.more = true;
    }
    co_return Result<void>{};
}

void ArchivePager::arrange()
{
    if (query_.backwards != request_.descending) {
        std::ranges::reverse(result_.hits);
    }
    const bool none = result_.hits.empty();
    result_.first = none && !result_.complete ? seen_ : ArchiveId::none;
    result_.last = result_.first;
    if (!none) {
        result_.first = result_.hits.front().entry.id;
        result_.last = result_.hits.back().entry.id;
    }
}

} // namespace sarang
