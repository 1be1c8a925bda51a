// SPDX-License-Identifier: Apache-2.0
#include "core/metrics.h"

#include <algorithm>
#include <tuple>

namespace sarang {
namespace {

void add(Sample::Value& all, const Sample::Value& one)
{
    std::visit(
        [&one](auto& total) {
            if (const auto* value = std::get_if<std::remove_reference_t<decltype(total)>>(&one)) {
                total += *value;
            }
        },
        all);
}

std::int64_t number_of(const Sample::Value& value)
{
    if (const auto* totals = std::get_if<HistogramTotals>(&value)) {
        return static_cast<std::int64_t>(totals->count());
    }
    if (const auto* counter = std::get_if<std::uint64_t>(&value)) {
        return static_cast<std::int64_t>(*counter);
    }
    return std::get<std::int64_t>(value);
}

} // namespace

Registration Metrics::add(MetricName name, const Counter& counter)
{
    return enter(std::move(name), [&counter] { return Sample::Value{counter.value()}; });
}

Registration Metrics::add(MetricName name, const Gauge& gauge)
{
    return enter(std::move(name), [&gauge] { return Sample::Value{gauge.value()}; });
}

Registration Metrics::add(MetricName name, const Histogram& histogram)
{
    return enter(std::move(name), [&histogram] { return Sample::Value{histogram.totals()}; });
}

Registration Metrics::add(MetricName name, std::function<std::int64_t()> gauge)
{
    return enter(std::move(name), [gauge = std::move(gauge)] { return Sample::Value{gauge()}; });
}

Registration Metrics::enter(MetricName name, std::function<Sample::Value()> read)
{
    metrics_.push_back({std::move(name), std::move(read)});
    return Registration{[this, place = std::prev(metrics_.end())] { metrics_.erase(place); }};
}

Samples Metrics::read() const
{
    Samples samples;
    samples.reserve(metrics_.size());
    for (const Metric& metric : metrics_) {
        samples.push_back({metric.name, metric.read()});
    }
    return samples;
}

Samples sum(std::vector<Samples> shards)
{
    Samples all;
    for (Samples& samples : shards) {
        std::move(samples.begin(), samples.end(), std::back_inserter(all));
    }
    std::stable_sort(all.begin(), all.end(), [](const Sample& a, const Sample& b) {
        return std::tie(a.metric.name, a.metric.labels) < std::tie(b.metric.name, b.metric.labels);
    });
    Samples summed;
    for (Sample& sample : all) {
        if (!summed.empty() && summed.back().metric.same_series(sample.metric)) {
            add(summed.back().value, sample.value);
        } else {
            summed.push_back(std::move(sample));
        }
    }
    return summed;
}

std::int64_t total(const Samples& samples, std::string_view name)
{
    std::int64_t all = 0;
    for (const Sample& sample : samples) {
        if (sample.metric.name == name) {
            all += number_of(sample.value);
        }
    }
    return all;
}

} // namespace sarang
