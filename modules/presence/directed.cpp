// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §4.6: directed presence.
#include "base/bytes.h"

#include <algorithm>
#include <utility>

#include "modules/presence/presence.h"

namespace sarang {

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

Verdict Presence::direct(Passage& passage)
{
    std::vector<Jid>& known = (*passage.resource)[directed_].to;
    if (passage.stanza.type == Type::unavailable) {
        std::erase(known, passage.to);
    } else if (!(*passage.resource)[directed_].has(passage.to)) {
        if (known.size() >= static_cast<std::size_t>(*max_directed_)) {
            return Verdict::bounce(Condition::resource_constraint);
        }
        known.push_back(passage.to);
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

// RFC 6121 §4.6.1: who has gone need not be told that the user goes.
void Presence::forget_directed(const Passage& passage)
{
    for (const auto& resource : passage.user.resources()) {
        Directed* const directed = resource->find(directed_);
        if (directed != nullptr && (passage.to.is_bare() || passage.to == resource->jid())) {
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
