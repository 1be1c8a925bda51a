// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/holes.h"

#include "base/scope.h"
#include "store/lmdb/code.h"
#include "store/lmdb/engine.h"

#include <lmdb.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <new>
#include <string_view>
#include <sys/statvfs.h>
#include <utility>
#include <vector>

namespace sarang::lmdb {
namespace {

using TransactionPtr = Owned<MDB_txn, mdb_txn_abort>;
using CursorPtr = Owned<MDB_cursor, mdb_cursor_close>;
using Number = std::size_t; // of a page or a transaction, as LMDB keeps them
using Steady = std::chrono::steady_clock;

constexpr MDB_dbi list_of_free =
    0;                           // a row for each transaction that freed some: how many, and which
constexpr Number first_page = 2; // after the two roots
constexpr std::size_t job_size = 256; // about
constexpr unsigned roots = 2;
constexpr unsigned most_walks = 3;

Number number_at(const MDB_val& bytes, std::size_t index)
{
    Number number = 0;
    std::memcpy(
        &number, static_cast<const char*>(bytes.mv_data) + index * sizeof number, sizeof number);
    return number;
}

// A line of LMDB's list of readers ends in the snapshot that he reads, or in "-". Of what cannot be
// understood, it is supposed that he reads the oldest.
int note_oldest(const char* text, void* oldest)
{
    std::string_view line{text};
    if (line.ends_with("txnid\n") || line.starts_with('(') || line.ends_with("-\n")) {
        return 0;
    }
    line.remove_suffix(line.ends_with('\n') ? 1 : 0);
    line.remove_prefix(line.rfind(' ') + 1); // without one, that is 0
    Number snapshot = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), snapshot);
    if (parsed.ec != std::errc{} || parsed.ptr != line.data() + line.size()) {
        snapshot = 0;
    }
    auto* const least = static_cast<Number*>(oldest);
    *least = std::min(*least, snapshot);
    return 0;
}

// What transactions below this one freed is in no snapshot that somebody reads, nor in those of the
// two roots, the last of which is all that a crash may leave. LMDB itself takes pages one
// transaction earlier.
Number freed_for_good(MDB_env* env, Number under_way)
{
    Number limit = under_way > roots ? under_way - roots : 0;
    mdb_reader_list(env, note_oldest, &limit);
    return limit;
}

// The free pages, a batch at a time. A row of the list has their number, then the pages downwards.
class FreePages {
public:
    FreePages(MDB_cursor* cursor, Number limit, const FreePlace& from)
        : cursor_{cursor}
        , limit_{limit}
        , place_{from}
    {}

    const FreePlace& place() const { return place_; }

    // MDB_NOTFOUND: these were the last.
    int take(std::size_t most, std::vector<Number>& pages)
    {
        pages.clear();
        Number from = place_.transaction;
        MDB_val key{sizeof from, &from};
        MDB_val row;
        int code = mdb_cursor_get(cursor_, &key, &row, MDB_SET_RANGE);
        while (code == MDB_SUCCESS) {
            if (key.mv_size != sizeof from) {
                return MDB_CORRUPTED;
            }
            const Number freed_by = number_at(key, 0);
            if (freed_by >= limit_) {
                return MDB_NOTFOUND;
            }
            if (freed_by != place_.transaction) {
                place_ = FreePlace{freed_by};
            }
            code = take_from(row, most, pages);
            if (code != MDB_SUCCESS || pages.size() == most) {
                return code;
            }
            code = mdb_cursor_get(cursor_, &key, &row, MDB_NEXT);
        }
        return code;
    }

private:
    int take_from(const MDB_val& row, std::size_t most, std::vector<Number>& pages)
    {
        const std::size_t room = row.mv_size / sizeof(Number);
        const Number count = room == 0 ? 0 : number_at(row, 0);
        if (room == 0 || count > room - 1) {
            return MDB_CORRUPTED;
        }
        for (std::size_t i = begin_in(row, count); i <= count && pages.size() < most; ++i) {
            const Number page = number_at(row, i);
            if (page >= place_.below) {
                return MDB_CORRUPTED;
            }
            pages.push_back(page);
            place_.below = page;
        }
        return MDB_SUCCESS;
    }

