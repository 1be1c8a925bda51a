// SPDX-License-Identifier: Apache-2.0
// What the archive costs: appends and what becomes of them, on each thread, pages at any depth,
// disk, and the time to open it. `t/bench/archive DIRECTORY [ENTRIES [OWNERS]]`, which must be new;
// prints one table.
#include "store/lmdb/storage.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "database.h"
#include "rows.h"

namespace sarang::bench {
namespace {

constexpr const char* hot = "hot@bench.example";
constexpr const char* popular = "popular@bench.example"; // has a conversation for each entry
constexpr std::size_t turn = 400;                        // appends in a turn of the loop

/// Text as people write it, about: words of a small language, so that it is packed as theirs is.
class Talk {
public:
    std::string sentence()
    {
        std::string text;
        while (text.size() < 60) {
            text += words_[next() % words_.size()];
            text += ' ';
        }
        return text;
    }

    std::uint64_t next()
    {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return state_;
    }

    Talk()
    {
        for (int i = 0; i < 3000; ++i) {
            std::string word(2 + next() % 7, 'a');
            for (char& letter : word) {
                letter = static_cast<char>('a' + next() % 26);
            }
            words_.push_back(std::move(word));
        }
    }

private:
    std::uint64_t state_ = 88172645463325252;
    std::vector<std::string> words_;
};

class Bench {
public:
    Bench(std::string directory, std::size_t owners)
        : database_{std::move(directory), clock_}
        , owners_{owners}
    {
        for (std::size_t i = 0; i < 4096; ++i) {
            sentences_.push_back(talk_.sentence());
        }
    }

    void reopen() { database_.reopen(); }

    /// Time on the shard's thread, of all appends.
    double append(const std::string& owner, std::size_t count)
    {
        double on_shard = 0;
        for (std::size_t done = 0; done < count; done += turn) {
            const auto lines = make_lines(owner, std::min(turn, count - done));
            for (std::size_t at = 0; at < lines.size();) {
                const auto [some, time] = database_.shards().call(
                    0, [this, &lines, at] { return append_some(lines, at); });
                at += some;
                on_shard += time;
                if (at < lines.size()) {
                    ++refused_;
                    wait(database_.storage().sync()).value();
                }
            }
        }
        wait(database_.storage().sync()).value();
        return on_shard;
    }

    std::uint64_t refused() const { return refused_; }

