// SPDX-License-Identifier: Apache-2.0
// The rules of XEP-0280 §6.1: of which messages the other sessions of an account get a copy, and
// what such a copy holds. Values alone.
#pragma once

#include "xml/stanza.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sarang {

inline constexpr std::string_view carbons_ns = "urn:xmpp:carbons:2";

enum class Direction : std::uint8_t { sent, received };

/// A message as the account of one of its parties has it.
struct Original {
    const Stanza& stanza;
    Direction direction;
    std::string_view stamp = {}; ///< XML that this account's copies bear beside what is in it

    /// Whom the account talks to.
    const Jid& peer() const { return direction == Direction::sent ? stanza.to : stanza.from; }
};

/// The last messages that an account's sessions got copies of, so that an error that answers one
/// is known (§6.1); an older one's error reaches only whom it is addressed to.
class Copied {
public:
    static constexpr std::size_t most = 32;

    void add(const Original& message);

    /// Whether this error answers one of them.
    bool answered_by(const Original& error) const;

private:
    std::array<std::uint64_t, most> marks_{}; ///< of the peer and the id
    std::size_t next_ = 0;
};

/// `copied` is what there is of the account, if anything.
bool is_eligible(const Original& message, const Copied* copied);

/// What a copy holds, the same for every session: the message as it is now, without what is hidden
/// in it and with what was added.
Ref<Payload> wrapped(const Original& message);

} // namespace sarang
