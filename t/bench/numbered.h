// SPDX-License-Identifier: Apache-2.0
// Messages that are numbered and stamped in their bodies of 100 bytes, so that
// a loss, a repetition or a wrong order is an error, and delay is known.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "clock.h"

namespace sarang::bench {

class NumberedStanza {
public:
    NumberedStanza(std::string_view to, std::string_view type);

    // The same text with another number.
    std::string_view with(uint64_t number, Nanoseconds stamp);

private:
    std::string text_;
};

struct Numbered {
    uint64_t number;
    Nanoseconds stamp;
};

// Throws where the body is not as it was sent.
Numbered number_of(std::string_view stanza);

} // namespace sarang::bench
