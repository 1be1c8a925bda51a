// SPDX-License-Identifier: Apache-2.0
// A user's contacts as the roster module has them in memory, as they are kept, and as clients see
// them (RFC 6121 §2.1.2).
#pragma once

#include "core/keyed.h"
#include "core/service/roster.h"
#include "store/roster_store.h"
#include "xml/element.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

inline constexpr std::string_view roster_ns = "jabber:iq:roster";

struct Contacts {
    std::uint64_t version = 0;
    std::vector<Contact> all; ///< sorted by address

    explicit Contacts(std::uint64_t at = 0, const std::vector<RosterItem>& items = {});

    Contact* find(const Jid& bare);
    /// Adds it, or puts it in the place of the one of the same address.
    void put(Contact contact);
    void remove(const Jid& bare);
};

/// For those who end with their session: nothing of them is in a store.
template <>
struct Codec<Contacts> {
    static std::string encode(const Contacts& contacts);
    static std::optional<Contacts> decode(std::string_view bytes);
};

RosterItem kept(const Contact& contact);

/// Whether clients see no difference: a request that came (RFC 6121 §3.1.3) is none.
bool looks_alike(const Contact& a, const Contact& b);

/// Adds the contact to the query of a result or a push.
void add_item(Element& query, const Contact& contact);
/// What a client asks for; nothing of it is believed but the name and the groups.
std::vector<std::string> groups_of(const Element& item);
/// RFC 6121 §2.3.3: what is wrong with an item's name or groups, if anything.
std::optional<Error> refused(const Element& item);

} // namespace sarang
