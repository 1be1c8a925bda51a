// SPDX-License-Identifier: Apache-2.0
// Stanza: a small head that routing may rewrite, and a payload that is shared and never changes.
#pragma once

#include "base/api.h"
#include "base/error.h"
#include "xml/jid.h"
#include "xml/payload.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sarang {

enum class Kind : std::uint8_t { message, presence, iq };

/// The values of `type` that RFC 6121 §5.2.2 and §4.7.1 and RFC 6120 §8.2.3 define.
enum class Type : std::uint8_t {
    normal, ///< message: also for types that are unknown (RFC 6121 §5.2.2)
    chat,
    groupchat,
    headline,
    available, ///< presence: no type
    unavailable,
    subscribe,
    subscribed,
    unsubscribe,
    unsubscribed,
    probe,
    get,
    set,
    result,
    error,   ///< of any kind
    unknown, ///< a presence or iq with a type that does not exist, or an iq without one
};

SARANG_API std::string_view name(Kind kind);
/// The kind that an element of this name in the content namespace is.
SARANG_API std::optional<Kind> kind_named(std::string_view name);
/// Empty for those that are expressed by having no `type` (normal, available).
SARANG_API std::string_view name(Type type);
/// As read from the attribute of that kind of stanza; `text` empty when absent.
SARANG_API Type type_of(Kind kind, std::string_view text);

/// Whether a presence of this type manages a subscription (RFC 6121 §3).
constexpr bool is_subscription(Type type)
{
    return type >= Type::subscribe && type <= Type::unsubscribed;
}

struct SARANG_API Stanza {
    Kind kind = Kind::message;
    Type type = Type::normal;
    Jid from;
    Jid to;
    std::string id;
    std::string lang;
    Ref<Payload> payload; ///< none when nothing is inside

    /// Children added to this recipient's copy: XML, self-contained, after the payload.
    std::string added;
    /// Bit n set: the payload's child n is not part of this copy. Only the first 64 can be
    /// hidden; a hook that must take away a later one makes a new payload.
    std::uint64_t hidden = 0;

    /// Where it is kept in the archive of whom it is for; 0: nowhere.
    std::uint64_t entry = 0;

    /// Its sender may send it again: it may have been kept since this time (ms of UTC); 0: not so.
    std::uint64_t again = 0;

    /// A stanza of the other direction: to and from swapped, same id, no payload.
    Stanza reply(Type type) const;
    /// The stanza error to answer with (RFC 6120 §8.3), echoing nothing of the payload.
    Stanza error_reply(const Error& error) const;

    /// False for what must never be answered with an error: errors and results.
    bool answerable() const { return type != Type::error && type != Type::result; }

    bool has(std::string_view ns, std::string_view name) const;
    /// The first such child that is not hidden, as a tree.
    std::optional<Element> element(std::string_view ns, std::string_view name) const;
};

/// The <error/> element for an Error, in the content namespace.
SARANG_API Element error_element(const Error& error);

} // namespace sarang
