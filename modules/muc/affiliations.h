// SPDX-License-Identifier: Apache-2.0
// Who belongs to a room for longer than a visit (XEP-0045 §5.2), with the nicknames that are
// reserved for them. A room may have tens of thousands: most take an address and a word.
#pragma once

#include "core/keyed.h"
#include "xml/jid.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "modules/muc/look_index.h"
#include "modules/muc/rank.h"

namespace sarang::muc {

struct AffiliationItem {
    Affiliation affiliation = Affiliation::none;
    std::string nick;   ///< reserved; as a resource is normalised
    std::string reason; ///< as whoever gave it said

    bool operator==(const AffiliationItem&) const = default;
};

class Affiliations {
public:
    /// Of an account, whatever session the address names: its own entry, or outcast where its
    /// domain is banned (§9.2).
    Affiliation of(const Jid& jid) const;

    /// Its own entry: of none where there is none.
    AffiliationItem item(const Jid& jid) const;

    /// none takes the entry away. Those who are banned keep no nickname (§9.1), nor does anybody
    /// get one that is reserved for somebody else: ask reserved_for() before.
    void set(const Jid& jid, AffiliationItem item);

    /// Whose nickname it is; the empty Jid for one that is free.
    Jid reserved_for(std::string_view nick) const;

    /// Whose nicknames people might take for one another by that.
    std::vector<Jid> reserved_alike(const NicknameLook& look) const { return looks_.alike(look); }

    /// All with this affiliation, sorted; empty for none.
    std::vector<Jid> list(Affiliation affiliation) const;

    std::size_t count(Affiliation affiliation) const;

    std::size_t owners() const { return count(Affiliation::owner); }

    std::size_t size() const { return entries_.size(); }

    /// Another one after each change.
    std::uint64_t revision() const { return revision_; }

private:
    struct Words {
        std::string nick;
        std::string reason;
    };

    struct Entry {
        Affiliation affiliation;
        std::unique_ptr<const Words> words; ///< none where there is neither
    };

    void erase(const Jid& jid);

    std::unordered_map<Jid, Entry> entries_;
    std::unordered_map<std::string_view, Jid> nicks_; ///< views of the entries' own
    LookIndex<Jid> looks_;
    std::array<std::vector<Jid>, 5> lists_; ///< by affiliation, sorted
    std::uint64_t revision_ = 0;
};

} // namespace sarang::muc

namespace sarang {

/// The bytes of StoredAffiliation::value.
template <>
struct Codec<muc::AffiliationItem> {
    static std::string encode(const muc::AffiliationItem& item);
    /// Fields that a later version has added to the end are left unread.
    static std::optional<muc::AffiliationItem> decode(std::string_view bytes);
};

} // namespace sarang