    // The first one that was not yet taken.
    std::size_t begin_in(const MDB_val& row, Number count) const
    {
        std::size_t low = 1;
        std::size_t high = count + 1;
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            if (number_at(row, middle) >= place_.below) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    MDB_cursor* const cursor_;
    const Number limit_;
    FreePlace place_;
};

class HoledFile {
public:
    explicit HoledFile(MDB_env* env)
    {
        MDB_stat stat{};
        struct statvfs system = {};
        mdb_env_get_fd(env, &file_);
        mdb_env_stat(env, &stat);
        page_ = stat.ms_psize;
        block_ = ::fstatvfs(file_, &system) == 0 ? std::max<Number>(system.f_bsize, 1) : page_;
    }

    // All of them, in order; 0, or what went wrong.
    int punch(const std::vector<Number>& pages) const
    {
        for (auto first = pages.begin(); first != pages.end();) {
            const auto broken = [](Number page, Number next) { return next != page + 1; };
            const auto last = std::adjacent_find(first, pages.end(), broken);
            const auto end = last == pages.end() ? last : last + 1;
            if (const int error = punch(*first, *(end - 1) + 1); error != 0) {
                return error;
            }
            first = end;
        }
        return 0;
    }

private:
    // Only whole blocks of the file system can be given back.
    int punch(Number first, Number end) const
    {
        const Number from = (first * page_ + block_ - 1) / block_ * block_;
        const Number to = end * page_ / block_ * block_;
        if (from >= to) {
            return 0;
        }
        constexpr int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
        int done = 0;
        do {
            done =
                ::fallocate(file_, mode, static_cast<off_t>(from), static_cast<off_t>(to - from));
        } while (done != 0 && errno == EINTR);
        return done == 0 ? 0 : errno;
    }

    int file_ = -1;
    Number page_ = 0;
    Number block_ = 0;
};

Failure punch_failure(int error)
{
    if (error == EOPNOTSUPP || error == ENOSYS) {
        return fail(
            Condition::feature_not_implemented,
            "The file system cannot give back parts of a file: stop the server and call"
            " \"sarangd --compact\"");
    }
    return code_failure(error, "give back free pages");
}

// With the write transaction held, so that nobody takes what is free meanwhile. LMDB reads the list
// of free pages in a transaction that only reads; it sees what is committed, as the other does.
class HolePunch {
public:
    HolePunch(
        const Environment& environment, MDB_txn* writing, MDB_cursor* cursor, const FreePlace& from)
        : environment_{environment}
        , file_{environment.handle()}
        , under_way_{mdb_txn_id(writing)}
        , free_{cursor, freed_for_good(environment.handle(), under_way_), from}
    {
        MDB_envinfo info{};
        mdb_env_info(environment.handle(), &info);
        last_page_ = info.me_last_pgno;
    }

    Result<HoleStep> run(const HoleBounds& bounds)
    {
        const Steady::time_point end = Steady::now() + bounds.time;
        const std::uint64_t before = environment_.disk_bytes();
        std::vector<Number> pages;
        pages.reserve(bounds.batch);
        HoleStep step;
        do {
            const int code = free_.take(bounds.batch, pages);
            step.complete = code == MDB_NOTFOUND;
            if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
                return code_failure(code, "read the list of free pages");
            }
            std::ranges::sort(pages); // of several transactions
            if (!pages.empty() && (pages.front() < first_page || pages.back() > last_page_)) {
                return code_failure(MDB_CORRUPTED, "read the list of free pages");
            }
            if (const int error = file_.punch(pages); error != 0) {
                return punch_failure(error);
            }
        } while (!step.complete && Steady::now() < end);
        const std::uint64_t after = environment_.disk_bytes();
        step.bytes = before > after ? before - after : 0;
        step.next = free_.place();
        step.transaction = under_way_;
        return step;
    }

private:
    const Environment& environment_;
    HoledFile file_;
    Number under_way_;
    FreePages free_;
    Number last_page_ = 0;
};

