// SPDX-License-Identifier: Apache-2.0
// How bytes get into Expat; scanner_events.cpp has what comes out, scanner_errors.cpp what fails.

#include "xml/scanner.h"

#include "base/scope.h"
#include "xml/utf8.h"
#include "xml/xml_declaration.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>

namespace sarang {
namespace {

/// How much Expat gets at once. It copies what it gets into a buffer that stays of this order.
constexpr std::size_t slice = 3 * 1024;

/// How often, in stanza limits, bytes may be looked at again while their token is incomplete.
constexpr std::size_t max_rescans = 16;

std::string_view after_space(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    return text;
}

bool lies_in(std::string_view view, const std::string& text)
{
    return view.data() >= text.data() && view.data() <= text.data() + text.size();
}

} // namespace

void Scanner::enter(const Ref<Root>& root)
{
    assert(reusable());
    expat_.allow(std::numeric_limits<std::size_t>::max());
    if (root_ && !expat_.give(root_->closing())) {
        throw std::bad_alloc{};
    }
    root_ = root;
    depth_ = root_ ? 1 : 0;
    declared_ = false;
    if (root_ && !expat_.give(root_->opening())) {
        throw std::bad_alloc{};
    }
}

std::optional<StreamError>
Scanner::feed(StreamParser& stream, std::string_view bytes, std::size_t& left)
{
    stream_ = &stream;
    const OnExit leave{[this] { stream_ = nullptr; }};
    expat_.allow(keep_bytes + limits().parser_bytes);

    yields_ = !buffer_.empty() && buffer_.size() < limits().plain_bytes;
    guesses_ = yields_ ? 2 : 0; // the end of the opening tag, and of the element
    if (buffer_.empty()) {
        view_ = bytes;
        origin_ = expat_.given();
    } else {
        buffer_ += bytes;
        view_ = buffer_;
    }
    const std::string_view fresh = view_.substr(view_.size() - bytes.size());

    left = 0;
    while (!between() || prepare()) {
        const std::size_t end = wanted(fresh);
        if (end <= taken() || !give_to(end) || stop_) {
            break;
        }
    }
    if (exception_) {
        std::rethrow_exception(exception_);
    }
    if (!error_ && !stop_) {
        keep_rest();
    }
    if (stop_) {
        left = origin_ + view_.size() - *stop_;
        buffer_.clear();
        stop_.reset();
    }
    return error_;
}

const ParserLimits& Scanner::limits() const
{
    return depth_ > 1 ? *limits_ : *stream_->limits_;
}

bool Scanner::between() const
{
    return depth_ <= 1 && expat_.place() == expat_.given();
}

bool Scanner::reusable() const
{
    return !expat_.halted() && !error_ && buffer_.empty() && between();
}

void Scanner::shrink()
{
    draft_.shrink();
    if (buffer_.capacity() > slice) {
        buffer_ = {};
    }
}

/// Between two elements: skips what is done with, and white space, which need not trouble Expat.
/// False when nothing can be given to it yet, or at all.
bool Scanner::prepare()
{
    view_.remove_prefix(taken());
    view_ = after_space(view_);
    origin_ = expat_.given();
    if (depth_ == 0 && !declared_ && !skip_declaration()) {
        return false;
    }
    if (view_.empty() || view_.front() == '<' || view_.front() == '&') {
        return !view_.empty();
    }
    const CodePoint first = first_code_point(view_);
    if (first.cut) {
        return false;
    }
    if (first.size == 0) {
        refuse(StreamCondition::unsupported_encoding, "Only UTF-8 is supported");
    } else if (depth_ == 0 || first.value < 0x20 || (first.value & ~1U) == 0xFFFE) {
        refuse(StreamCondition::not_well_formed, "An XML stream begins with a tag");
    } else {
        refuse(StreamCondition::bad_format, "Text between stanzas");
    }
    return false;
}

bool Scanner::skip_declaration()
{
    // UTF-16 in network order; the other one shows when Expat has seen the '<'.
    if (view_.starts_with('\0')) {
        refuse(StreamCondition::unsupported_encoding, "Only UTF-8 is supported");
        return false;
    }
    const auto declaration = XmlDeclaration::read(view_);
    if (declaration.error) {
        refuse(*declaration.error, "The XML declaration is not acceptable");
        return false;
    }
    if (declaration.incomplete) {
        return false;
    }
    declared_ = true;
    view_ = after_space(view_.substr(declaration.size));
    return true;
}

/// How far Expat shall get now. What it gets without being able to finish a token it looks at
/// again next time, so it gets nothing before there is hope: a '>', or as much again as it has.
std::size_t Scanner::wanted(std::string_view fresh)
{
    std::string_view news = view_.substr(taken());
    if (news.size() > fresh.size()) {
        news = fresh;
    }
    if (guesses_ > 0) {
        --guesses_;
        const std::size_t end = likely_end(news);
        if (end > taken()) {
            return end;
        }
    }
    if (const void* last = ::memrchr(news.data(), '>', news.size())) {
        return static_cast<std::size_t>(static_cast<const char*>(last) - view_.data()) + 1;
    }
    return view_.size() - taken() >= taken() ? view_.size() : taken();
}

/// Where an element that came in pieces may end, or its opening tag; 0 when nothing tells. With
/// luck what stands behind it is left to be read without Expat, otherwise nothing is lost.
std::size_t Scanner::likely_end(std::string_view news) const
{
    const bool tag = depth_ <= 1;
    if (!tag && !draft_.is_stanza()) {
        return 0;
    }
    const std::string closing = tag ? ">" : "</" + std::string{name(draft_.kind())} + '>';
    const std::size_t begin = view_.size() - news.size();
    const std::size_t found = view_.find(closing, begin - std::min(begin, closing.size() - 1));
    return found == std::string_view::npos ? 0 : found + closing.size();
}

bool Scanner::give_to(std::size_t end)
{
    while (taken() < end) {
        const std::size_t again = expat_.given() - expat_.place();
        rescanned_ += again;
        if (rescanned_ > max_rescans * limits().stanza_bytes) {
            refuse(StreamCondition::policy_violation, "An element came in too many pieces");
            return false;
        }
        const std::size_t size = std::min(end - taken(), std::max(slice, again));
        const bool good = expat_.give(view_.substr(taken(), size));
        if (stop_) {
            return true;
        }
        if (!good) {
            diagnose();
            return false;
        }
    }
    return true;
}

/// Keeps the bytes of what is not complete.
void Scanner::keep_rest()
{
    const std::size_t first = depth_ > 1 ? begin_ : expat_.place();
    const std::size_t skip = first - origin_;
    if (view_.size() - skip > limits().stanza_bytes) {
        refuse(StreamCondition::policy_violation, "The stanza is too big");
        return;
    }
    if (view_.size() == skip) {
        buffer_.clear();
    } else if (!buffer_.empty() && lies_in(view_, buffer_)) {
        buffer_.erase(0, static_cast<std::size_t>(view_.data() - buffer_.data()) + skip);
    } else {
        buffer_.assign(view_.substr(skip));
    }
    origin_ += skip;
    view_ = {};
}

} // namespace sarang