    /// Waits until nothing is folded any more, but for what is too little; when that was so.
    double rest()
    {
        constexpr double quiet = 2.5; // what is left is folded two seconds after the last append
        double last = seconds(CLOCK_MONOTONIC);
        std::uint64_t commits = 0;
        while (seconds(CLOCK_MONOTONIC) - last < quiet) {
            if (const auto now = database_.storage().stats().commits; now != commits) {
                commits = now;
                last = seconds(CLOCK_MONOTONIC);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        return last;
    }

    ArchivePage read(const ArchiveQuery& query)
    {
        return wait(database_.storage().archive().read(query)).value();
    }

    InboxPage read(const InboxQuery& query)
    {
        return wait(database_.storage().archive().inbox(query)).value();
    }

    ArchiveExtent extent(const std::string& owner)
    {
        return wait(database_.storage().archive().extent(owner)).value();
    }

    StorageStats stats() const { return database_.storage().stats(); }

    double opened() const { return database_.opened(); }

private:
    template <class T>
    T wait(Task<T> task)
    {
        return database_.wait(std::move(task));
    }

    /// Made beforehand, so that making it is not measured.
    struct Line {
        std::string owner;
        std::string with;
        std::string id;
        std::string stanza;
    };

    std::vector<Line> make_lines(const std::string& owner, std::size_t count)
    {
        std::vector<Line> lines(count);
        for (Line& line : lines) {
            line.owner =
                owner.empty() ? fmt::format("user{}@bench.example", talk_.next() % owners_) : owner;
            line.with = owner == popular ? fmt::format("user{}@montague.example", number_++)
                                         : parties_[talk_.next() % parties_.size()];
            line.id = fmt::format("{:016x}{:016x}", talk_.next(), talk_.next());
            line.stanza = fmt::format(
                "<message type='chat' id='{}' to='{}' from='romeo@montague.example/orchard'>"
                "<body>{}</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
                line.id,
                line.owner,
                sentences_[talk_.next() % sentences_.size()]);
        }
        return lines;
    }

    /// How many were taken, and the time that took.
    std::pair<std::size_t, double> append_some(const std::vector<Line>& lines, std::size_t from)
    {
        const double before = seconds(CLOCK_THREAD_CPUTIME_ID);
        std::size_t at = from;
        for (; at < lines.size(); ++at) {
            ArchiveDraft draft;
            draft.owner = lines[at].owner;
            draft.host = "bench.example";
            draft.bucket = static_cast<std::uint16_t>(lines[at].owner.size() % 4096);
            draft.with = lines[at].with;
            draft.with_resource = "orchard";
            draft.message_id = lines[at].id;
            draft.stanza = lines[at].stanza;
            draft.role = at % 16 == 0 ? EntryRole::sent : EntryRole::received;
            if (!database_.storage().archive().append(draft)) {
                break;
            }
        }
        return {at - from, seconds(CLOCK_THREAD_CPUTIME_ID) - before};
    }

    SystemClock clock_;
    Database database_;
    std::size_t owners_;
    Talk talk_;
    std::vector<std::string> sentences_;
    std::vector<std::string> parties_{
        "romeo@montague.example", "nurse@capulet.example", "tybalt@capulet.example"};
    std::uint64_t number_ = 0;
    std::uint64_t refused_ = 0;
};

/// What the threads of a name have used, in seconds.
double used_by(std::string_view name)
{
    double used = 0;
    for (const auto& thread : std::filesystem::directory_iterator{"/proc/self/task"}) {
        std::string called;
        std::getline(std::ifstream{thread.path() / "comm"}, called);
        double nanoseconds = 0;
        if (called == name && std::ifstream{thread.path() / "schedstat"} >> nanoseconds) {
            used += nanoseconds / 1e9;
        }
    }
    return used;
}

struct Used {
    double wall = seconds(CLOCK_MONOTONIC);
    double all = seconds(CLOCK_PROCESS_CPUTIME_ID);
    double writer = used_by("store");
};

void bench_appends(Bench& bench, const std::string& owner, std::size_t count)
{
    const std::string kind = owner.empty() ? "many archives" : "one archive";
    const auto bytes = bench.stats().used_bytes;
    const Used before;
    const double shard = bench.append(owner, count);
    const double rested = bench.rest();
    const Used after;
    const auto number = static_cast<double>(count);
    const auto each = [number](double from, double to) { return 1e6 * (to - from) / number; };
    row(kind + ": refused, and tried again", static_cast<double>(bench.refused()), "times");
    row(kind + ": appends", number, "");
    row(kind + ": rate, folded, with making the stanzas", number / (rested - before.wall), "/s");
    row(kind + ": on the shard, an append", each(0, shard), "us of CPU");
    row(kind + ": the writer, an append", each(before.writer, after.writer), "us of CPU");
    row(kind + ": all threads, with making, an append", each(before.all, after.all), "us of CPU");
    row(kind + ": disk, an append",
        static_cast<double>(bench.stats().used_bytes - bytes) / number,
        "bytes");
}

void bench_page(Bench& bench, const std::string& name, const ArchiveQuery& query)
{
    const double each = cpu_each(200, [&] { bench.read(query); });
    row("page of 50, " + name, 1e6 * each, "us of CPU");
}

void bench_pages(Bench& bench)
{
    bench.rest();
    const ArchiveExtent extent = bench.extent(hot);
    const auto first = static_cast<std::uint64_t>(extent.first);
    const auto last = static_cast<std::uint64_t>(extent.last);
    row("entries in it", static_cast<double>(extent.entries), "");
    ArchiveQuery query;
    query.owner = hot;
    bench_page(bench, "first", query);
    query.after = ArchiveId{first + (last - first) / 2};
    bench_page(bench, "middle", query);
    query.with = "nurse@capulet.example";
    bench_page(bench, "middle, with one of three", query);
    query.with.clear();
    query.after = ArchiveId::none;
    query.backwards = true;
    bench_page(bench, "last", query);
    query.with = "nurse@capulet.example";
    bench_page(bench, "last, with one of three", query);
}

void bench_inbox_page(Bench& bench, const std::string& name, const InboxQuery& query)
{
    const double each = cpu_each(200, [&] { bench.read(query); });
    row("inbox page of 50, " + name, 1e6 * each, "us of CPU");
}

void bench_inbox(Bench& bench)
{
    constexpr std::size_t conversations = 10'000;
    bench.append(popular, conversations);
    bench.rest();
    InboxQuery query;
    query.owner = popular;
    row("conversations in it", static_cast<double>(bench.read(query).totals.conversations), "");
    bench_inbox_page(bench, "first", query);
    query.entries = false;
    bench_inbox_page(bench, "first, without messages", query);
    query.unread_only = true;
    bench_inbox_page(bench, "first, unread, without messages", query);
    query.backwards = true;
    bench_inbox_page(bench, "last, unread, without messages", query);
}

void run(Bench& bench, std::size_t entries)
{
    std::size_t have = 0;
    if (entries == 0) {
        bench_appends(bench, {}, 500'000);
        return;
    }
    for (std::size_t size = 10'000; size <= entries; size *= 100) {
        bench_appends(bench, hot, size - have);
        have = size;
        bench_pages(bench);
    }
    bench_appends(bench, {}, entries / 2);
    if (have < entries) {
        bench_appends(bench, hot, entries - have);
        bench_pages(bench);
    }
    bench_inbox(bench);
    bench.reopen();
    row("time to open", 1e3 * bench.opened(), "ms");
}

} // namespace
} // namespace sarang::bench

int main(int count, char** words)
{
    if (count < 2) {
        fmt::print(stderr, "usage: archive DIRECTORY [ENTRIES [OWNERS]]\n");
        return 2;
    }
    const std::size_t entries = count > 2 ? std::strtoull(words[2], nullptr, 10) : 1'000'000;
    const std::size_t owners = count > 3 ? std::strtoull(words[3], nullptr, 10) : 10'000;
    sarang::bench::Bench bench{words[1], owners};
    sarang::bench::run(bench, entries);
    return 0;
}
