// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §4.6: directed presence.
#include "base/bytes.h"

#include <algorithm>
#include <utility>

#include "modules/presence/presence.h"

namespace sarang {
namespace {

constexpr std::size_t most_left = 16;

} // namespace

std::string Codec<Directed>::encode(const Directed& directed)
{
    BytesWriter out;
    out.u8(1).varint(directed.to.size());
    for (const Jid& to : directed.to) {
        out.string(to.str());
    }
    return out.take();
}

std::optional<Directed> Codec<Directed>::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    if (in.u8() != 1) {
        return std::nullopt;
    }
    Directed directed;
    for (std::size_t left = in.count(); left > 0; --left) {
        Result<Jid> to = Jid::parse(in.string());
        if (!to) {
            return std::nullopt;
        }
        directed.to.push_back(std::move(*to));
    }
    return in.complete() ? std::optional{std::move(directed)} : std::nullopt;
}

bool Directed::has(const Jid& jid) const
{
    return std::find(to.begin(), to.end(), jid) != to.end();
}

void Directed::leave(const Jid& jid)
{
    if (std::erase(to, jid) > 0) {
        left.push_back(jid);
    }
    if (left.size() > most_left) {
        left.erase(left.begin());
    }
}

Verdict Presence::direct(Passage& passage)
{
    Directed& directed = (*passage.resource)[directed_];
    if (passage.stanza.type == Type::unavailable) {
        directed.leave(passage.to);
    } else if (!directed.has(passage.to)) {
        if (directed.to.size() >= static_cast<std::size_t>(*max_directed_)) {
            return Verdict::bounce(Condition::resource_constraint);
        }
        directed.to.push_back(passage.to);
    }
    return Verdict::pass();
}

// RFC 6121 §4.6.3: the end of a session is for all who got directed presence from it, but for
// those whom the broadcast has told.
void Presence::to_directed(User& user, Resource& resource, const Stanza& presence, bool broadcast)
{
    Directed* const directed = resource.find(directed_);
    if (directed == nullptr) {
        return;
    }
    for (const Jid& to : std::exchange(directed->to, {})) {
        RosterService* const roster = broadcast && to.is_bare() ? this->roster() : nullptr;
        if (roster == nullptr || !roster->sees_presence(user, to)) {
            Stanza copy = presence;
            copy.to = to;
            router().route(std::move(copy));
        }
    }
}

namespace {

constexpr auto user_ns = "http://jabber.org/protocol/muc#user"sv;

// XEP-0045 §7.6: a room's occupant has another address from now on.
bool is_renamed(const Stanza& presence)
{
    const auto x = presence.element(user_ns, "x");
    const std::vector<const Element*> children = x ? x->children() : std::vector<const Element*>{};
    return std::ranges::any_of(children, [](const Element* child) {
        return child->is(user_ns, "status") && child->attribute("code") == "303";
    });
}

} // namespace

// RFC 6121 §4.6.1: who has gone need not be told that the user goes. Where only the address is
// another, the last one to the same account or room stays, since it is all that tells who is to be
// told. What answers an earlier leaving says nothing of an entering after it.
void Presence::forget_directed(const Passage& passage)
{
    for (const auto& resource : passage.user.resources()) {
        Directed* const directed = resource->find(directed_);
        if (directed == nullptr || (!passage.to.is_bare() && passage.to != resource->jid()) ||
            std::erase(directed->left, passage.from) > 0) {
            continue;
        }
        const auto others = std::ranges::count_if(directed->to, [&passage](const Jid& to) {
            return to.same_bare(passage.from) && to != passage.from;
        });
        if (others > 0 || !is_renamed(passage.stanza)) {
            std::erase(directed->to, passage.from);
        }
    }
}

// Presence that was directed to this address, or to the account that it is of.
bool Presence::was_directed(const Resource& resource, const Jid& address) const
{
    const Directed* const directed = resource.find(directed_);
    return directed != nullptr && (directed->has(address) || directed->has(address.bare()));
}

} // namespace sarang
