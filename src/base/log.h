// SPDX-License-Identifier: Apache-2.0
// Log: one line an event, `[c2s 4f1a juliet@x] bound resource=balcony`. A file has one,
// `const Log log{"c2s"};`, a session a child of it. Lines go to one sink of the process, which
// main() starts: before that, hence in tests, nothing is written. May be used by any thread.
#pragma once

#include "base/api.h"
#include "base/refcount.h"

#include <atomic>
#include <concepts>
#include <cstdint>
#include <fmt/core.h>
#include <functional>
#include <optional>
#include <string_view>
#include <variant>

namespace sarang {

class Clock;

/// A `key=value` in a line; a text is quoted where it could be taken for more than one value.
struct Field {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, std::uint64_t> value;
};

/// `log.info("bound {}", field("resource", resource));` Lives for that call.
inline Field field(std::string_view key, std::string_view value)
{
    return {key, value};
}

template <std::integral T>
Field field(std::string_view key, T value)
{
    if constexpr (std::same_as<T, bool>) {
        return {key, std::string_view{value ? "true" : "false"}};
    } else if constexpr (std::signed_integral<T>) {
        return {key, std::int64_t{value}};
    } else {
        return {key, std::uint64_t{value}};
    }
}

class SARANG_API Log {
public:
    /// error: an operator must act. info: a line a session. A message body is never logged.
    enum class Level : std::uint8_t { off, error, warn, info, debug };

    /// The level with this name, as in the configuration.
    static std::optional<Level> level_named(std::string_view name);

    /// Takes a line that is complete but for time, level and line end. Called by any thread, by
    /// one at a time; logs nothing itself.
    using Target = std::function<void(Level, std::string_view)>;

    struct Options {
        Level level = Level::info;
        /// Empty: standard error, as the journal likes it when that is where it leads.
        Target target = {};
        /// How many lines of one kind may be written in a second; debug lines are not counted.
        unsigned per_second = 100;
        /// Empty: the machine's.
        const Clock* clock = nullptr;
    };

    /// Opens the sink. Requires that no other thread logs yet, or any more for stop().
    static void start(Options options);
    static void stop();
    /// At any time, by any thread.
    static void set_level(Level level);

    static bool enabled(Level level) { return level <= threshold_.load(std::memory_order_relaxed); }

    /// Requires that `origin` lives for ever, as a literal does.
    constexpr explicit Log(const char* origin)
        : origin_{origin}
    {}

    /// A log with more to say in its brackets: its own words after this one's.
    Log with(std::string_view words) const;

    template <class... Args>
    void error(fmt::format_string<Args...> format, Args&&... args) const
    {
        write<Args...>(Level::error, format, args...);
    }

    template <class... Args>
    void warn(fmt::format_string<Args...> format, Args&&... args) const
    {
        write<Args...>(Level::warn, format, args...);
    }

    template <class... Args>
    void info(fmt::format_string<Args...> format, Args&&... args) const
    {
        write<Args...>(Level::info, format, args...);
    }

    template <class... Args>
    void debug(fmt::format_string<Args...> format, Args&&... args) const
    {
        write<Args...>(Level::debug, format, args...);
    }

private:
    /// The words of a child, in one block with their size.
    class Words final : public Refcounted {
    public:
        static Ref<Words> make(std::string_view parent, std::string_view own);
        static void dispose(const Words* words);
        std::string_view text() const;

    private:
        explicit Words(std::uint32_t size)
            : size_{size}
        {}

        std::uint32_t size_;
    };

    template <class... Args>
    void write(Level level, fmt::format_string<Args...> format, const auto&... args) const
    {
        if (enabled(level)) {
            write_line(level, format, fmt::make_format_args(args...));
        }
    }

    // What cannot be written is dropped: no work fails because of its log.
    void write_line(Level level, fmt::string_view format, fmt::format_args args) const noexcept;

    static std::atomic<Level> threshold_;

    const char* origin_;
    Ref<Words> words_;
};

} // namespace sarang

template <>
struct fmt::formatter<sarang::Field> {
    constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }

    SARANG_API fmt::appender format(const sarang::Field& field, fmt::format_context& context) const;
};
