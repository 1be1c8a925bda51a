// SPDX-License-Identifier: Apache-2.0
// What full-text search costs in one large archive of Korean: appends without and with the index,
// making it, its size, and pages of rare and frequent words. `t/bench/search DIRECTORY [ENTRIES]`,
// which must be new; prints one table.
#include "core/searched_text.h"
#include "store/lmdb/storage.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "database.h"
#include "rows.h"

namespace sarang::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* owner = "hot@bench.example";
constexpr const char* frequent = "사랑방"; // in each tenth message
constexpr const char* rare = "갑오징어";   // in each 15,000th
constexpr std::uint64_t frequent_each = 10;
constexpr std::uint64_t rare_each = 15'000;
constexpr std::size_t turn = 400; // appends in a turn of the loop

/// Time passes with what is said: half a minute for each message.
class TalkClock final : public Clock {
public:
    Time now() const override { return system_.now(); }

    Wall wall() const override { return Wall{std::chrono::milliseconds{wall_.load()}}; }

    void advance() { wall_ += 30'000; }

private:
    SystemClock system_;
    std::atomic<std::int64_t> wall_{
        std::chrono::milliseconds{std::chrono::hours{24} * 365 * 55}.count()};
};

/// Korean, about: words of a vocabulary by Zipf's law, with the particles and endings that stand
/// behind them. The same each time.
class Talk {
public:
    Talk()
    {
        for (std::size_t i = 0; i < vocabulary; ++i) {
            words_.push_back(word(2 + next() % 3));
            weight_ += 1 / static_cast<double>(i + 1);
            weights_.push_back(weight_);
        }
    }

    std::string sentence(std::uint64_t number)
    {
        std::string text;
        for (std::uint64_t left = 3 + next() % 8; left > 0; --left) {
            add(text, words_[rank()]);
        }
        if (number % frequent_each == 3) {
            add(text, frequent);
        }
        if (number % rare_each == 7) {
            add(text, rare);
        }
        return text;
    }

    /// The word of that rank.
    const std::string& word_at(std::size_t rank) const { return words_[rank]; }

private:
    static constexpr std::size_t vocabulary = 30'000;
    static constexpr std::size_t syllables = 1200; // of 11,172 that there are, those in use

    std::uint64_t next()
    {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return state_;
    }

    double fraction() { return static_cast<double>(next() >> 11U) / 9007199254740992.0; }

    // Some syllables are far more usual than others.
    std::string word(std::uint64_t size)
    {
        std::string text;
        for (; size > 0; --size) {
            const double pick = std::pow(fraction(), 2.5) * syllables;
            const auto code = 0xAC00U + static_cast<std::uint32_t>(pick) * 9;
            text += static_cast<char>(0xE0U | (code >> 12U));
            text += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
            text += static_cast<char>(0x80U | (code & 0x3FU));
        }
        return text;
    }

    std::size_t rank()
    {
        const auto found = std::ranges::lower_bound(weights_, fraction() * weight_);
        return std::min(static_cast<std::size_t>(found - weights_.begin()), words_.size() - 1);
    }

    void add(std::string& text, std::string_view word)
    {
        static constexpr std::array<std::string_view, 20> endings{
            "은", "는", "이", "가", "을",   "를",   "에",   "에서",   "로",     "으로",
            "와", "과", "도", "만", "까지", "부터", "하고", "했어요", "입니다", ""};
        text += text.empty() ? "" : " ";
        text += word;
        text += endings[next() % endings.size()];
    }

    std::uint64_t state_ = 88172645463325252;
    std::vector<std::string> words_;
    std::vector<double> weights_;
    double weight_ = 0;
};

class Bench {
public:
    Bench(std::string directory, SearchedText text)
        : database_{std::move(directory), clock_, text}
    {}

    const Talk& talk() const { return talk_; }

    void append(std::uint64_t count)
    {
        for (std::uint64_t done = 0; done < count; done += turn) {
            const auto lines = make_lines(std::min<std::uint64_t>(turn, count - done));
            for (std::size_t at = 0; at < lines.size();) {
                at += database_.shards().call(
                    0, [this, &lines, at] { return append_some(lines, at); });
                if (at < lines.size()) {
                    wait(database_.storage().sync()).value();
                }
            }
        }
        wait(database_.storage().sync()).value();
    }

    ArchivePage search(const ArchiveQuery& query, const std::string& words)
    {
        return wait(database_.storage().search().search(query, words)).value();
    }

    ArchiveExtent extent() { return wait(database_.storage().archive().extent(owner)).value(); }

    StorageStats stats() const { return database_.storage().stats(); }

    void rest()
    {
        while (database_.storage().stats().indexing > 0) {
            std::this_thread::sleep_for(10ms);
        }
    }

private:
    template <class T>
    T wait(Task<T> task)
    {
        return database_.wait(std::move(task));
    }

