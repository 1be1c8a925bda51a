// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_shard.h"

#include "base/log.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sarang::lmdb {
namespace {

using namespace std::chrono_literals;

const Log log{"store"};

constexpr std::size_t row_bytes = 256 * 1024;  // one row of the journal, about
constexpr std::size_t fold_bytes = 512 * 1024; // what one fold takes
constexpr auto oldest_batch = 1h;              // then it is folded, however little it is
constexpr std::size_t much = 1024 * 1024;      // too much to be kept in memory for nothing
constexpr auto idle_look = 2s;                 // how often it is asked whether anything came
constexpr auto idle_with_little = 1min;        // folds that could be one are work for the disk

AppendOutcome outcome_of(const Error& error)
{
    return error.condition == Condition::internal_server_error ? AppendOutcome::failed
                                                               : AppendOutcome::refused;
}

} // namespace

/// A batch on its way to the disk.
class ArchiveShard::BatchJob final : public WriteJob {
public:
    BatchJob(ArchiveShard& archive, BatchNumber number, JournalBytes bytes)
        : WriteJob{Shard::current(), bytes->size()}
        , archive_{archive}
        , number_{number}
        , bytes_{std::move(bytes)}
    {}

    void before_group(const Environment&) override
    {
        if (archive_.follower_ != nullptr) {
            archive_.follower_->make_room();
        }
    }

    void run(WriteTransaction& transaction) override
    {
        row_ = next_journal_row(transaction);
        transaction.append(Table::archive_journal, Key{row_}, *bytes_);
    }

    void refuse(const Error& error) override { outcome_ = outcome_of(error); }

    void open(Shard&) override { archive_.answered(number_, outcome_, row_); }

private:
    ArchiveShard& archive_;
    const BatchNumber number_;
    const JournalBytes bytes_;
    std::uint64_t row_ = 0;
    AppendOutcome outcome_ = AppendOutcome::durable;
};

class ArchiveShard::FoldJob final : public WriteJob {
public:
    FoldJob(ArchiveShard& archive, Fold deed)
        : WriteJob{Shard::current(), 0} // its bytes were counted with their batches
        , archive_{archive}
        , codec_{archive.writing_}
        , deed_{std::move(deed)}
    {}

    void run(WriteTransaction& transaction) override { lmdb::fold(transaction, codec_, deed_); }

    void refuse(const Error& error) override { error_ = error; }

    void open(Shard&) override { archive_.folded(deed_, error_); }

    const Fold& deed() const { return deed_; }

private:
    ArchiveShard& archive_;
    BlockCodec& codec_;
    const Fold deed_;
    std::optional<Error> error_;
};

ArchiveShard::ArchiveShard(Engine& engine, BlockCodec& writing, const Clock& clock, Bounds bounds)
    : engine_{engine}
    , writing_{writing}
    , clock_{clock}
    , bounds_{bounds}
{}

bool ArchiveShard::full() const
{
    // The tail may grow beyond its bound while what is over it is being folded.
    return tails_.unsettled_bytes() >= bounds_.waiting_bytes ||
           tails_.bytes() >= 2 * bounds_.tail_bytes;
}

// Half of what is refused is left to what is on its way when all have been asked to wait.
void ArchiveShard::note_load()
{
    // What a full disk keeps from being folded is not waited for: who sends is told so.
    const bool behind = 2 * tails_.unsettled_bytes() >= bounds_.waiting_bytes ||
                        (!fold_failed_ && 2 * tails_.bytes() >= 3 * bounds_.tail_bytes);
    if (behind != counted_behind_) {
        counted_behind_ = behind;
        engine_.note_behind(behind);
    }
}

Result<Appended> ArchiveShard::append(const ArchiveDraft& draft)
{
    if (closed_ || full()) {
        fold_some(); // nothing may be on its way that would begin it
        return fail(Condition::resource_constraint, {}, "too many appends wait for the disk");
    }
    Appended appended;
    appended.id = write(draft);
    appended.ticket = AppendTicket{++tickets_};
    if (tails_.open_bytes().bytes().size() >= row_bytes) {
        hand_over();
    } else if (!linked()) {
        Shard::current().at_turn_end(*this);
    }
    return appended;
}

