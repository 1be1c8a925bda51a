// SPDX-License-Identifier: Apache-2.0
// What comes with a presence that enters a room (XEP-0045 §7.2): <x/> of the muc namespace.
#pragma once

#include "base/clock.h"
#include "xml/element.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang::muc {

inline constexpr std::string_view muc_ns = "http://jabber.org/protocol/muc";

/// How much of the discussion somebody wants to see at the most: all of it holds (§7.2.14).
struct HistoryRequest {
    std::optional<std::uint32_t> max_chars; ///< of whole stanzas
    std::optional<std::uint32_t> max_stanzas;
    std::optional<std::uint32_t> seconds;
    std::optional<Clock::Wall> since;

    bool operator==(const HistoryRequest&) const = default;
};

struct JoinRequest {
    std::string password; ///< empty: none was given
    HistoryRequest history;
    /// XEP-0463: that of the affiliations that the client knows, empty for none; nothing: it does
    /// not ask.
    std::optional<std::string> known_version = {};

    bool operator==(const JoinRequest&) const = default;

    /// bad-request for a limit that is no number, or a moment that is none; a number past what can
    /// be meant is as good as the largest.
    static Result<JoinRequest> read(const Element& x);
};

} // namespace sarang::muc
