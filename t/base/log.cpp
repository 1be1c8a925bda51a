// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "../fake/clock.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

using Lines = std::vector<std::pair<Log::Level, std::string>>;

const Log test_log{"test"};

/// A log that is open for as long as the test lasts.
class Open {
public:
    explicit Open(Log::Level level = Log::Level::debug)
    {
        Log::Options options;
        options.level = level;
        options.per_second = 3;
        options.clock = &clock;
        options.target = [this](Log::Level of, std::string_view line) {
            lines.emplace_back(of, line);
        };
        Log::start(std::move(options));
    }

    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;

    ~Open() { Log::stop(); }

    ManualClock clock;
    Lines lines;
};

} // namespace

BOOST_AUTO_TEST_SUITE(log)

BOOST_AUTO_TEST_CASE(nothing_is_written_before_the_start_and_after_the_stop)
{
    BOOST_TEST(!Log::enabled(Log::Level::error));
    test_log.error("nobody hears {}", "this");
    {
        const Open open;
        BOOST_TEST(Log::enabled(Log::Level::debug));
        BOOST_TEST(open.lines.empty());
    }
    BOOST_TEST(!Log::enabled(Log::Level::error));
    test_log.error("nobody hears {}", "this");
    Log::stop();
}

BOOST_AUTO_TEST_CASE(a_line_names_its_origin)
{
    const Open open;
    test_log.info("listening on {} port {}", "::1", 5222);
    BOOST_TEST(open.lines.at(0).second == "[test] listening on ::1 port 5222");
}

BOOST_AUTO_TEST_CASE(a_child_log_says_what_its_parents_say)
{
    const Open open;
    const Log session = test_log.with("4f1a");
    const Log bound = session.with("juliet@x");
    const Log copy = bound;
    session.info("authenticated");
    copy.info("bound {}", field("resource", "balcony"));
    BOOST_TEST(open.lines.at(0).second == "[test 4f1a] authenticated");
    BOOST_TEST(open.lines.at(1).second == "[test 4f1a juliet@x] bound resource=balcony");
}

BOOST_AUTO_TEST_CASE(a_log_is_two_pointers)
{
    BOOST_TEST(sizeof(Log) == 2 * sizeof(void*));
}

BOOST_AUTO_TEST_CASE(fields_are_written_as_key_and_value)
{
    const Open open;
    test_log.debug(
        "all {} {} {} {} {} {}",
        field("text", "two words"),
        field("empty", ""),
        field("yes", true),
        field("least", std::numeric_limits<std::int64_t>::min()),
        field("most", std::numeric_limits<std::uint64_t>::max()),
        field("port", std::uint16_t{5222}));
    BOOST_TEST(
        open.lines.at(0).second ==
        "[test] all text=\"two words\" empty=\"\" yes=true least=-9223372036854775808 "
        "most=18446744073709551615 port=5222");
}

BOOST_AUTO_TEST_CASE(what_a_peer_sends_cannot_make_a_line)
{
    const Open open;
    const std::string evil = "x\n[admin] granted\x1b[2J";
    test_log.with(evil).warn("odd {} {}", evil, field("name", evil));
    BOOST_TEST(
        open.lines.at(0).second ==
        "[test x\\n[admin] granted\\x1b[2J] odd x\\n[admin] granted\\x1b[2J "
        "name=\"x\\n[admin] granted\\x1b[2J\"");
}

BOOST_AUTO_TEST_CASE(only_what_the_level_lets_through_is_written)
{
    Open open{Log::Level::warn};
    const auto write_all = [] {
        test_log.error("error");
        test_log.warn("warn");
        test_log.info("info");
        test_log.debug("debug");
    };
    write_all();
    Log::set_level(Log::Level::error);
    write_all();
    Log::set_level(Log::Level::off);
    write_all();
    const Lines expected{
        {Log::Level::error, "[test] error"},
        {Log::Level::warn, "[test] warn"},
        {Log::Level::error, "[test] error"},
    };
    BOOST_TEST((open.lines == expected));
}

BOOST_AUTO_TEST_CASE(levels_have_names)
{
    BOOST_TEST((Log::level_named("off") == Log::Level::off));
    BOOST_TEST((Log::level_named("error") == Log::Level::error));
    BOOST_TEST((Log::level_named("warn") == Log::Level::warn));
    BOOST_TEST((Log::level_named("info") == Log::Level::info));
    BOOST_TEST((Log::level_named("debug") == Log::Level::debug));
    BOOST_TEST(!Log::level_named("loud").has_value());
}

