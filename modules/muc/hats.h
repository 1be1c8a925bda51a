// SPDX-License-Identifier: Apache-2.0
// Hats (XEP-0317): those that a room has, and who wears which.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "xml/jid.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::muc {

struct Hat {
    std::string uri; ///< by which it is known
    std::string title;
    std::string hue;  ///< an angle (XEP-0392); empty: none was chosen
    std::string lang; ///< of the title; empty: not told

    bool operator==(const Hat&) const = default;
};

/// not-acceptable, with the reason, for one that cannot be.
Result<void> check(const Hat& hat);

class Hats {
public:
    /// By one account.
    static constexpr std::size_t most_worn = 16;
    /// On average: all that are worn in a room are bounded by that and by the number of its hats.
    static constexpr std::size_t wearers_each = 50;

    /// In the order in which they were made.
    const std::vector<Hat>& all() const { return hats_; }

    const Hat* find(std::string_view uri) const;
    /// Makes it, or changes the one of this URI.
    void put(Hat hat);
    /// Nobody wears it any more. Whether there was one.
    bool remove(std::string_view uri);

    /// Requires that there is such a hat. Whether the account did not wear it yet.
    bool assign(const Jid& account, std::string_view uri);
    /// Whether the account wore it.
    bool unassign(const Jid& account, std::string_view uri);

    /// In the order in which he got them.
    std::vector<const Hat*> worn_by(const Jid& account) const;
    std::vector<Jid> wearers(std::string_view uri) const;

    /// Sorted by account.
    const std::map<Jid, std::vector<std::string>>& assignments() const { return worn_; }

    /// How many there are on heads: one that two wear counts twice.
    std::size_t assigned() const;

    /// What differs for another list of hats; empty for none.
    std::string hash() const;

    /// <hats/> of an account, self-contained; empty for one without any.
    std::string xml_of(const Jid& account) const;

    void write(BytesWriter& out) const;
    /// False for what that did not give.
    bool read(BytesReader& in);

private:
    std::vector<Hat> hats_;
    std::map<Jid, std::vector<std::string>> worn_; ///< by bare JID: URIs
};

} // namespace sarang::muc
