// SPDX-License-Identifier: Apache-2.0
// SavedSession: what is kept of a session while the server is down (core/hibernation.h): values,
// and how they are written. What keeps them is core/session_keeper.h.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "xml/stanza.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

struct SavedSession {
    struct Entry {
        Stanza stanza; ///< without its payload where that is in the archive
        Clock::Wall time;
        std::uint32_t delivery = 0; ///< which of its account's, from 1; 0: none
    };

    std::string resource;
    std::string name; ///< by which its client comes back; empty: it does not
    std::chrono::duration<std::uint32_t> limit{};
    Clock::Wall until; ///< it waits for its client
    std::uint32_t settled = 0;
    std::uint32_t sent = 0;
    std::uint32_t written = 0;
    std::optional<Stanza> presence = {};
    std::int8_t priority = 0;
    std::optional<Clock::Wall> repeats_since = {}; ///< what it may send again after a crash
    std::uint32_t repeats_left = 0;                ///< the same: how many
    std::map<std::string, std::string> slots = {}; ///< name -> what its codec wrote
    std::vector<Entry> queue = {};
};

/// All of an account.
struct SavedSessions {
    /// As core/delivery.h.
    struct Delivery {
        bool taken = false;
        std::optional<Stanza> original;
    };

    std::vector<SavedSession> sessions;
    std::vector<Delivery> deliveries;
};

SARANG_API std::string encode(const SavedSessions& saved);
/// Nothing for bytes that encode() did not write.
SARANG_API std::optional<SavedSessions> decode_sessions(std::string_view bytes);

/// An account whose sessions are saved, and when the first of them has waited long enough.
struct SavedEnd {
    Clock::Wall until;
    std::string account;

    bool operator==(const SavedEnd&) const = default;
};

SARANG_API std::string encode(const std::vector<SavedEnd>& ends);
SARANG_API std::optional<std::vector<SavedEnd>> decode_ends(std::string_view bytes);

} // namespace sarang
