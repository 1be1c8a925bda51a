// SPDX-License-Identifier: Apache-2.0
// Metrics: the names of what a shard counts. One per shard, touched by its thread alone; the
// server has each shard read its own, then sums the samples. Names are Prometheus's.
#pragma once

#include "base/api.h"
#include "base/counter.h"
#include "core/registration.h"

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sarang {

/// What a metric is called: `{"sarang_stanzas_total", "Stanzas received.", {{"kind", "iq"}}}`.
struct MetricName {
    using Labels = std::vector<std::pair<std::string, std::string>>;

    std::string name;
    std::string help;
    Labels labels = {};

    bool same_series(const MetricName& other) const
    {
        return name == other.name && labels == other.labels;
    }
};

/// What was read of a counter, a gauge or a histogram, in this order.
struct Sample {
    using Value = std::variant<std::uint64_t, std::int64_t, HistogramTotals>;

    MetricName metric;
    Value value;
};

using Samples = std::vector<Sample>;

class SARANG_API Metrics {
public:
    Metrics() = default;
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // What is registered must outlive its registration: declare it before.
    Registration add(MetricName name, const Counter& counter);
    Registration add(MetricName name, const Gauge& gauge);
    Registration add(MetricName name, const Histogram& histogram);
    /// A gauge that is reckoned when it is read, on this shard.
    Registration add(MetricName name, std::function<std::int64_t()> gauge);

    Samples read() const;

private:
    struct Metric {
        MetricName name;
        std::function<Sample::Value()> read;
    };

    Registration enter(MetricName name, std::function<Sample::Value()> read);

    std::list<Metric> metrics_;
};

/// The samples of all shards as one, sorted by name: what has the same name and labels is added.
SARANG_API Samples sum(std::vector<Samples> shards);

/// The sum of all series of this name, whatever their labels; for `status`. Histograms count as
/// the number of their values.
SARANG_API std::int64_t total(const Samples& samples, std::string_view name);

} // namespace sarang
