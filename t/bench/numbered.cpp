// SPDX-License-Identifier: Apache-2.0

#include "numbered.h"

#include <algorithm>
#include <stdexcept>

namespace sarang::bench {
namespace {

// A body is "NUMBER STAMP padding", 100 bytes in all.
constexpr std::size_t body_size = 100;
constexpr std::size_t number_size = 10;
constexpr std::size_t stamp_size = 16;
constexpr std::size_t padding_at = number_size + 1 + stamp_size + 1;
constexpr auto body_open = std::string_view{"<body>"};
constexpr auto body_close = std::string_view{"</body></message>"};
constexpr auto id_close = std::string_view{"'>"};

std::string padding()
{
    std::string text = "The quick brown fox jumps over the lazy dog, again and again and again. ";
    text.resize(body_size - padding_at, '.');
    return text;
}

void write_digits(char* at, std::size_t count, uint64_t value)
{
    while (count-- > 0) {
        at[count] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

uint64_t read_digits(std::string_view text)
{
    uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            throw std::runtime_error("a number was spoilt: " + std::string{text});
        }
        value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    return value;
}

std::string_view body_of(std::string_view stanza)
{
    static const std::string expected = padding() + "</body>";
    const auto open = stanza.find(body_open);
    if (open != std::string_view::npos) {
        const auto body = stanza.substr(open + body_open.size());
        if (body.substr(std::min(body.size(), padding_at)).starts_with(expected)) {
            return body.substr(0, body_size);
        }
    }
    throw std::runtime_error("a body was spoilt: " + std::string{stanza});
}

} // namespace

NumberedStanza::NumberedStanza(std::string_view to, std::string_view type)
{
    text_.append("<message to='").append(to).append("' type='").append(type).append("' id='");
    text_.append(number_size, '0').append(id_close).append(body_open);
    text_.append(number_size, '0').append(1, ' ').append(stamp_size, '0').append(1, ' ');
    text_.append(padding()).append(body_close);
}

std::string_view NumberedStanza::with(uint64_t number, Nanoseconds stamp)
{
    char* const body = text_.data() + text_.size() - body_close.size() - body_size;
    write_digits(body, number_size, number);
    write_digits(body + number_size + 1, stamp_size, stamp);
    write_digits(body - body_open.size() - id_close.size() - number_size, number_size, number);
    return text_;
}

Numbered number_of(std::string_view stanza)
{
    const auto body = body_of(stanza);
    return {
        read_digits(body.substr(0, number_size)),
        read_digits(body.substr(number_size + 1, stamp_size))};
}

} // namespace sarang::bench
