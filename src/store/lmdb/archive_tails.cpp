// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_tails.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace sarang::lmdb {
namespace {

constexpr std::size_t part_bytes = 512 * 1024; // what is folded of one archive at once

} // namespace

void ArchiveTails::tidy(std::string_view owner)
{
    const Tail* tail = find(owner);
    if (tail != nullptr && tail->places.empty() && !tail->ripe && !tail->folding) {
        tails_.erase(owner);
    }
}

void ArchiveTails::note(Tail& tail, const JournalRecord& record, std::size_t offset)
{
    const std::size_t size = open_.bytes().size() - offset;
    tail.places.push_back(
        {record.entry.id,
         open_batch(),
         static_cast<std::uint32_t>(offset),
         static_cast<std::uint32_t>(size)});
    tail.bytes += size;
    ++open_entries_;
    open_ids_.add(record.entry.id);
    ripen(tail);
}

void ArchiveTails::ripen(Tail& tail)
{
    if (tail.bytes >= block_bytes && !tail.ripe) {
        tail.ripe = true;
        ripe_.push_back(tail.owner);
    }
}

const Batch& ArchiveTails::close_batch(AppendTicket last_ticket, Clock::Time now)
{
    Batch batch;
    batch.bytes = std::make_shared<const std::string>(open_.take());
    batch.last_ticket = last_ticket;
    batch.entries = std::exchange(open_entries_, 0);
    batch.ids = std::exchange(open_ids_, IdRange{});
    batch.since = now;
    open_ = BytesWriter{};
    open_.reserve(batch.bytes->size()); // the next one is likely as large
    bytes_ += batch.bytes->size();
    unsettled_bytes_ += batch.bytes->size();
    batches_.push_back(std::move(batch));
    return batches_.back();
}

BatchNumber ArchiveTails::add_durable(std::uint64_t row, JournalBytes bytes, Clock::Time now)
{
    Batch batch;
    batch.row = row;
    batch.since = now;
    bytes_ += bytes->size();
    batch.bytes = std::move(bytes);
    JournalReader reader{*batch.bytes};
    while (const auto record = reader.next()) {
        batch.ids.add(record->entry.id);
    }
    greatest_settled_ = std::max(greatest_settled_, batch.ids.greatest);
    const BatchNumber number = open_batch();
    batches_.push_back(std::move(batch));
    unsettled_ = open_batch();
    return number;
}

void ArchiveTails::restore(std::string_view owner, const TailPlace& place)
{
    Tail& tail = need(owner);
    tail.places.push_back(place);
    tail.bytes += place.size;
    ++at(place.batch).entries;
    greatest_settled_ = std::max(greatest_settled_, place.id);
}

void ArchiveTails::sort()
{
    tails_.each([this](Tail& tail) {
        std::ranges::sort(tail.places, {}, &TailPlace::id);
        ripen(tail);
    });
}

void ArchiveTails::settle(BatchNumber batch, std::uint64_t row)
{
    Batch& settled = at(batch);
    settled.row = row;
    greatest_settled_ = std::max(greatest_settled_, settled.ids.greatest);
    unsettled_bytes_ -= settled.bytes->size();
    unsettled_ = batch + 1;
}

void ArchiveTails::fail(BatchNumber batch)
{
    const JournalBytes bytes = at(batch).bytes;
    unsettled_bytes_ -= bytes->size();
    unsettled_ = batch + 1;
    JournalReader reader{*bytes};
    while (const auto record = reader.next()) {
        Tail* tail = find(record->owner);
        const auto of_batch = [batch](const TailPlace& place) { return place.batch == batch; };
        if (tail != nullptr && std::erase_if(tail->places, of_batch) > 0) {
            tail->bytes = 0;
            for (const TailPlace& place : tail->places) {
                tail->bytes += place.size;
            }
        }
        tidy(record->owner);
    }
    drop(batch, at(batch).entries);
}

std::string_view ArchiveTails::bytes_of(BatchNumber batch) const
{
    return batch == open_batch() ? open_.bytes() : *batches_[batch - first_].bytes;
}

std::optional<JournalRecord> ArchiveTails::record(const TailPlace& place) const
{
    BytesReader reader{bytes_of(place.batch).substr(place.offset, place.size)};
    return read_record(reader);
}

TailView ArchiveTails::view(std::string_view owner)
{
    TailView view;
    const Tail* tail = find(owner);
    if (tail == nullptr) {
        return view;
    }
    for (const TailPlace& place : tail->places) {
        if (!settled(place)) {
            break;
        }
        const JournalBytes& bytes = batch(place.batch).bytes;
        if (view.bytes.empty() || view.bytes.back() != bytes) {
            view.bytes.push_back(bytes);
        }
        if (const auto read = record(place)) {
            (is_note(read->entry.role) ? view.notes : view.entries).push_back(read->entry);
        }
    }
    return view;
}

