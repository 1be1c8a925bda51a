// SPDX-License-Identifier: Apache-2.0
// spdlog's registry holds the one sink; nothing else is global but the threshold.
#include "base/log.h"

#include "base/clock.h"
#include "base/log_line.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <string>
#include <sys/stat.h>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <variant>

namespace sarang {
namespace {

struct LevelRow {
    std::string_view name;
    spdlog::level::level_enum spdlog;
    std::string_view journal; ///< sd-daemon(3)
};

// In the order of Log::Level.
constexpr std::array<LevelRow, 5> levels{{
    {"off", spdlog::level::off, ""},
    {"error", spdlog::level::err, "<3>"},
    {"warn", spdlog::level::warn, "<4>"},
    {"info", spdlog::level::info, "<6>"},
    {"debug", spdlog::level::debug, "<7>"},
}};

const LevelRow& row(Log::Level level)
{
    return levels[static_cast<std::size_t>(level)];
}

Log::Level level_of(spdlog::level::level_enum level)
{
    const auto found = std::find_if(levels.begin(), levels.end(), [level](const LevelRow& each) {
        return each.spdlog == level;
    });
    return static_cast<Log::Level>(found - levels.begin());
}

/// Whether standard error is the journal's stream, as systemd.exec(5) says to find out: the
/// variable alone may be inherited by what writes elsewhere.
bool stderr_is_journal()
{
    const char* const stream = std::getenv("JOURNAL_STREAM");

    struct stat status {};

    return stream != nullptr && ::fstat(STDERR_FILENO, &status) == 0 &&
           fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

void write_to_stderr(std::string_view line)
{
    // In one piece, so that lines of other processes do not come between.
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) {
        // There is nobody left to tell.
    }
}

/// Writes the lines, and counts those of one kind that come too fast.
class Sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit Sink(Log::Options options)
        : target_{std::move(options.target)}
        , per_second_{options.per_second}
        , clock_{options.clock != nullptr ? options.clock : &machine_}
        , journal_{stderr_is_journal()}
    {
        set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %-7l %v");
    }

    /// Whether one more line of that kind may be written now.
    bool admits(Log::Level level, const char* origin, fmt::string_view format)
    {
        const std::lock_guard lock{mutex_};
        const auto second = this_second();
        if (second != second_) {
            second_ = second;
            sum_up();
        }
        Kind& kind = kinds_[{origin, format.data()}];
        if (++kind.lines == per_second_ + 1) {
            kind.level = level;
            kind.origin = origin;
            kind.format.assign(format.data(), format.size());
        }
        return kind.lines <= per_second_;
    }

    /// Says what was left out.
    void finish()
    {
        const std::lock_guard lock{mutex_};
        sum_up();
    }

private:
    struct Kind {
        std::uint64_t lines = 0;
        Log::Level level = Log::Level::info;
        std::string origin;
        std::string format;
    };

    std::chrono::seconds this_second() const
    {
        return std::chrono::floor<std::chrono::seconds>(clock_->now().time_since_epoch());
    }

    void sum_up()
    {
        for (const auto& [key, kind] : kinds_) {
            if (kind.lines > per_second_) {
                const std::string line = fmt::format(
                    "[{}] left out {} lines like: {}",
                    kind.origin,
                    kind.lines - per_second_,
                    kind.format);
                sink_it_({spdlog::string_view_t{}, row(kind.level).spdlog, line});
            }
        }
        kinds_.clear();
    }

    void sink_it_(const spdlog::details::log_msg& message) override
    {
        const Log::Level level = level_of(message.level);
        const std::string_view line{message.payload.data(), message.payload.size()};
        if (target_) {
            target_(level, line);
        } else if (journal_) {
            write_to_stderr(fmt::format("{}{}\n", row(level).journal, line));
        } else {
            spdlog::memory_buf_t text;
            formatter_->format(message, text);
            write_to_stderr({text.data(), text.size()});
        }
    }

    void flush_() override {}

    Log::Target target_;
    std::uint64_t per_second_;
    SystemClock machine_;
    const Clock* clock_;
    bool journal_;
    std::chrono::seconds second_{0};
    // By the addresses of origin and format, which are literals.
    std::map<std::pair<const char*, const char*>, Kind> kinds_;
};

/// Requires that the log was started.
Sink& sink()
{
    return static_cast<Sink&>(*spdlog::default_logger_raw()->sinks().front());
}

} // namespace

std::atomic<Log::Level> Log::threshold_{Level::off};

std::optional<Log::Level> Log::level_named(std::string_view name)
{
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (levels[i].name == name) {
            return static_cast<Level>(i);
        }
    }
    return std::nullopt;
}

void Log::start(Options options)
{
    const Level level = options.level;
    auto logger =
        std::make_shared<spdlog::logger>("sarang", std::make_shared<Sink>(std::move(options)));
    // The threshold decides, before a line is made.
    logger->set_level(spdlog::level::trace);
    logger->set_error_handler([](const std::string&) {});
    spdlog::set_default_logger(std::move(logger));
    set_level(level);
}

void Log::stop()
{
    if (threshold_.exchange(Level::off, std::memory_order_relaxed) != Level::off) {
        sink().finish();
    }
    spdlog::shutdown();
}

void Log::set_level(Level level)
{
    threshold_.store(level, std::memory_order_relaxed);
}

Ref<Log::Words> Log::Words::make(std::string_view parent, std::string_view own)
{
    const std::size_t gap = parent.empty() ? 0 : 1;
    const std::size_t size = parent.size() + gap + own.size();
    void* const block = ::operator new(sizeof(Words) + size);
    auto* const words = ::new (block) Words{static_cast<std::uint32_t>(size)};
    char* end = std::copy(parent.begin(), parent.end(), static_cast<char*>(block) + sizeof(Words));
    end = std::fill_n(end, gap, ' ');
    std::copy(own.begin(), own.end(), end);
    return Ref<Words>::adopt(words);
}

std::string_view Log::Words::text() const
{
    return {reinterpret_cast<const char*>(this + 1), size_};
}

void Log::Words::dispose(const Words* words)
{
    ::operator delete(const_cast<Words*>(words));
}

Log Log::with(std::string_view words) const
{
    Log child{origin_};
    child.words_ = Words::make(words_ ? words_->text() : std::string_view{}, words);
    return child;
}

void Log::write_line(Level level, fmt::string_view format, fmt::format_args args) const noexcept
{
    try {
        if (level != Level::debug && !sink().admits(level, origin_, format)) {
            return;
        }
        const std::string text = fmt::vformat(format, args);
        std::string line{'['};
        line += origin_;
        if (words_) {
            line += ' ';
            escape_line(line, words_->text());
        }
        line += "] ";
        escape_line(line, text);
        spdlog::default_logger_raw()->log(row(level).spdlog, spdlog::string_view_t{line});
    } catch (...) {
        // Out of memory, or a target that failed: the work that was to be told of goes on.
    }
}

} // namespace sarang

fmt::appender fmt::formatter<sarang::Field>::format(
    const sarang::Field& field, fmt::format_context& context) const
{
    std::string text{field.key};
    text += '=';
    std::visit(
        [&text](const auto& value) {
            if constexpr (std::is_same_v<decltype(value), const std::string_view&>) {
                sarang::quote_value(text, value);
            } else {
                text += fmt::format_int{value}.c_str();
            }
        },
        field.value);
    return std::copy(text.begin(), text.end(), context.out());
}
