// SPDX-License-Identifier: Apache-2.0
// Marks: what is known of an account's sessions beyond a crash: their names, and how many of their
// clients' stanzas are settled. A client is told no more than what stands on the disk. Values; the
// module writes them.
#pragma once

#include "base/clock.h"
#include "core/keyed.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

struct Mark {
    std::string name;
    std::uint32_t settled = 0; ///< as far as it is known
    std::uint32_t durable = 0; ///< what is on the disk of that
    bool all = false;          ///< the session has ended, and its client sent no more than that
    Clock::Wall since;         ///< when it began, or the one that it follows after a crash
    Clock::Wall used;          ///< when it was last there
};

struct Marks {
    std::vector<Mark> sessions; ///< the oldest first

    Mark* find(std::string_view name);

    /// Forgets those of former sessions that are too old, or too many.
    void tidy(Clock::Wall now, const std::function<bool(const Mark&)>& is_there);

    /// The disk has what `written` says.
    void now_durable(const Marks& written);
};

/// What is settled becomes what is durable.
template <>
struct Codec<Marks> {
    static std::string encode(const Marks& marks);
    static std::optional<Marks> decode(std::string_view bytes);
};

} // namespace sarang