std::optional<FoldPart> ArchiveTails::take(std::string_view owner, std::vector<JournalBytes>& bytes)
{
    Tail* tail = find(owner);
    if (tail == nullptr || tail->folding || tail->places.empty() ||
        !settled(tail->places.front())) {
        return std::nullopt;
    }
    tail->folding = true;
    FoldPart part{std::string{owner}, {}, ArchiveId::none};
    std::size_t taken = 0;
    for (const TailPlace& place : tail->places) {
        if (!settled(place) || taken >= part_bytes) {
            break;
        }
        taken += place.size;
        const Batch& from = batch(place.batch);
        if (bytes.empty() || bytes.back() != from.bytes) {
            bytes.push_back(from.bytes);
        }
        const std::string_view all{*from.bytes};
        part.records.push_back({from.row, all.substr(place.offset, place.size)});
        part.through = place.id;
    }
    return part;
}

std::vector<std::uint64_t> ArchiveTails::spent_by(const std::vector<FoldPart>& parts) const
{
    std::map<std::uint64_t, std::size_t> taken;
    for (const FoldPart& part : parts) {
        for (const FoldRecord& record : part.records) {
            ++taken[record.row];
        }
    }
    std::vector<std::uint64_t> spent;
    for (const Batch& batch : batches_) {
        const auto found = taken.find(batch.row);
        if (batch.entries > 0 && found != taken.end() && found->second == batch.entries) {
            spent.push_back(batch.row);
        }
    }
    return spent;
}

void ArchiveTails::folded(const FoldPart& part)
{
    Tail* tail = find(part.owner);
    if (tail == nullptr) {
        return;
    }
    tail->folding = false;
    const auto end = std::ranges::upper_bound(tail->places, part.through, {}, &TailPlace::id);
    remove_places(*tail, end);
    ripen(*tail);
    tidy(part.owner);
}

void ArchiveTails::remove_places(Tail& tail, std::vector<TailPlace>::iterator end)
{
    for (auto place = tail.places.begin(); place != end; ++place) {
        tail.bytes -= place->size;
        drop(place->batch, 1);
    }
    tail.places.erase(tail.places.begin(), end);
}

void ArchiveTails::not_folded(const FoldPart& part)
{
    Tail* tail = find(part.owner);
    if (tail == nullptr) {
        return;
    }
    tail->folding = false;
    ripen(*tail);
    tidy(part.owner);
}

void ArchiveTails::forget(std::string_view owner, std::uint64_t row)
{
    Tail* tail = find(owner);
    if (tail == nullptr) {
        return;
    }
    const auto end = std::ranges::find_if(tail->places, [this, row](const TailPlace& place) {
        return !settled(place) || batch(place.batch).row >= row;
    });
    remove_places(*tail, end);
    tidy(owner);
}

void ArchiveTails::drop(BatchNumber batch, std::size_t entries)
{
    Batch& from = at(batch);
    from.entries -= entries;
    if (from.entries == 0) {
        if (from.row != 0) {
            empty_rows_.push_back(from.row);
        }
        bytes_ -= from.bytes->size();
        from.bytes.reset();
        release_front();
    }
}

void ArchiveTails::erased(std::vector<std::uint64_t> rows)
{
    std::ranges::sort(rows);
    std::erase_if(
        empty_rows_, [&rows](std::uint64_t row) { return std::ranges::binary_search(rows, row); });
}

void ArchiveTails::release_front()
{
    while (!batches_.empty() && first_ < unsettled_ && batches_.front().entries == 0) {
        batches_.pop_front();
        ++first_;
    }
}

const Batch* ArchiveTails::oldest() const
{
    const bool any = !batches_.empty() && first_ < unsettled_;
    return any ? &batches_.front() : nullptr;
}

std::vector<std::string> ArchiveTails::owners() const
{
    std::vector<std::string> owners;
    tails_.each([&owners](const Tail& tail) { owners.push_back(tail.owner); });
    return owners;
}

std::vector<std::string> ArchiveTails::owners_below(std::string_view host, ArchiveId bound) const
{
    std::set<std::string> owners;
    for (BatchNumber number = first_; number < unsettled_; ++number) {
        const Batch& from = batch(number);
        if (from.entries == 0 || from.ids.least >= bound) {
            continue;
        }
        JournalReader reader{*from.bytes};
        while (const auto record = reader.next()) {
            if (record->host == host && record->entry.id < bound) {
                owners.emplace(record->owner);
            }
        }
    }
    return {owners.begin(), owners.end()};
}

std::optional<TailPlace> ArchiveTails::find_folded(ArchiveId id) const
{
    for (BatchNumber number = first_; number < unsettled_; ++number) {
        const Batch& from = batch(number);
        if (from.entries == 0 || !from.ids.contains(id)) {
            continue;
        }
        JournalReader reader{*from.bytes};
        while (const auto record = reader.next()) {
            if (record->entry.id == id) {
                const auto offset = static_cast<std::uint32_t>(reader.offset());
                const auto size = static_cast<std::uint32_t>(reader.end() - reader.offset());
                return TailPlace{id, number, offset, size};
            }
        }
    }
    return std::nullopt;
}

} // namespace sarang::lmdb
