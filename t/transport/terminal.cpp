// SPDX-License-Identifier: Apache-2.0
#include "transport/terminal.h"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <cstddef>
#include <pty.h>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace sarang {
namespace {

// A child at a terminal of its own, who is asked for a password and says in the end what came of
// it: "=" and the password, or "!" and the error.
class Asked {
public:
    explicit Asked(bool fresh)
    {
        // What waits to be written is the parent's to write, though a sanitizer may do it as well.
        std::cout.flush();
        std::fflush(nullptr);
        child_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
        if (child_ == 0) {
            const Result<Secret> secret = ask_password("Key", fresh);
            const std::string said =
                secret ? "=" + std::string{secret->reveal()} : "!" + secret.error().text;
            static_cast<void>(!::write(STDOUT_FILENO, said.data(), said.size()));
            ::_exit(0);
        }
        BOOST_REQUIRE(child_ > 0);
    }

    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;

    ~Asked()
    {
        ::close(terminal_);
        ::waitpid(child_, nullptr, 0);
    }

    /// Waits for the prompt, then types.
    void type(const std::string& prompt, const std::string& keys)
    {
        while (!shown_.ends_with(prompt)) {
            BOOST_REQUIRE(look());
        }
        shown_.clear();
        BOOST_REQUIRE(
            ::write(terminal_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
    }

    /// All that was shown after the last keys.
    std::string rest()
    {
        while (look()) {
        }
        return shown_;
    }

private:
    bool look()
    {
        char buffer[256];
        const ssize_t size = ::read(terminal_, buffer, sizeof buffer);
        if (size > 0) {
            shown_.append(buffer, static_cast<std::size_t>(size));
        }
        return size > 0;
    }

    int terminal_ = -1;
    pid_t child_ = -1;
    std::string shown_;
};

BOOST_AUTO_TEST_SUITE(terminal)

BOOST_AUTO_TEST_CASE(a_password_is_typed_without_being_shown)
{
    struct Case {
        const char* keys;
        const char* shown;
    };

    const Case cases[] = {
        {"s3cret\n", "\r\n=s3cret"},
        {"s3cret\r", "\r\n=s3cret"},
        {"안녕\n", "\r\n=안녕"},
        {"abx\x7f"
         "c\n",
         "\r\n=abc"},
        {"ab녕\x7f\x08\n", "\r\n=a"},
        {"\x7fwrong\x15right\n", "\r\n=right"},
        {"\n", "\r\n="},
        {"half\x04", "\r\n=half"},
        {"half\x03", "\r\n!no password was given"},
    };
    for (const Case& one : cases) {
        Asked asked{false};
        asked.type("Key: ", one.keys);
        BOOST_TEST(asked.rest() == one.shown);
    }
}

BOOST_AUTO_TEST_CASE(a_fresh_password_is_typed_twice)
{
    Asked same{true};
    same.type("Key: ", "a\n");
    same.type("Once more: ", "a\n");
    BOOST_TEST(same.rest() == "\r\n=a");
    Asked other{true};
    other.type("Key: ", "a\n");
    other.type("Once more: ", "b\n");
    BOOST_TEST(other.rest() == "\r\n!these were two different passwords");
}

BOOST_AUTO_TEST_CASE(without_a_terminal_it_is_the_first_line_of_what_there_is)
{
    struct Case {
        const char* input;
        const char* password;
    };

    const Case cases[] = {{"a b\nc\n", "a b"}, {"a\r\n", "a"}, {"a", "a"}, {"\n", ""}};
    for (const Case& one : cases) {
        std::istringstream input{one.input};
        const Result<Secret> secret = read_password(input);
        BOOST_REQUIRE(secret);
        BOOST_TEST(secret->reveal() == one.password);
    }
    std::istringstream empty;
    BOOST_TEST(!read_password(empty));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
