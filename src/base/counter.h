// SPDX-License-Identifier: Apache-2.0
// What a shard counts: each number is written by one thread and read by any. Reading several is
// no snapshot of one moment, only each of them is right.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sarang {

/// Only grows.
class Counter {
public:
    void add(std::uint64_t amount = 1)
    {
        // One writer: no locked instruction is needed.
        value_.store(value() + amount, std::memory_order_relaxed);
    }

    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down.
class Gauge {
public:
    void add(std::int64_t amount = 1) { set(value() + amount); }

    void subtract(std::int64_t amount = 1) { set(value() - amount); }

    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }

    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

/// Where in a Histogram values fall: four buckets for each doubling, so a bucket's bound is at
/// most a quarter off. All beyond `largest` share the last.
struct HistogramScale {
    static constexpr unsigned octaves = 32;
    static constexpr std::size_t size = 4 * (octaves - 1);
    static constexpr std::uint64_t largest = (std::uint64_t{1} << octaves) - 1;

    static constexpr std::size_t bucket(std::uint64_t value)
    {
        value = std::min(value, largest);
        if (value < 4) {
            return static_cast<std::size_t>(value);
        }
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - 3;
        return 4 * std::size_t{shift} + static_cast<std::size_t>(value >> shift);
    }

    /// The largest value that falls into a bucket.
    static constexpr std::uint64_t bound(std::size_t bucket)
    {
        if (bucket < 4) {
            return bucket;
        }
        const auto shift = bucket / 4 - 1;
        return ((std::uint64_t{bucket % 4 + 4} + 1) << shift) - 1;
    }
};

/// What was read of one Histogram, or of one in every shard.
struct HistogramTotals {
    std::array<std::uint64_t, HistogramScale::size> counts{};
    std::uint64_t sum = 0; ///< of all values

    std::uint64_t count() const
    {
        std::uint64_t all = 0;
        for (const std::uint64_t one : counts) {
            all += one;
        }
        return all;
    }

    HistogramTotals& operator+=(const HistogramTotals& other)
    {
        for (std::size_t i = 0; i < counts.size(); ++i) {
            counts[i] += other.counts[i];
        }
        sum += other.sum;
        return *this;
    }

    /// A bound below which at least the share `quantile` (0 to 1) of all values lies; 0 if none.
    std::uint64_t at(double quantile) const
    {
        const auto wanted = quantile * static_cast<double>(count());
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            seen += counts[i];
            if (seen > 0 && static_cast<double>(seen) >= wanted) {
                return HistogramScale::bound(i);
            }
        }
        return 0;
    }
};

/// How values are spread, e.g. microseconds.
class Histogram {
public:
    void add(std::uint64_t value)
    {
        counts_[HistogramScale::bucket(value)].add();
        sum_.add(value);
    }

    HistogramTotals totals() const
    {
        HistogramTotals totals;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            totals.counts[i] = counts_[i].value();
        }
        totals.sum = sum_.value();
        return totals;
    }

private:
    std::array<Counter, HistogramScale::size> counts_;
    Counter sum_;
};

} // namespace sarang
