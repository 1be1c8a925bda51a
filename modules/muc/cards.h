// SPDX-License-Identifier: Apache-2.0
// Where the vCards of rooms are kept, apart from all else of them: they are large and seldom asked
// for. A room has two places, and says itself which of them counts, so that it and what it tells of
// its avatar are always of the same age.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "core/keyed.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

struct StoredCard {
    std::string xml;
};

class Cards {
public:
    explicit Cards(std::array<Store<StoredCard>, 2> places)
        : places_{std::move(places)}
    {}

    // All arguments outlive the tasks.

    /// Nothing where there is none.
    Task<Result<std::optional<std::string>>> load(const Room& room) const;

    /// Into the place that does not count yet.
    Task<Result<void>> prepare(const Room& room, std::string xml) const;

    /// Clears the place that does not count.
    Task<Result<void>> tidy(const Room& room) const;

    /// All of a room that is no more.
    Task<Result<void>> forget(const Room& room) const;

private:
    std::array<Store<StoredCard>, 2> places_;
};

} // namespace sarang::muc

namespace sarang {

template <>
struct Codec<muc::StoredCard> {
    static std::string encode(const muc::StoredCard& card);
    static std::optional<muc::StoredCard> decode(std::string_view bytes);
};

} // namespace sarang
