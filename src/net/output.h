// SPDX-License-Identifier: Apache-2.0
// Output: what a connection still has to write: text that is appended in place, and shared bytes
// that are referred to at their places in it. A connection holds one only while it has some.
#pragma once

#include "base/api.h"
#include "net/shared_bytes.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct iovec;

namespace sarang {

class SARANG_API Output {
public:
    /// Shared bytes below this size are copied: cheaper than one more piece to write.
    static constexpr std::size_t worth_sharing = 1024;

    /// To append to. Holds until the next call of another method.
    std::string& text() { return text_; }

    void append(SharedBytes bytes);

    bool empty() const { return size() == 0; }

    std::size_t size() const { return text_.size() - written_ + shared_; }

    /// The first pieces, as many as fit into `pieces`; returns their number.
    std::size_t pieces(std::span<iovec> pieces) const;
    /// The first bytes: in place if they lie together, else gathered into `scratch`. At most
    /// its size.
    std::string_view front(std::span<char> scratch) const;
    /// Drops the first `size` bytes.
    void consume(std::size_t size);

    /// Bytes that it holds on to, for the shard's pool.
    std::size_t capacity() const { return text_.capacity(); }

private:
    struct Reference {
        std::size_t at; ///< the place in the text that it stands before
        SharedBytes bytes;
        std::size_t written = 0;
    };

    /// Visits the bytes that are left in order, until `visit` returns false.
    template <class Visit>
    void each_piece(Visit visit) const;
    void compact();

    std::string text_;
    std::size_t written_ = 0; ///< of the text
    std::vector<Reference> references_;
    std::size_t first_ = 0;  ///< reference that is not written yet
    std::size_t shared_ = 0; ///< bytes of references that are left
};

} // namespace sarang
