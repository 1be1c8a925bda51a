// SPDX-License-Identifier: Apache-2.0
#include "modules/carbons/rules.h"

#include "xml/ns.h"
#include "xml/writer.h"

#include <algorithm>
#include <functional>
#include <span>
#include <string>

namespace sarang {
namespace {

constexpr std::string_view hints_ns = "urn:xmpp:hints";
constexpr std::string_view muc_user_ns = "http://jabber.org/protocol/muc#user";
constexpr std::string_view invitation_ns = "jabber:x:conference";

/// What of a message's contents the rules ask for.
struct Contents {
    bool withheld = false; ///< its sender wants no copies
    bool body = false;
    bool talk = false; ///< receipts, chat states, chat markers
    bool muc = false;  ///< a room has marked it
    bool invitation = false;
};

bool is_talk(std::string_view ns)
{
    return ns == "urn:xmpp:receipts" || ns == "http://jabber.org/protocol/chatstates" ||
           ns == "urn:xmpp:chat-markers:0";
}

void look_at(const Payload::Child& child, Contents& contents)
{
    contents.withheld = contents.withheld || (child.ns == carbons_ns && child.name == "private") ||
                        (child.ns == hints_ns && child.name == "no-copy");
    contents.body = contents.body || (child.ns.empty() && child.name == "body");
    contents.talk = contents.talk || is_talk(child.ns);
    contents.invitation = contents.invitation || (child.ns == invitation_ns && child.name == "x");
    contents.muc = contents.muc || (child.ns == muc_user_ns && child.name == "x");
}

Contents contents_of(const Stanza& message)
{
    Contents contents;
    const std::size_t size = message.payload ? message.payload->size() : 0;
    for (std::size_t i = 0; i < size; ++i) {
        if (i >= 64 || ((message.hidden >> i) & 1U) == 0) {
            look_at(message.payload->child(i), contents);
        }
    }
    if (contents.muc) {
        // XEP-0045 §7.8.2: a mediated invitation.
        const auto x = message.element(muc_user_ns, "x");
        contents.invitation =
            contents.invitation || (x && x->child(muc_user_ns, "invite") != nullptr);
    }
    return contents;
}

// The peer by its bare JID: an error may come from the account that a session belongs to, and the
// other way round.
std::uint64_t mark_of(const Original& message)
{
    const std::hash<std::string_view> hash;
    const std::uint64_t peer = hash(message.peer().bare_str());
    return (peer * 31 + hash(message.stanza.id)) | 1U; // 0 is an empty place
}

} // namespace

void Copied::add(const Original& message)
{
    if (!message.stanza.id.empty()) {
        marks_[next_] = mark_of(message);
        next_ = (next_ + 1) % most;
    }
}

bool Copied::answered_by(const Original& error) const
{
    return !error.stanza.id.empty() && std::ranges::count(marks_, mark_of(error)) > 0;
}

bool is_eligible(const Original& message, const Copied* copied)
{
    const Stanza& stanza = message.stanza;
    const Contents contents = contents_of(stanza);
    if (contents.withheld || stanza.type == Type::groupchat) {
        return false;
    }
    if (stanza.type == Type::error) {
        return copied != nullptr && copied->answered_by(message);
    }
    if (contents.invitation) {
        return true;
    }
    if (contents.muc && message.direction == Direction::received && !stanza.from.is_bare()) {
        // The room itself gives a private message to each session that is in it.
        return false;
    }
    return stanza.type == Type::chat || (stanza.type == Type::normal && contents.body) ||
           contents.talk;
}

Ref<Payload> wrapped(const Original& message)
{
    const std::string_view name = message.direction == Direction::sent ? "sent" : "received";
    std::string bytes{"<"};
    bytes += name;
    bytes += " xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>";
    std::string scratch;
    write_open(bytes, message.stanza, ns::client);
    bytes += visible_payload(message.stanza, scratch);
    bytes += message.stamp;
    write_close(bytes, message.stanza);
    bytes += "</forwarded></";
    bytes += name;
    bytes += '>';
    const Payload::ChildSpan child{0, bytes.size(), carbons_ns, name};
    return Payload::make(bytes, std::span{&child, 1});
}

} // namespace sarang
