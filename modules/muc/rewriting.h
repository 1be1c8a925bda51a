// SPDX-License-Identifier: Apache-2.0
// Rewriting: makes the payload that a room sends out of what its occupants sent: without what only
// the room may say, and with what it says.
#pragma once

#include "xml/payload.h"
#include "xml/stanza.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sarang::muc {

class Rewriting {
public:
    /// The children of a stanza that are not hidden, but for those that a client must not send into
    /// a room, or may not claim there: muc and muc#user, occupant-id, stanza-id of this `room`.
    Rewriting& keep(const Stanza& stanza, std::string_view room);
    /// All of a payload; there may be none.
    Rewriting& keep(const Ref<Payload>& payload);
    /// One more: the XML, self-contained.
    Rewriting& add(std::string_view ns, std::string_view name, std::string_view xml);

    /// None where nothing was kept or added.
    Ref<Payload> payload() const;

private:
    /// A name: in the XML, where it takes no place of its own, or beside it.
    struct Word {
        bool inside;
        std::size_t offset;
        std::size_t size;
    };

    struct Part {
        std::size_t offset;
        std::size_t size;
        Word ns;
        Word name;
    };

    void keep(const Payload::Child& child);
    Word find(std::string_view text, std::size_t from);
    std::string_view text(const Word& word) const;

    std::string bytes_;
    std::string beside_;
    std::vector<Part> parts_;
};

} // namespace sarang::muc
