// SPDX-License-Identifier: Apache-2.0
// The versions of a room's affiliations (XEP-0463), and what has changed from one to the next, for
// so many changes as are remembered. Those who may see a part of the lists alone have versions of
// that part: what they may not see makes no new one.
#pragma once

#include "base/bytes.h"
#include "xml/jid.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/muc/rank.h"

namespace sarang::muc {

/// Which lists of affiliations somebody may see.
class Lists {
public:
    Lists() = default;

    Lists& add(Affiliation affiliation);

    bool has(Affiliation affiliation) const;

    /// All of the others, too.
    bool has_all(const Lists& others) const { return (bits_ & others.bits_) == others.bits_; }

    bool empty() const { return bits_ == 0; }

    /// What is seen of one who has this affiliation.
    Affiliation shown(Affiliation affiliation) const;

    bool operator==(const Lists&) const = default;
    auto operator<=>(const Lists&) const = default;

private:
    friend class AffiliationVersions;

    std::uint8_t bits_ = 0;
};

/// From one version to the next: `since` may be empty.
struct VersionStep {
    std::string since;
    std::string until;

    bool operator==(const VersionStep&) const = default;
};

class AffiliationVersions {
public:
    static constexpr std::size_t most_changes = 256;

    struct Change {
        std::string version; ///< that it made
        Jid account;
        Affiliation before = Affiliation::none;
        Affiliation after = Affiliation::none;
    };

    /// Of lists whose past nobody knows. Before that there are none.
    void begin();

    bool begun() const { return !base_.empty(); }

    /// These changes, and no others, are about to be made, and kept: write() tells of them as of
    /// those that were, so that nobody is told of a version that a crash could take back.
    void expect(const std::vector<Change>& changes);

    /// An account has another affiliation now.
    void note(const Jid& account, Affiliation before, Affiliation after);

    /// The version that is now, for who sees these lists.
    std::string current(Lists lists) const;

    /// What the last change was; there was one.
    const Change& last() const { return changes_.back(); }

    /// That of the last change; nothing where it is none of these lists.
    std::optional<VersionStep> last_step(Lists lists) const;

    /// What came after a version, the first first; nothing where that is not known, or was one of
    /// other lists.
    std::optional<std::vector<Change>> since(std::string_view version, Lists lists) const;

    void write(BytesWriter& out) const;
    /// False for what that did not give.
    bool read(BytesReader& in);

private:
    std::string latest(Lists lists, std::size_t changes) const;
    void add(Change change);

    std::string base_; ///< before the first change that is remembered
    std::vector<Change> changes_;
    std::vector<Change> expected_; ///< in the order in which they are written
};

} // namespace sarang::muc
