// SPDX-License-Identifier: Apache-2.0
// Result Set Management (XEP-0059): which page of a long result is asked for, and which was given.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "xml/element.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang {

inline constexpr std::string_view result_set_ns = "http://jabber.org/protocol/rsm";

struct SARANG_API ResultSetRequest {
    std::optional<std::size_t> max;
    std::optional<std::string> after;
    std::optional<std::string> before; ///< empty: the last page
    std::optional<std::size_t> index;

    /// Of the <set/> in a request; all is open where there is none. bad-request for what is no
    /// number where there must be one.
    static Result<ResultSetRequest> read(const Element& request);

    bool operator==(const ResultSetRequest&) const = default;
};

struct SARANG_API ResultSetAnswer {
    std::string first; ///< empty: of no items
    std::string last;
    std::optional<std::uint64_t> index; ///< of the first, in all that match
    std::optional<std::uint64_t> count; ///< of all that match

    Element element() const;
};

} // namespace sarang
