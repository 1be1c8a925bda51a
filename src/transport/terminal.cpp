// SPDX-License-Identifier: Apache-2.0
#include "transport/terminal.h"

#include <cstdio>
#include <termios.h>
#include <unistd.h>

namespace sarang {
namespace {

constexpr char interrupt = 0x03;
constexpr char end_of_input = 0x04;
constexpr char erase_line = 0x15;

// Reads key by key while it lives: so Ctrl-C ends it at once, and the terminal is as before.
class Silence {
public:
    Silence()
    {
        ::tcgetattr(STDIN_FILENO, &before_);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
        silent.c_cc[VMIN] = 1;
        silent.c_cc[VTIME] = 0;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }

    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

    ~Silence()
    {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        std::fputc('\n', stderr);
    }

private:
    termios before_{};
};

// With all bytes of a character.
void erase_last(std::string& text)
{
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) {
        text.pop_back();
    }
    if (!text.empty()) {
        text.pop_back();
    }
}

// False when the person gave it up.
bool read_keys(std::string& text)
{
    char key = 0;
    while (::read(STDIN_FILENO, &key, 1) == 1 && key != interrupt) {
        if (key == '\n' || key == '\r' || key == end_of_input) {
            return true;
        }
        if (key == '\b' || key == 0x7f) {
            erase_last(text);
        } else if (key == erase_line) {
            wipe(text);
            text.clear();
        } else {
            text.push_back(key);
        }
    }
    return false;
}

Result<Secret> ask_once(const std::string& prompt)
{
    std::string text;
    text.reserve(1024); // so that no copy is left behind
    // Whoever sees the prompt may type: nothing is echoed or dropped from then on.
    const Silence silence;
    std::fprintf(stderr, "%s: ", prompt.c_str());
    const bool given = read_keys(text);
    Secret secret = Secret::take(text);
    if (!given) {
        return fail(Condition::not_acceptable, "no password was given");
    }
    return secret;
}

} // namespace

Result<Secret> ask_password(const std::string& prompt, bool fresh)
{
    if (::isatty(STDIN_FILENO) == 0) {
        return fail(
            Condition::bad_request,
            "a password is wanted and there is no terminal to ask on: use --password-stdin");
    }
    Result<Secret> secret = ask_once(prompt);
    if (!secret || !fresh) {
        return secret;
    }
    const Result<Secret> again = ask_once("Once more");
    if (!again) {
        return fail(again.error());
    }
    if (again->reveal() != secret->reveal()) {
        return fail(Condition::not_acceptable, "these were two different passwords");
    }
    return secret;
}

Result<Secret> read_password(std::istream& input)
{
    std::string text;
    if (!std::getline(input, text)) {
        return fail(Condition::bad_request, "there is no password on standard input");
    }
    if (text.ends_with('\r')) {
        text.pop_back();
    }
    return Secret::take(text);
}

} // namespace sarang
