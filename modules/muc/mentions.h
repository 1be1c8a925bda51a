// SPDX-License-Identifier: Apache-2.0
// Who is mentioned by what is said in a room (XEP-0372, XEP-0513), and who is told of it while he
// is away (XEP-0452).
#pragma once

#include "xml/jid.h"
#include "xml/stanza.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "modules/muc/affiliations.h"
#include "modules/muc/occupants.h"

namespace sarang::muc {

struct Room;
struct Speech;

/// So many are mentioned by one message at the most; it is no list of members.
inline constexpr std::size_t most_mentioned = 20;

struct Mentions {
    std::vector<Jid> accounts; ///< bare, each once
    bool all = false;          ///< the room as a whole

    bool empty() const { return accounts.empty() && !all; }

    bool names(const Jid& account) const;
};

/// Who is mentioned, of those who are in the room or belong to it. Real addresses mean somebody
/// only where the speaker may see them, else he could try out whose nickname is whose; all are
/// mentioned by moderators alone.
Mentions mentions_in(Room& room, const Occupant& speaker, const Stanza& message);

/// XEP-0452: forwards what was said to members who are mentioned and away, once it was said. Those
/// who have a nickname registered want to be told, others do not.
void forward_to_mentioned(Room& room, const Speech& speech);

/// Accounts by their occupant-id, of those who belong to a room but are away: ids are made of
/// addresses, so that there is no other way back. Made when it is asked for first.
class MemberIds {
public:
    /// Whose it is; the empty Jid for nobody's.
    Jid account_of(const Room& room, std::string_view id);

private:
    std::uint64_t revision_ = 0; ///< of the affiliations, of which it was made
    std::unordered_map<std::string, Jid> accounts_;
};

} // namespace sarang::muc
