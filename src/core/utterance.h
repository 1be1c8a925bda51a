// SPDX-License-Identifier: Apache-2.0
// Utterance: what somebody is about to say in a room, for those who watch over words; and the
// texts of a message, to be read and replaced. Values and pure functions.
#pragma once

#include "base/api.h"
#include "xml/jid.h"
#include "xml/stanza.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// A <body/> or a <subject/>, in one language.
struct SpokenText {
    std::string name; ///< of the element
    std::string lang; ///< its own, or the message's
    std::string text;

    bool operator==(const SpokenText&) const = default;
};

/// Those of a message that are not hidden, as they stand in it.
SARANG_API std::vector<SpokenText> spoken_texts(const Stanza& message);

/// What is inside a message with these texts in the place of its own: as many, in the same order.
/// Where a body is another, children that point into it (XEP-0372, 0394, 0428, 0513) or say the
/// same once more (XEP-0071) are gone. Nothing of what is hidden is in it.
SARANG_API Ref<Payload> with_texts(const Stanza& message, const std::vector<SpokenText>& texts);

/// Whether it says that what it means is encrypted (XEP-0380), or has such a thing inside.
SARANG_API bool is_encrypted(const Stanza& message);

struct Utterance {
    enum class Kind : std::uint8_t {
        message, ///< to all
        subject,
        private_message, ///< to one occupant
        nickname,        ///< to enter by, to change to, to register
    };

    Kind kind;
    const Jid& room;
    const Jid& session;           ///< the real address of who speaks
    std::string_view nick;        ///< by which he is in the room; empty: he is not
    std::string_view affiliation; ///< "owner", "admin", "member", "none"
    const Stanza& stanza;         ///< what he sent
    bool encrypted = false;
    std::string_view wanted = {};       ///< the nickname, where it is one
    std::vector<SpokenText> texts = {}; ///< may be changed, not added to or taken from
};

} // namespace sarang
