// SPDX-License-Identifier: Apache-2.0
// XEP-0441: whose messages a user wants in the archive.
#pragma once

#include "core/keyed.h"
#include "xml/element.h"
#include "xml/jid.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

inline constexpr std::string_view mam_ns = "urn:xmpp:mam:2";

/// What becomes of messages of those who are on neither list.
enum class ArchiveDefault : std::uint8_t { always, never, roster };

struct ArchivePreferences {
    static constexpr std::size_t max_listed = 1000; ///< on both lists

    std::optional<ArchiveDefault> standard; ///< nothing: the host's
    std::vector<Jid> always;
    std::vector<Jid> never;

    bool operator==(const ArchivePreferences&) const = default;

    /// Whether a list names the other party; the longer address counts (XEP-0441 §4).
    std::optional<bool> listed(const Jid& with) const;

    /// Of the <prefs/> in a set. bad-request, jid-malformed or resource-constraint for what cannot
    /// be kept.
    static Result<ArchivePreferences> read(const Element& prefs);

    Element element(ArchiveDefault of_host) const;
};

template <>
struct Codec<ArchivePreferences> {
    static std::string encode(const ArchivePreferences& preferences);
    static std::optional<ArchivePreferences> decode(std::string_view bytes);
};

} // namespace sarang
