// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/occupants.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

namespace sarang::muc {
namespace {

template <class Map, class Key>
Occupant* find(const Map& map, const Key& key)
{
    const auto found = map.find(key);
    return found != map.end() ? found->second : nullptr;
}

auto place_of(std::vector<Session>& sessions, const Jid& jid)
{
    return std::ranges::find(sessions, jid, &Session::jid);
}

} // namespace

Stanza Presence::stanza() const
{
    Stanza presence;
    presence.kind = Kind::presence;
    presence.type = Type::available;
    presence.lang = lang;
    presence.payload = payload;
    return presence;
}

OccupantId::OccupantId(std::string_view text)
{
    assert(text.size() == size);
    std::ranges::copy(text.substr(0, size), text_.begin());
}

LookHash::LookHash(const NicknameLook& look)
    : folded{std::hash<std::string>{}(look.folded)}
    , shape{std::hash<std::string>{}(look.shape)}
{}

bool Occupant::has(const Jid& session) const
{
    return std::ranges::find(sessions, session, &Session::jid) != sessions.end();
}

std::vector<Jid> Occupant::session_jids() const
{
    std::vector<Jid> jids;
    for (const Session& session : sessions) {
        jids.push_back(session.jid);
    }
    return jids;
}

Occupant* Occupants::by_nick(std::string_view nick) const
{
    return find(nicks_, nick);
}

Occupant* Occupants::by_session(const Jid& session) const
{
    return find(sessions_, session);
}

// Looked through: whoever enters is shown all of them anyway, and an index takes more than they do.
std::vector<Occupant*> Occupants::alike(const NicknameLook& look) const
{
    const LookHash wanted{look};
    std::vector<Occupant*> found;
    for (const auto& occupant : occupants_) {
        if (occupant->look.alike(wanted)) {
            found.push_back(occupant.get());
        }
    }
    return found;
}

std::vector<Occupant*> Occupants::of(const Jid& account) const
{
    std::vector<Occupant*> theirs;
    for (const auto& occupant : occupants_) {
        if (occupant->account == account) {
            theirs.push_back(occupant.get());
        }
    }
    return theirs;
}

Occupant& Occupants::add(Occupant occupant)
{
    occupants_.push_back(std::make_unique<Occupant>(std::move(occupant)));
    Occupant& added = *occupants_.back();
    nicks_.emplace(added.nick(), &added);
    added.look = LookHash{look_of(added.nick())};
    for (const Session& session : added.sessions) {
        sessions_.emplace(session.jid, &added);
    }
    return added;
}

void Occupants::add_session(Occupant& occupant, Session session)
{
    sessions_.emplace(session.jid, &occupant);
    occupant.sessions.push_back(std::move(session));
}

void Occupants::update(Occupant& occupant, const Jid& session, Presence presence)
{
    const auto place = place_of(occupant.sessions, session);
    place->presence = std::move(presence);
    std::rotate(place, place + 1, occupant.sessions.end());
}

void Occupants::remove_session(Occupant& occupant, const Jid& session)
{
    sessions_.erase(session);
    occupant.sessions.erase(place_of(occupant.sessions, session));
}

void Occupants::remove(Occupant& occupant)
{
    nicks_.erase(occupant.nick());
    for (const Session& session : occupant.sessions) {
        sessions_.erase(session.jid);
    }
    std::erase_if(occupants_, [&](const auto& one) { return one.get() == &occupant; });
}

void Occupants::rename(Occupant& occupant, Jid address)
{
    nicks_.erase(occupant.nick());
    occupant.address = std::move(address);
    nicks_.emplace(occupant.nick(), &occupant);
    occupant.look = LookHash{look_of(occupant.nick())};
}

std::vector<Jid> Occupants::session_jids() const
{
    std::vector<Jid> jids;
    jids.reserve(sessions_.size());
    for (const auto& occupant : occupants_) {
        for (const Session& session : occupant->sessions) {
            jids.push_back(session.jid);
        }
    }
    return jids;
}

} // namespace sarang::muc
