// SPDX-License-Identifier: Apache-2.0
#include "core/date_time.h"

#include <algorithm>
#include <fmt/format.h>

namespace sarang {
namespace {

// A year has four digits.
constexpr Clock::Wall first_moment{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}};
constexpr Clock::Wall end_of_moments{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1}};

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Reads what stands at fixed places; from the first thing that is amiss, nothing is good.
class Reader {
public:
    explicit Reader(std::string_view text)
        : rest_{text}
    {}

    int number(std::size_t digits)
    {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (rest_.empty() || !is_digit(rest_.front())) {
                good_ = false;
                return 0;
            }
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

    bool skip(char expected)
    {
        if (rest_.empty() || rest_.front() != expected) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    void require(bool condition) { good_ = good_ && condition; }

    int milliseconds()
    {
        const std::size_t digits =
            static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_digit) - rest_.begin());
        require(digits > 0);
        std::string three{rest_.substr(0, std::min<std::size_t>(digits, 3))};
        three.resize(3, '0');
        rest_.remove_prefix(digits);
        return good_ ? Reader{three}.number(3) : 0;
    }

    bool complete() const { return good_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool good_ = true;
};

std::chrono::sys_days read_date(Reader& in)
{
    const std::chrono::year year{in.number(4)};
    in.require(in.skip('-'));
    const std::chrono::month month{static_cast<unsigned>(in.number(2))};
    in.require(in.skip('-'));
    const std::chrono::day day{static_cast<unsigned>(in.number(2))};
    const std::chrono::year_month_day date{year, month, day};
    in.require(date.ok());
    return date.ok() ? std::chrono::sys_days{date} : std::chrono::sys_days{};
}

std::chrono::milliseconds read_time(Reader& in)
{
    const int hours = in.number(2);
    in.require(in.skip(':'));
    const int minutes = in.number(2);
    in.require(in.skip(':'));
    const int seconds = in.number(2);
    in.require(hours < 24 && minutes < 60 && seconds < 60);
    const int milliseconds = in.skip('.') ? in.milliseconds() : 0;
    return std::chrono::hours{hours} + std::chrono::minutes{minutes} +
           std::chrono::seconds{seconds} + std::chrono::milliseconds{milliseconds};
}

std::chrono::minutes read_offset(Reader& in)
{
    if (in.skip('Z')) {
        return {};
    }
    const bool west = in.skip('-');
    in.require(west || in.skip('+'));
    const int hours = in.number(2);
    in.require(in.skip(':'));
    const int minutes = in.number(2);
    in.require(hours < 24 && minutes < 60);
    const std::chrono::minutes offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
    return west ? -offset : offset;
}

} // namespace

std::string date_time(Clock::Wall time)
{
    // Not by fmt's chrono: its way leads through nanoseconds, which end in 2262.
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{midnight};
    const std::chrono::hh_mm_ss clock{time - midnight};
    const std::string text = fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count());
    const auto rest = clock.subseconds().count();
    return rest == 0 ? text + "Z" : fmt::format("{}.{:03}Z", text, rest);
}

std::optional<Clock::Wall> parse_date_time(std::string_view text)
{
    Reader in{text};
    const std::chrono::sys_days date = read_date(in);
    in.require(in.skip('T'));
    const std::chrono::milliseconds time = read_time(in);
    const std::chrono::minutes offset = read_offset(in);
    const Clock::Wall moment = Clock::Wall{date} + time - offset;
    in.require(moment >= first_moment && moment < end_of_moments); // an offset may lead beyond
    return in.complete() ? std::optional{moment} : std::nullopt;
}

} // namespace sarang
