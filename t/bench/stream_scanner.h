// SPDX-License-Identifier: Apache-2.0
// Cuts the bytes of an XMPP stream into its header, its stanzas and its end.
//
// Trusts the server to send well-formed XML without comments or CDATA: it only
// follows tags, quotes and depth, so that reading costs next to nothing.

#pragma once

#include <cstddef>
#include <string_view>

namespace sarang::bench {

class StreamScanner {
public:
    enum class Unit { none, header, stanza, end };

    struct Found {
        Unit unit = Unit::none;
        std::string_view text;
    };

    // `bytes` starts where the last rebase() left off and may only grow in between.
    Found next(std::string_view bytes);

    // So many bytes at the front are done with and need not be kept.
    std::size_t consumed() const { return start_; }

    // Tells the scanner that the consumed bytes were dropped.
    void rebase();

private:
    Found tag(std::string_view bytes, std::size_t open, std::size_t close);

    std::size_t start_ = 0; // of the unit that is being read
    std::size_t scan_ = 0;  // the next tag is looked for from here
    int depth_ = 0;
};

} // namespace sarang::bench
