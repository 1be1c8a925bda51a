// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/rules.h"

#include "xml/writer.h"

#include <algorithm>
#include <array>
#include <vector>

namespace sarang {
namespace {

using namespace std::string_view_literals;

constexpr auto hints_ns = "urn:xmpp:hints"sv;
constexpr auto receipts_ns = "urn:xmpp:receipts"sv;
constexpr auto markers_ns = "urn:xmpp:chat-markers:0"sv;
constexpr auto correct_ns = "urn:xmpp:message-correct:0"sv;
constexpr auto reactions_ns = "urn:xmpp:reactions:0"sv;
constexpr auto reference_ns = "urn:xmpp:reference:0"sv; // XEP-0372
constexpr auto mentions_ns = "urn:xmpp:mentions:0"sv;   // XEP-0513

struct Child {
    std::string_view ns;
    std::string_view name = {}; ///< empty: any
};

// What says something, with or without a body.
constexpr std::array kept{
    Child{{}, "body"},
    Child{{}, "subject"},
    Child{"eu.siacs.conversations.axolotl", "encrypted"}, // XEP-0384 as most have it
    Child{"urn:xmpp:omemo:1", "encrypted"},
    Child{"urn:xmpp:omemo:2", "encrypted"},
    Child{"urn:xmpp:openpgp:0", "openpgp"}, // XEP-0373
    Child{"jabber:x:encrypted", "x"},       // XEP-0027
    Child{"urn:xmpp:eme:0", "encryption"},  // XEP-0380: encrypted, however it may be
    Child{receipts_ns, "received"},
    Child{markers_ns, "received"},
    Child{markers_ns, "displayed"},
    Child{markers_ns, "acknowledged"},
    Child{correct_ns, "replace"},
    Child{reactions_ns, "reactions"},
    Child{retract_ns, "retract"},
    Child{"urn:xmpp:jingle-message:0"}, // XEP-0353
    Child{"urn:xmpp:call-invites:0"},   // XEP-0482
    Child{"jabber:x:conference", "x"},  // XEP-0249
    Child{"urn:xmpp:sfs:0", "file-sharing"},
    Child{"jabber:x:oob", "x"},
    Child{"http://jabber.org/protocol/geoloc", "geoloc"},
};

// What refers to another message, and to which: all by the attribute `id`.
constexpr std::array references{
    Child{correct_ns, "replace"},
    Child{retract_ns, "retract"},
    Child{reactions_ns, "reactions"},
    Child{receipts_ns, "received"},
    Child{markers_ns, "received"},
    Child{markers_ns, "displayed"},
    Child{markers_ns, "acknowledged"},
};

// What belongs to a message that was there before, whatever else it says.
constexpr std::array changes{
    Child{correct_ns, "replace"},
    Child{retract_ns, "retract"},
    Child{reactions_ns, "reactions"},
};

// What of the above is kept, and is nothing that somebody would have to read.
constexpr std::array unread_by_nobody{
    Child{receipts_ns, "received"},
    Child{markers_ns, "received"},
    Child{markers_ns, "displayed"},
    Child{markers_ns, "acknowledged"},
    Child{"urn:xmpp:jingle-message:0"},
    Child{"urn:xmpp:call-invites:0"},
};

template <class Kinds>
bool is_among(const Kinds& kinds, const Payload::Child& child)
{
    return std::ranges::any_of(kinds, [&child](const Child& kind) {
        return child.ns == kind.ns && (kind.name.empty() || child.name == kind.name);
    });
}

bool says_something(const Payload::Child& child)
{
    return is_among(kept, child);
}

bool is_to_be_read(const Payload::Child& child)
{
    return says_something(child) && !is_among(unread_by_nobody, child);
}

// Most messages are a body and nothing else, of which all is known.
bool is_body_alone(const Stanza& message)
{
    if (!message.payload || message.hidden != 0 || message.payload->size() != 1) {
        return false;
    }
    const Payload::Child child = message.payload->child(0);
    return child.ns.empty() && child.name == "body";
}

bool any_child(const Stanza& message, bool (*is)(const Payload::Child&))
{
    for (std::size_t i = 0; i < message.payload->size(); ++i) {
        if (is(message.payload->child(i))) {
            return true;
        }
    }
    return false;
}

bool names(std::string_view address, const Jid& account)
{
    const Result<Jid> jid = Jid::parse(address);
    return jid && jid->same_bare(account);
}

bool is_mention(const Element& child, const Jid& account)
{
    constexpr auto scheme = "xmpp:"sv;
    if (child.is(mentions_ns, "mention")) {
        return !child.has("mentions") && child.child(mentions_ns, "noping") == nullptr &&
               names(child.attribute("jid"), account);
    }
    const std::string_view uri = child.attribute("uri");
    return child.attribute("type") == "mention" && uri.starts_with(scheme) &&
           names(uri.substr(scheme.size(), uri.find('?') - scheme.size()), account);
}

bool mentions(const Stanza& message, const Jid& account)
{
    for (std::size_t i = 0; i < message.payload->size(); ++i) {
        const Payload::Child child = message.payload->child(i);
        const bool may = (child.ns == reference_ns && child.name == "reference") ||
                         (child.ns == mentions_ns && child.name == "mention");
        if (may && is_mention(message.payload->element(i), account)) {
            return true;
        }
    }
    return false;
}

// XEP-0045 §7.8.2: an invitation, or that it was declined; all else of that name is a room's state.
bool is_invitation(const Stanza& message)
{
    constexpr auto muc_ns = "http://jabber.org/protocol/muc#user"sv;
    const auto x = message.element(muc_ns, "x");
    return x && (x->child(muc_ns, "invite") != nullptr || x->child(muc_ns, "decline") != nullptr);
}

bool claims_to_be_of(const Element& stanza_id, const Jid& account)
{
    const Result<Jid> by = Jid::parse(stanza_id.attribute("by"));
    return by && *by == account;
}

// XEP-0334 §4.
bool may_be_kept(const Stanza& message)
{
    return message.kind == Kind::message && message.payload && !message.has(hints_ns, "no-store") &&
           !message.has(hints_ns, "no-permanent-store");
}

bool is_to_be_kept(const Stanza& message)
{
    return any_child(message, says_something) || message.has(hints_ns, "store");
}

} // namespace

bool worth_archiving(const Stanza& message)
{
    const bool conversation = message.type == Type::chat || message.type == Type::normal;
    if (message.kind == Kind::message && is_body_alone(message)) {
        return conversation;
    }
    return conversation && may_be_kept(message) &&
           (is_to_be_kept(message) || is_invitation(message));
}

bool worth_archiving_in_room(const Stanza& message)
{
    if (message.kind != Kind::message || message.type != Type::groupchat || !message.payload) {
        return false;
    }
    return any_child(message, is_to_be_read) || (may_be_kept(message) && is_to_be_kept(message));
}

std::string message_id_of(const Stanza& message)
{
    if (!message.id.empty()) {
        return message.id;
    }
    const auto origin = message.element(sid_ns, "origin-id");
    return origin ? std::string{origin->attribute("id")} : std::string{};
}

std::string reference_of(const Stanza& message)
{
    const auto refers = [](const Payload::Child& child) { return is_among(references, child); };
    if (!message.payload || is_body_alone(message) || !any_child(message, refers)) {
        return {};
    }
    for (const Child& kind : references) {
        if (const auto element = message.element(kind.ns, kind.name)) {
            return std::string{element->attribute("id")};
        }
    }
    return {};
}

std::optional<std::string> retracted_by(const Stanza& message)
{
    const auto retract = message.element(retract_ns, "retract");
    if (!retract || retract->attribute("id").empty()) {
        return std::nullopt;
    }
    return std::string{retract->attribute("id")};
}

EntryRole role_of(const Stanza& message, const Jid& account)
{
    const auto changes_another = [](const Payload::Child& child) {
        return is_among(changes, child);
    };
    const bool own = message.from.same_bare(account);
    if (is_body_alone(message)) {
        return own ? EntryRole::sent : EntryRole::received;
    }
    if (!message.payload || any_child(message, changes_another)) {
        return EntryRole::none;
    }
    if (any_child(message, is_to_be_read) || is_invitation(message)) {
        const EntryRole heard =
            mentions(message, account) ? EntryRole::mention : EntryRole::received;
        return own ? EntryRole::sent : heard;
    }
    // XEP-0430 §4: one who has acknowledged a message has read it.
    if (message.has(markers_ns, "displayed") || message.has(markers_ns, "acknowledged")) {
        return own ? EntryRole::displayed : EntryRole::seen;
    }
    return EntryRole::none;
}

// An id is nothing that is to be escaped.
std::string stamp_of(std::string_view owner, std::string_view id)
{
    constexpr auto begin = "<stanza-id xmlns='urn:xmpp:sid:0' by='"sv;
    constexpr auto between = "' id='"sv;
    constexpr auto end = "'/>"sv;
    std::string stamp;
    stamp.reserve(begin.size() + owner.size() + between.size() + id.size() + end.size());
    stamp = begin;
    escape_attribute(stamp, owner);
    stamp += between;
    stamp += id;
    return stamp += end;
}

void strip_stanza_ids(Stanza& stanza, const Jid& account)
{
    constexpr std::size_t can_be_hidden = 64;
    if (!stanza.payload) {
        return;
    }
    std::vector<std::size_t> late;
    for (auto at = stanza.payload->find(sid_ns, "stanza-id"); at;
         at = stanza.payload->find(sid_ns, "stanza-id", *at + 1)) {
        if (!claims_to_be_of(stanza.payload->element(*at), account)) {
            continue;
        }
        if (*at < can_be_hidden) {
            stanza.hidden |= std::uint64_t{1} << *at;
        } else {
            late.push_back(*at);
        }
    }
    if (late.empty()) {
        return;
    }
    std::vector<Element> children;
    for (std::size_t i = 0; i < stanza.payload->size(); ++i) {
        const bool hidden = i < can_be_hidden && (stanza.hidden >> i & 1) != 0;
        if (!hidden && std::ranges::find(late, i) == late.end()) {
            children.push_back(stanza.payload->element(i));
        }
    }
    stanza.payload = Payload::make(children);
    stanza.hidden = 0;
}

} // namespace sarang
