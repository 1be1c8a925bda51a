// SPDX-License-Identifier: Apache-2.0

#include "stream_scanner.h"

#include <stdexcept>

namespace sarang::bench {
namespace {

constexpr auto npos = std::string_view::npos;

// A '>' within a quoted attribute is legal and does not end the tag.
std::size_t tag_end(std::string_view bytes, std::size_t from)
{
    char quote = 0;
    for (std::size_t at = from; at < bytes.size(); ++at) {
        const char c = bytes[at];
        if (quote != 0) {
            quote = c == quote ? '\0' : quote;
        } else if (c == '>') {
            return at;
        } else if (c == '\'' || c == '"') {
            quote = c;
        }
    }
    return npos;
}

} // namespace

StreamScanner::Found StreamScanner::next(std::string_view bytes)
{
    while (true) {
        const auto open = bytes.find('<', scan_);
        if (open == npos) {
            scan_ = bytes.size();
            if (depth_ <= 1) { // whitespace between stanzas
                start_ = scan_;
            }
            return {};
        }
        const auto close = tag_end(bytes, open + 1);
        if (close == npos) {
            scan_ = open;
            return {};
        }
        scan_ = close + 1;
        const Found found = tag(bytes, open, close);
        if (found.unit != Unit::none) {
            return found;
        }
    }
}

void StreamScanner::rebase()
{
    scan_ -= start_;
    start_ = 0;
}

StreamScanner::Found StreamScanner::tag(std::string_view bytes, std::size_t open, std::size_t close)
{
    const char first = bytes[open + 1];
    if (first == '!') {
        throw std::runtime_error("the server sent a comment, CDATA or a DTD");
    }
    if (first == '?') {
        return {};
    }
    if (depth_ <= 1 && first != '/') {
        start_ = open;
    }
    const bool empty = bytes[close - 1] == '/';
    if (first == '/') {
        --depth_;
    } else if (!empty) {
        ++depth_;
    }
    Unit unit = Unit::none;
    if (depth_ == 0) {
        unit = Unit::end;
    } else if (depth_ == 1) {
        // Only the header reaches depth 1 by opening; stanzas return to it by closing.
        unit = first == '/' || empty ? Unit::stanza : Unit::header;
    }
    if (unit == Unit::none) {
        return {};
    }
    const auto text = bytes.substr(start_, scan_ - start_);
    start_ = scan_;
    return {unit, text};
}

} // namespace sarang::bench
