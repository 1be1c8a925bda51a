// SPDX-License-Identifier: Apache-2.0
// SearchPage: the page of a search's result that is asked for, out of what is found in any order
// (XEP-0433, XEP-0059). Where there are many rooms, what one search looks at is a window on them,
// by which the place of a room begins; nothing is remembered between two pages.
#pragma once

#include "base/result.h"
#include "core/result_set.h"
#include "core/service/rooms.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/muc/search.h"

namespace sarang::muc {

/// Of a room in the result, or the beginning of a window.
struct SearchPlace {
    std::string window; ///< the room behind which it begins; empty: it is the first one
    std::string room;   ///< empty: before all
    std::size_t users = 0;

    std::string text() const;
    static std::optional<SearchPlace> read(std::string_view text);

    bool operator==(const SearchPlace&) const = default;
};

class SearchPage {
public:
    /// item-not-found for a place that never was one, feature-not-implemented for a page by its
    /// number.
    static Result<SearchPage>
    of(RoomSearch::Order order, const ResultSetRequest& asked, std::size_t bound);

    const std::string& window() const { return from_.window; }

    /// Whether it is to be the last one.
    bool is_last() const { return backwards_ && from_.room.empty(); }

    /// Each of the window's rooms that match, once.
    void add(PublicRoom room);

    /// Of what was added. `rest`: where the next window begins; empty: there is none.
    Element result(const std::string& rest);

private:
    bool before(const PublicRoom& one, const PublicRoom& other) const;
    bool is_on_it(const PublicRoom& room) const;
    void trim();
    SearchPlace place(const PublicRoom& room) const;

    RoomSearch::Order order_ = RoomSearch::Order::users;
    bool backwards_ = false;
    std::size_t most_ = 0;
    SearchPlace from_;
    std::size_t matching_ = 0; ///< on whatever page
    std::size_t beyond_ = 0;   ///< on this one or further on
    std::vector<PublicRoom> rooms_;
};

} // namespace sarang::muc