BOOST_AUTO_TEST_CASE(lines_of_one_kind_that_come_too_fast_are_counted_and_summed_up)
{
    Open open;
    const Log other{"other"};
    for (int i = 0; i < 10; ++i) {
        test_log.info("refused {}", i);
    }
    other.info("quiet");
    BOOST_TEST(open.lines.size() == 4);
    open.clock.advance(1s);
    other.info("quiet");
    BOOST_TEST(open.lines.size() == 6);
    BOOST_TEST(open.lines[2].second == "[test] refused 2");
    BOOST_TEST(open.lines[3].second == "[other] quiet");
    BOOST_TEST(open.lines[4].second == "[test] left out 7 lines like: refused {}");
    BOOST_TEST(open.lines[5].second == "[other] quiet");
    test_log.info("refused {}", 11);
    BOOST_TEST(open.lines[6].second == "[test] refused 11");
}

BOOST_AUTO_TEST_CASE(what_was_left_out_is_told_at_the_stop)
{
    Open open;
    for (int i = 0; i < 5; ++i) {
        test_log.warn("refused");
    }
    Log::stop();
    BOOST_TEST((open.lines.back().first == Log::Level::warn));
    BOOST_TEST(open.lines.back().second == "[test] left out 2 lines like: refused");
}

BOOST_AUTO_TEST_CASE(debug_lines_are_never_left_out)
{
    const Open open;
    for (int i = 0; i < 100; ++i) {
        test_log.debug("step {}", i);
    }
    BOOST_TEST(open.lines.size() == 100);
}

BOOST_AUTO_TEST_CASE(a_target_that_fails_does_not_harm_who_logs)
{
    Log::Options options;
    options.target = [](Log::Level, std::string_view) { throw std::runtime_error{"full"}; };
    Log::start(std::move(options));
    test_log.info("lost");
    Log::stop();
}

BOOST_AUTO_TEST_CASE(threads_write_whole_lines)
{
    Open open;
    const Log session = test_log.with("4f1a");
    const auto write = [session] {
        for (int i = 0; i < 1000; ++i) {
            session.debug("step {}", i);
            session.info("now and then");
        }
    };
    std::thread first{write};
    std::thread second{write};
    first.join();
    second.join();
    BOOST_TEST(open.lines.size() == 2003);
}

namespace {

/// What goes to standard error meanwhile.
template <class Deed>
std::string written_to_stderr(Deed deed)
{
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    const int before = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
    deed();
    ::dup2(before, STDERR_FILENO);
    ::close(before);
    std::string text(4096, '\0');
    const ssize_t size = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
}

void log_to_stderr()
{
    Log::start({});
    test_log.error("broken");
    test_log.warn("odd");
    test_log.info("fine");
    test_log.debug("detail");
    Log::stop();
}

} // namespace

BOOST_AUTO_TEST_CASE(standard_error_gets_time_and_level)
{
    const std::string text = written_to_stderr(log_to_stderr);
    BOOST_TEST(text.find("error   [test] broken\n") == 30);
    BOOST_TEST(text.find("warning [test] odd\n") != std::string::npos);
    BOOST_TEST(text.ends_with("info    [test] fine\n"));
    BOOST_TEST(text.substr(0, 2) == "20");
    BOOST_TEST(text.substr(10, 1) == "T");
}

BOOST_AUTO_TEST_CASE(the_journal_gets_priorities)
{
    const std::string text = written_to_stderr([] {
        struct stat status {};
        ::fstat(STDERR_FILENO, &status);
        const std::string stream = fmt::format("{}:{}", status.st_dev, status.st_ino);
        ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
        log_to_stderr();
        ::unsetenv("JOURNAL_STREAM");
    });
    BOOST_TEST(text == "<3>[test] broken\n<4>[test] odd\n<6>[test] fine\n");
}

BOOST_AUTO_TEST_CASE(a_journal_that_is_not_ours_is_not_written_to)
{
    const std::string text = written_to_stderr([] {
        ::setenv("JOURNAL_STREAM", "1:2", 1);
        log_to_stderr();
        ::unsetenv("JOURNAL_STREAM");
    });
    BOOST_TEST(!text.starts_with("<3>"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