ArchiveId ArchiveShard::write(const ArchiveDraft& draft)
{
    BytesWriter& bytes = tails_.open_bytes();
    if (tails_.open_empty()) {
        begin_journal(bytes);
    }
    const std::size_t offset = bytes.bytes().size();
    const ArchiveId id = ids_->next(clock_.wall(), draft.bucket);
    const JournalRecord record = record_of(draft, id);
    write_record(bytes, record);
    tails_.note(tails_.need(draft.owner), record, offset);
    return id;
}

void ArchiveShard::on_settled(std::function<void(const Settlement&)> listener)
{
    listeners_.push_back(std::move(listener));
}

void ArchiveShard::hand_over()
{
    unlink();
    if (tails_.open_empty()) {
        return;
    }
    const BatchNumber number = tails_.open_batch();
    last_append_ = clock_.now();
    idle_folding_ = false;
    if (!idle_.scheduled()) {
        idle_.schedule(Shard::current().timers(), idle_look);
    }
    const Batch& batch = tails_.close_batch(AppendTicket{tickets_}, last_append_);
    answers_.emplace_back();
    note_load();
    std::unique_ptr<WriteJob> job = std::make_unique<BatchJob>(*this, number, batch.bytes);
    if (engine_.offer(job) != Worker::Offer::taken) {
        // Not before whoever appended has his ticket.
        Shard::current().post([this, number] { answered(number, AppendOutcome::refused, 0); });
    }
}

void ArchiveShard::answered(BatchNumber batch, AppendOutcome outcome, std::uint64_t row)
{
    answers_[batch - tails_.unsettled()] = Answer{outcome, row};
    while (!answers_.empty() && answers_.front()) {
        settle(tails_.unsettled());
    }
    note_load();
    fold_some();
}

void ArchiveShard::settle(BatchNumber batch)
{
    const Answer answer = *answers_.front();
    answers_.pop_front();
    const Settlement settlement{tails_.batch(batch).last_ticket, answer.outcome};
    if (answer.outcome == AppendOutcome::durable) {
        tails_.settle(batch, answer.row);
    } else {
        tails_.fail(batch);
    }
    tell(settlement);
}

void ArchiveShard::tell(const Settlement& settlement)
{
    for (const auto& listener : listeners_) {
        listener(settlement);
    }
}

bool ArchiveShard::pressed() const
{
    const Batch* oldest = tails_.oldest();
    return oldest != nullptr && (tails_.bytes() > bounds_.tail_bytes || idle_folding_ ||
                                 clock_.now() - oldest->since > oldest_batch);
}

void ArchiveShard::look_whether_idle()
{
    const auto idle = clock_.now() - last_append_;
    if (idle >= idle_look && folded_bytes_ > much) {
        folded_bytes_ = 0;
        Shard::current().trim_soon();
    }
    if (closed_ || tails_.oldest() == nullptr) {
        return;
    }
    if (idle >= idle_with_little || (idle >= idle_look && tails_.bytes() > much)) {
        idle_folding_ = true;
        fold_some();
    }
    idle_.schedule(Shard::current().timers(), idle_look);
}

void ArchiveShard::fold_some()
{
    if (folding_ || closed_) {
        return;
    }
    Fold deed;
    std::size_t bytes = 0;
    take_ripe(deed, bytes);
    if (deed.parts.empty() && pressed()) {
        take_old(deed, bytes);
    }
    if (!deed.parts.empty() || !tails_.empty_rows().empty()) {
        static_cast<void>(start(std::move(deed)));
    }
}

void ArchiveShard::forget(std::string_view owner, std::uint64_t row)
{
    tails_.forget(owner, row);
    fold_some(); // what he alone had leaves the disk
}

bool ArchiveShard::take(Fold& deed, std::string_view owner, std::size_t& bytes)
{
    auto part = tails_.take(owner, deed.bytes);
    if (!part) {
        return false;
    }
    for (const FoldRecord& record : part->records) {
        bytes += record.bytes.size();
    }
    deed.parts.push_back(std::move(*part));
    return true;
}

void ArchiveShard::take_ripe(Fold& deed, std::size_t& bytes)
{
    auto& ripe = tails_.ripe();
    while (!ripe.empty() && bytes < fold_bytes) {
        Tail* tail = tails_.find(ripe.front());
        const bool waits =
            tail != nullptr && !tail->places.empty() && !tails_.settled(tail->places.front());
        if (waits) {
            break; // so do those behind it
        }
        const std::string owner = std::move(ripe.front());
        ripe.pop_front();
        if (tail != nullptr) {
            tail->ripe = false;
            take(deed, owner, bytes);
            tails_.tidy(owner);
        }
    }
}

