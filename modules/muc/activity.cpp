// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/activity.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

namespace sarang::muc {
namespace {

constexpr std::uint64_t hour_length = 3600;

std::uint64_t seconds(Clock::Wall time)
{
    const auto since = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
    return since > 0 ? static_cast<std::uint64_t>(since) : 0;
}

} // namespace

void Activity::begin(Clock::Wall now)
{
    *this = Activity{};
    begun_ = true;
    whole_ = true;
    since_ = seconds(now);
    latest_ = since_ / hour_length;
}

void Activity::begin_unknown(Clock::Wall now)
{
    begin(now);
    whole_ = false;
}

// A clock that was put back counts on in the hour that it had reached.
bool Activity::note(Clock::Wall now)
{
    const std::uint64_t hour = std::max(seconds(now) / hour_length, latest_);
    const bool first = hour != latest_;
    for (std::uint64_t past = std::min<std::uint64_t>(hour - latest_, hours); past > 0; --past) {
        counts_[(hour - past + 1) % hours] = 0;
    }
    latest_ = hour;
    unkept_ = true;
    std::uint32_t& count = counts_[hour % hours];
    if (count != std::numeric_limits<std::uint32_t>::max()) {
        ++count;
    }
    return first;
}

// Places of hours that nothing was counted in since may have what is older.
std::uint64_t Activity::counted(std::uint64_t hour) const
{
    const bool there = hour <= latest_ && hour + hours > latest_;
    return there ? counts_[hour % hours] : 0;
}

std::optional<double> Activity::rate(Clock::Wall now) const
{
    const std::uint64_t time = std::max(seconds(now), since_);
    const std::uint64_t known = time - since_;
    if (!begun_ || (!whole_ && known < hour_length)) {
        return std::nullopt;
    }
    const std::uint64_t hour = time / hour_length;
    std::uint64_t sum = 0;
    for (std::uint64_t past = 0; past < hours && past <= hour; ++past) {
        sum += counted(hour - past);
    }
    const std::uint64_t shown = (hours - 1) * hour_length + time % hour_length;
    const std::uint64_t span = std::clamp(known, hour_length, shown);
    return static_cast<double>(sum) * static_cast<double>(hour_length) / static_cast<double>(span);
}

void Activity::write(BytesWriter& out) const
{
    out.boolean(begun_).boolean(whole_).u64(since_).u64(latest_);
    for (const std::uint32_t count : counts_) {
        out.varint(count);
    }
}

bool Activity::read(BytesReader& in)
{
    begun_ = in.boolean();
    whole_ = in.boolean();
    since_ = in.u64();
    latest_ = in.u64();
    for (std::uint32_t& count : counts_) {
        const std::uint64_t number = in.varint();
        if (number > std::numeric_limits<std::uint32_t>::max()) {
            return false;
        }
        count = static_cast<std::uint32_t>(number);
    }
    return in.ok();
}

std::string rate_text(double rate)
{
    std::array<char, 64> digits{};
    const auto written = std::to_chars(
        digits.data(), digits.data() + digits.size(), rate, std::chars_format::fixed, 2);
    return {digits.data(), written.ptr};
}

} // namespace sarang::muc
