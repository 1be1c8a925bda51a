// SPDX-License-Identifier: Apache-2.0
// The inside of a ParserPool: idle scanners, and the roots that streams of the shard share.
#pragma once

#include "xml/plain_stanza.h"
#include "xml/root.h"
#include "xml/scanner.h"
#include "xml/stream_parser.h"

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace sarang {

class ParserPool::State {
public:
    /// A scanner that stands in `root`, or in the lobby when there is none. `root` becomes the
    /// pool's own copy if there is an equal one.
    std::unique_ptr<Scanner> take(Ref<Root>& root);
    /// Keeps a scanner for later if it is fit for that.
    void give(std::unique_ptr<Scanner> scanner);

    /// The pool's copy of an equal root, or this one.
    Ref<Root> share(Ref<Root> root);

    /// For what needs no scanner. It is used for one stanza at a time.
    PlainStanza& plain() { return plain_; }

    std::size_t idle() const { return idle_.size(); }

    std::size_t bytes() const { return bytes_; }

private:
    using Idle = std::vector<std::unique_ptr<Scanner>>;

    Idle::iterator find(const Ref<Root>& root);
    std::unique_ptr<Scanner> remove(Idle::iterator place);

    std::size_t bytes_ = 0;
    Idle idle_; ///< the one used last at the end
    std::array<Ref<Root>, 64> roots_;
    PlainStanza plain_;
};

} // namespace sarang