void ArchiveShard::take_old(Fold& deed, std::size_t& bytes)
{
    const JournalBytes oldest = tails_.oldest()->bytes;
    JournalReader reader{*oldest};
    while (const auto record = reader.next()) {
        if (bytes < fold_bytes) {
            take(deed, record->owner, bytes);
        }
    }
}

Result<void> ArchiveShard::start(Fold deed)
{
    const auto spent = tails_.spent_by(deed.parts);
    deed.spent = tails_.empty_rows();
    deed.spent.insert(deed.spent.end(), spent.begin(), spent.end());
    deed.mark = tails_.greatest_settled();
    auto folding = std::make_unique<FoldJob>(*this, std::move(deed));
    const Fold& kept = folding->deed();
    std::unique_ptr<WriteJob> job = std::move(folding);
    if (engine_.offer(job) == Worker::Offer::taken) {
        folding_ = true;
        return {};
    }
    for (const FoldPart& part : kept.parts) {
        tails_.not_folded(part);
    }
    return fail(Condition::resource_constraint, {}, "too many writes wait for the disk");
}

void ArchiveShard::folded(const Fold& deed, const std::optional<Error>& error)
{
    folding_ = false;
    fold_failed_ = error.has_value();
    const std::size_t before = tails_.bytes();
    for (const FoldPart& part : deed.parts) {
        error ? tails_.not_folded(part) : tails_.folded(part);
        if (!error && follower_ != nullptr) {
            follower_->folded(part.owner, part.records.size());
        }
    }
    folded_bytes_ += before - tails_.bytes();
    if (!error) {
        tails_.erased(deed.spent);
    } else {
        log.debug("entries stay in the archive's journal: {}", error->cause);
    }
    note_load();
    for (auto& waiter : std::exchange(waiting_, {})) {
        waiter->deliver(error ? Result<void>{fail(*error)} : Result<void>{});
    }
    if (!error) {
        fold_some();
    }
}

Task<Result<void>> ArchiveShard::fold(std::string owner)
{
    const ArchiveId through = tails_.view(owner).last(); // what comes later is not waited for
    for (;;) {
        const Tail* tail = tails_.find(owner);
        if (tail == nullptr || tail->places.empty() || tail->places.front().id > through) {
            co_return Result<void>{};
        }
        if (closed_) {
            co_return fail(Condition::service_unavailable, {}, "the database is closing");
        }
        if (!folding_) {
            Fold deed;
            std::size_t bytes = 0;
            take(deed, owner, bytes);
            if (auto started = start(std::move(deed)); !started) {
                co_return started;
            }
        }
        Oneshot<Result<void>> done;
        waiting_.push_back(std::make_unique<Oneshot<Result<void>>::Sender>(done));
        Result<void> folded = co_await done;
        if (!folded) {
            co_return folded;
        }
    }
}

Task<Result<void>> ArchiveShard::fold_old(std::string host, ArchiveId bound)
{
    for (const std::string& owner : tails_.owners_below(host, bound)) {
        co_await ok(fold(owner));
    }
    co_return Result<void>{};
}

Task<Result<void>> ArchiveShard::fold_all()
{
    for (const std::string& owner : tails_.owners()) {
        co_await ok(fold(owner));
    }
    co_return Result<void>{};
}

std::optional<JournalPlace> ArchiveShard::journal_place(ArchiveId id) const
{
    const auto place = tails_.find_folded(id);
    const auto record = place ? tails_.record(*place) : std::nullopt;
    if (!record) {
        return std::nullopt;
    }
    const Batch& batch = tails_.batch(place->batch);
    const auto offset = static_cast<std::size_t>(record->entry.stanza.data() - batch.bytes->data());
    return JournalPlace{batch.row, offset, record->entry.stanza.size()};
}

void ArchiveShard::close()
{
    hand_over();
    closed_ = true;
    idle_.cancel();
    for (auto& waiter : std::exchange(waiting_, {})) {
        waiter->deliver(fail(Condition::service_unavailable, {}, "the database is closing"));
    }
}

} // namespace sarang::lmdb
