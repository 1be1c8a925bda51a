// SPDX-License-Identifier: Apache-2.0
#include "xml/stream_parser.h"

#include "xml/parser_pool.h"
#include "xml/scanner.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sarang {
namespace {

std::string_view after_space(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    return text;
}

} // namespace

StreamParser::StreamParser(ParserPool& pool, const ParserLimits& limits, StreamEvents& events)
    : pool_{&pool}
    , limits_{&limits}
    , events_{&events}
{}

StreamParser::~StreamParser() = default;

std::optional<StreamError> StreamParser::feed(std::string_view bytes, std::size_t& consumed)
{
    consumed = bytes.size();
    if (closed_) {
        return std::nullopt;
    }
    feeding_ = true;
    stopping_ = false;
    std::size_t left = 0;
    std::optional<StreamError> error;
    try {
        error = scan(bytes, left);
    } catch (...) {
        // Half of an event was told: there is no going on.
        scanner_.reset();
        closed_ = true;
        feeding_ = false;
        throw;
    }
    feeding_ = false;
    if (error) {
        scanner_.reset();
        closed_ = true;
        return error;
    }
    if (std::exchange(restarting_, false)) {
        root_ = {};
        lang_ = {};
        closed_ = false;
    }
    consumed -= closed_ ? 0 : left;
    return std::nullopt;
}

/// Most stanzas need no scanner.
bool StreamParser::take_plain(std::string_view& bytes)
{
    PlainStanza& plain = pool_->state_->plain();
    if (!root_ || !root_->plain() || !plain.read(bytes, *limits_)) {
        return false;
    }
    bytes.remove_prefix(plain.size());
    events_->stanza_parsed(plain.stanza(lang_));
    return true;
}

std::optional<StreamError> StreamParser::scan(std::string_view bytes, std::size_t& left)
{
    left = bytes.size();
    while (left != 0 && !stopping_ && !restarting_ && !closed_) {
        if (!scanner_) {
            bytes = after_space(bytes);
            left = bytes.size();
            if (bytes.empty()) {
                break;
            }
            if (take_plain(bytes)) {
                left = bytes.size();
                continue;
            }
            scanner_ = pool_->state_->take(root_);
        }
        auto error = scanner_->feed(*this, bytes, left);
        if (error) {
            return error;
        }
        bytes = bytes.substr(bytes.size() - left);
        if (!scanner_->busy()) {
            pool_->state_->give(std::move(scanner_));
        }
    }
    return std::nullopt;
}

void StreamParser::stop()
{
    stopping_ = true;
}

void StreamParser::restart()
{
    if (feeding_) {
        restarting_ = true;
        return;
    }
    scanner_.reset();
    root_ = {};
    lang_ = {};
    closed_ = false;
}

void StreamParser::use(const ParserLimits& limits)
{
    limits_ = &limits;
}

void StreamParser::move_to(ParserPool& pool, StreamEvents& events)
{
    assert(!scanner_);
    pool_ = &pool;
    events_ = &events;
}

bool StreamParser::idle() const
{
    return !scanner_;
}

std::size_t StreamParser::pending() const
{
    return scanner_ ? scanner_->pending() : 0;
}

} // namespace sarang