    std::vector<std::string> make_lines(std::uint64_t count)
    {
        std::vector<std::string> lines(count);
        for (std::string& line : lines) {
            line = fmt::format(
                "<message xmlns='jabber:client' type='chat' id='{:016x}{:016x}' to='{}' "
                "from='romeo@montague.example/orchard'><body>{}</body>"
                "<active xmlns='http://jabber.org/protocol/chatstates'/></message>",
                made_ * 0x9E3779B97F4A7C15U,
                made_,
                owner,
                talk_.sentence(made_));
            ++made_;
        }
        return lines;
    }

    std::size_t append_some(const std::vector<std::string>& lines, std::size_t from)
    {
        for (; from < lines.size(); ++from) {
            ArchiveDraft draft;
            draft.owner = owner;
            draft.host = "bench.example";
            draft.bucket = 7;
            draft.with = "romeo@montague.example";
            draft.stanza = lines[from];
            clock_.advance();
            if (!database_.storage().archive().append(draft)) {
                break;
            }
        }
        return from;
    }

    TalkClock clock_;
    Database database_;
    Talk talk_;
    std::uint64_t made_ = 0;
};

void bench_appends(Bench& bench, const std::string& name, std::uint64_t count)
{
    const double wall = seconds(CLOCK_MONOTONIC);
    bench.append(count);
    row("appends, " + name, static_cast<double>(count) / (seconds(CLOCK_MONOTONIC) - wall), "/s");
}

void bench_indexing(Bench& bench, std::uint64_t count)
{
    const std::uint64_t before = bench.stats().indexed;
    const double wall = seconds(CLOCK_MONOTONIC);
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    bench.rest();
    const auto done = static_cast<double>(bench.stats().indexed - before);
    row("indexed while appending", static_cast<double>(before), "");
    row("indexed afterwards", done, "");
    row("  rate", done / (seconds(CLOCK_MONOTONIC) - wall), "/s");
    row("  each", 1e6 * (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / done, "us of CPU");
    row("index, a message",
        static_cast<double>(bench.stats().search_bytes) / static_cast<double>(count),
        "bytes");
    row("archive, a message",
        static_cast<double>(bench.stats().used_bytes) / static_cast<double>(count),
        "bytes");
}

void bench_page(
    Bench& bench, const std::string& name, const std::string& words, const ArchiveQuery& query)
{
    constexpr int times = 100;
    const ArchivePage page = bench.search(query, words);
    const double wall = seconds(CLOCK_MONOTONIC);
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < times; ++i) {
        bench.search(query, words);
    }
    const double each = 1e3 * (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / times;
    const double waited = 1e3 * (seconds(CLOCK_MONOTONIC) - wall) / times;
    row(fmt::format(
            "{}: {} hits{}, waited {:.2f} ms",
            name,
            page.entries.size(),
            page.complete ? ", all" : "",
            waited),
        each,
        "ms of CPU");
}

void bench_pages(Bench& bench, const std::string& name, const std::string& words)
{
    const ArchiveExtent extent = bench.extent();
    const auto first = static_cast<std::uint64_t>(extent.first);
    const auto last = static_cast<std::uint64_t>(extent.last);
    ArchiveQuery query;
    query.owner = owner;
    bench_page(bench, name + ", first", words, query);
    query.after = ArchiveId{first + (last - first) / 2};
    bench_page(bench, name + ", middle", words, query);
    query.after = ArchiveId::none;
    query.backwards = true;
    bench_page(bench, name + ", last", words, query);
}

void run(const std::string& directory, std::uint64_t entries)
{
    {
        Bench without{directory + ".without", nullptr};
        bench_appends(without, "without an index", entries);
    }
    Bench bench{directory, searched_text};
    bench_appends(bench, "with an index", entries);
    bench_indexing(bench, entries);
    bench_pages(bench, "rare", rare);
    bench_pages(bench, "frequent", frequent);
    bench_pages(bench, "most frequent", bench.talk().word_at(0));
    bench_pages(bench, "one of middling frequency", bench.talk().word_at(3000));
    bench_pages(bench, "frequent and rare", std::string{frequent} + ' ' + rare);
    bench_pages(bench, "two that seldom meet", bench.talk().word_at(40) + ' ' + rare);
    bench_pages(bench, "one syllable", "사");
    bench_pages(bench, "none", "뷁뷁");
}

} // namespace
} // namespace sarang::bench

int main(int count, char** words)
{
    if (count < 2) {
        fmt::print(stderr, "usage: search DIRECTORY [ENTRIES]\n");
        return 2;
    }
    sarang::bench::run(words[1], count > 2 ? std::strtoull(words[2], nullptr, 10) : 1'000'000);
    return 0;
}
