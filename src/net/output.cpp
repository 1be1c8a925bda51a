// SPDX-License-Identifier: Apache-2.0
#include "net/output.h"

#include <algorithm>
#include <cstring>
#include <sys/uio.h>

namespace sarang {
namespace {

/// Text that was written is cut off once it is this much, and most of it.
constexpr std::size_t compact_above = 16 * 1024;

iovec piece(std::string_view bytes)
{
    return {const_cast<char*>(bytes.data()), bytes.size()};
}

} // namespace

void Output::append(SharedBytes bytes)
{
    if (bytes.size() < worth_sharing) {
        text_.append(bytes.bytes());
        return;
    }
    shared_ += bytes.size();
    references_.push_back(Reference{text_.size(), std::move(bytes)});
}

template <class Visit>
void Output::each_piece(Visit visit) const
{
    std::size_t at = written_;
    for (std::size_t i = first_; i < references_.size(); ++i) {
        const Reference& reference = references_[i];
        if (reference.at > at && !visit(std::string_view{text_}.substr(at, reference.at - at))) {
            return;
        }
        at = reference.at;
        if (!visit(reference.bytes.bytes().substr(reference.written))) {
            return;
        }
    }
    if (text_.size() > at) {
        visit(std::string_view{text_}.substr(at));
    }
}

std::size_t Output::pieces(std::span<iovec> pieces) const
{
    std::size_t count = 0;
    each_piece([&](std::string_view bytes) {
        pieces[count++] = piece(bytes);
        return count < pieces.size();
    });
    return count;
}

std::string_view Output::front(std::span<char> scratch) const
{
    std::string_view only;
    std::size_t gathered = 0;
    each_piece([&](std::string_view bytes) {
        if (only.empty() && gathered == 0) {
            only = bytes.substr(0, scratch.size());
            return only.size() < scratch.size();
        }
        if (gathered == 0) {
            std::memcpy(scratch.data(), only.data(), only.size());
            gathered = only.size();
        }
        const std::size_t size = std::min(bytes.size(), scratch.size() - gathered);
        std::memcpy(scratch.data() + gathered, bytes.data(), size);
        gathered += size;
        return gathered < scratch.size();
    });
    return gathered == 0 ? only : std::string_view{scratch.data(), gathered};
}

void Output::consume(std::size_t size)
{
    while (size != 0) {
        const bool text_left = first_ == references_.size();
        const std::size_t text = (text_left ? text_.size() : references_[first_].at) - written_;
        const std::size_t from_text = std::min(size, text);
        written_ += from_text;
        size -= from_text;
        if (size == 0 || text_left) {
            break;
        }
        Reference& reference = references_[first_];
        const std::size_t from_shared = std::min(size, reference.bytes.size() - reference.written);
        reference.written += from_shared;
        shared_ -= from_shared;
        size -= from_shared;
        if (reference.written == reference.bytes.size()) {
            const SharedBytes released = std::move(reference.bytes);
            ++first_;
        }
    }
    compact();
}

void Output::compact()
{
    if (empty()) {
        text_.clear();
        references_.clear();
        written_ = first_ = 0;
        return;
    }
    const bool much_text = written_ > compact_above && written_ > text_.size() / 2;
    const bool many_references = first_ > 64 && first_ > references_.size() / 2;
    if (much_text || many_references) {
        text_.erase(0, written_);
        references_.erase(
            references_.begin(), references_.begin() + static_cast<std::ptrdiff_t>(first_));
        for (Reference& reference : references_) {
            reference.at -= written_;
        }
        written_ = first_ = 0;
    }
}

} // namespace sarang