/// Punches on the writer, before its next group.
class PunchJob final : public WriteJob {
public:
    using Reply = Oneshot<Result<HoleStep>>;

    PunchJob(std::shared_ptr<MDB_env> env, const FreePlace& from, Reply& reply)
        : WriteJob{Shard::current(), job_size}
        , env_{std::move(env)}
        , from_{from}
        , sender_{reply}
    {}

    void before_group(const Environment& environment) override
    {
        // Of one that was opened again it is not known that both of its roots are on the disk.
        if (environment.handle() != env_.get()) {
            result_ = fail(
                Condition::service_unavailable,
                "The database was opened anew meanwhile: call it again");
            return;
        }
        try {
            result_ = punch_some(environment, from_);
        } catch (const std::bad_alloc&) {
            result_ = code_failure(ENOMEM, "give back free pages");
        }
    }

    void run(WriteTransaction&) override {}

    void refuse(const Error&) override {} // what was done before the group was begun is done

    void open(Shard&) override { sender_.deliver(std::move(result_)); }

private:
    const std::shared_ptr<MDB_env> env_;
    const FreePlace from_;
    Result<HoleStep> result_{HoleStep{}};
    Reply::Sender sender_;
};

struct Walk {
    std::uint64_t bytes = 0;
    bool disturbed = false; ///< others wrote meanwhile, and may have moved what it had not seen
};

Task<Result<HoleStep>> punch(Engine& engine, std::shared_ptr<MDB_env> env, FreePlace from)
{
    PunchJob::Reply reply;
    std::unique_ptr<WriteJob> job = std::make_unique<PunchJob>(std::move(env), from, reply);
    if (const auto offer = engine.offer(job); offer != Worker::Offer::taken) {
        co_return Engine::refusal(offer);
    }
    Result<HoleStep> result = co_await reply;
    co_return std::move(result);
}

Task<Result<Walk>> walk_once(Engine& engine, std::shared_ptr<MDB_env> env)
{
    Walk walk;
    HoleStep step;
    std::uint64_t first = 0;
    while (!step.complete) {
        const FreePlace from = step.next;
        step = co_await ok(punch(engine, env, from));
        walk.bytes += step.bytes;
        first = first == 0 ? step.transaction : first;
    }
    walk.disturbed = step.transaction != first;
    co_return walk;
}

} // namespace

Result<HoleStep>
punch_some(const Environment& environment, const FreePlace& from, HoleBounds bounds)
{
    MDB_env* const env = environment.handle();
    mdb_reader_check(env, nullptr); // of a process that died, only its place is left
    MDB_txn* writing = nullptr;
    MDB_txn* reading = nullptr;
    MDB_cursor* opened = nullptr;
    int code = mdb_txn_begin(env, nullptr, 0, &writing);
    const TransactionPtr held{writing};
    if (code == MDB_SUCCESS) {
        code = mdb_txn_begin(env, nullptr, MDB_RDONLY, &reading);
    }
    const TransactionPtr seen{reading};
    if (code == MDB_SUCCESS) {
        code = mdb_cursor_open(reading, list_of_free, &opened);
    }
    const CursorPtr cursor{opened};
    if (code != MDB_SUCCESS) {
        return code_failure(code, "look for free pages");
    }
    return HolePunch{environment, writing, opened, from}.run(bounds);
}

Task<Result<std::uint64_t>> give_back(Engine& engine)
{
    const std::shared_ptr<MDB_env> env = engine.environment()->share();
    const auto put_root = [](WriteTransaction& transaction) -> Result<void> {
        transaction.next_number("compactions");
        return {};
    };
    // Both roots are written anew: so it is known that they are on the disk, and what was freed
    // just before may be given back as well.
    for (unsigned i = 0; i < roots; ++i) {
        co_await ok(engine.write(0, put_root));
    }
    std::uint64_t bytes = 0;
    Walk walk{0, true};
    for (unsigned i = 0; i < most_walks && walk.disturbed; ++i) {
        walk = co_await ok(walk_once(engine, env));
        bytes += walk.bytes;
        walk.disturbed = walk.disturbed && walk.bytes > 0;
    }
    co_return bytes;
}

} // namespace sarang::lmdb
