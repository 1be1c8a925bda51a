// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/showing.h"

#include "xml/writer.h"

#include <map>
#include <string_view>
#include <utility>

#include "modules/muc/names.h"
#include "modules/muc/rewriting.h"
#include "modules/muc/versioning.h"

namespace sarang::muc {
namespace {

constexpr unsigned self_code = 110;
constexpr unsigned renamed_code = 303;

// Those who may know his address, the others, and himself, each with a stanza of their own. Where a
// change of affiliations is told, so have those who see other lists of these.
class Audience {
public:
    Audience(Room& room, const Occupant& occupant, const Showing& showing)
        : room_{room}
        , showing_{showing}
    {
        for (const auto& viewer : room.occupants.all()) {
            if (viewer.get() == &occupant) {
                continue;
            }
            const Lists lists = showing.changed ? lists_of(room, *viewer) : Lists{};
            std::vector<Jid>& group = groups_[{room.shows_addresses_to(*viewer), lists}];
            for (const Session& session : viewer->sessions) {
                group.push_back(session.jid);
            }
        }
    }

    template <class Make>
    void tell(const Make& make) const
    {
        for (const auto& [knowledge, group] : groups_) {
            Showing showing = showing_;
            if (showing.changed) {
                showing.step = room_.versions.last_step(knowledge.second);
            }
            room_.router().route_to_many(make(showing, knowledge.first), group);
        }
    }

private:
    Room& room_;
    const Showing& showing_;
    std::map<std::pair<bool, Lists>, std::vector<Jid>> groups_; ///< by what they may know
};

void add_hats(Rewriting& payload, const Room& room, const Occupant& occupant)
{
    if (const std::string hats = room.hats.xml_of(occupant.account); !hats.empty()) {
        payload.add(hats_ns, "hats", hats);
    }
}

void route_to(Room& room, Stanza stanza, const Jid& to)
{
    stanza.to = to;
    room.router().route(std::move(stanza));
}

} // namespace

bool Showing::plain() const
{
    return codes.empty() && nick.empty() && actor.empty() && reason.empty() && !step && !destroy;
}

std::string plain_user_xml(Rank rank, std::string_view jid)
{
    std::string xml = "<x xmlns='http://jabber.org/protocol/muc#user'><item";
    write_attribute(xml, "affiliation", name(rank.affiliation));
    write_attribute(xml, "role", name(rank.role));
    if (!jid.empty()) {
        write_attribute(xml, "jid", jid);
    }
    return xml += "/></x>";
}

std::string occupant_id_xml(const Occupant& occupant)
{
    std::string xml = "<occupant-id xmlns='urn:xmpp:occupant-id:0'";
    write_attribute(xml, "id", occupant.id.str());
    return xml += "/>";
}

Element& add_item(Element& parent, Rank rank, std::string_view jid, std::string_view nick)
{
    Element& item = parent.add("item");
    item.set("affiliation", name(rank.affiliation));
    item.set("role", name(rank.role));
    if (!jid.empty()) {
        item.set("jid", jid);
    }
    if (!nick.empty()) {
        item.set("nick", nick);
    }
    return item;
}

Element user_element(Rank rank, const Showing& showing, bool self, std::string_view jid)
{
    Element x{user_ns, "x"};
    Element& item = add_item(x, rank, jid, showing.nick);
    if (!showing.actor.empty()) {
        item.add("actor").set("nick", showing.actor);
    }
    if (!showing.reason.empty()) {
        item.add("reason").text(showing.reason);
    }
    if (showing.destroy) {
        x.add(*showing.destroy);
    }
    if (showing.step) {
        add_version(x, *showing.step);
    }
    const auto add_code = [&x](unsigned code) {
        x.add("status").set("code", std::to_string(code));
    };
    for (const unsigned code : showing.codes) {
        add_code(code);
    }
    if (self) {
        for (const unsigned code : showing.self_codes) {
            add_code(code);
        }
        add_code(self_code);
    }
    return x;
}

Stanza presence_for(
    const Room& room,
    const Occupant& occupant,
    const Session& session,
    Type type,
    const Showing& showing,
    bool self,
    bool with_address)
{
    Stanza presence = session.presence.stanza();
    presence.type = type;
    presence.id = showing.id;
    presence.from = occupant.address;
    Rank rank = room.rank_of(occupant);
    if (type == Type::unavailable && showing.nick.empty()) {
        rank.role = Role::none;
    }
    const std::string_view jid = self || with_address ? session.jid.str() : std::string_view{};
    std::string x;
    if (self) {
        Element own = user_element(rank, showing, self, jid);
        add_version(own, version_of(room, occupant, showing.changed));
        x = own.str();
    } else {
        x = showing.plain() ? plain_user_xml(rank, jid)
                            : user_element(rank, showing, self, jid).str();
    }
    Rewriting payload;
    payload.keep(presence.payload)
        .add(user_ns, "x", x)
        .add(occupant_id_ns, "occupant-id", occupant_id_xml(occupant));
    if (type == Type::available) {
        add_hats(payload, room, occupant);
    }
    presence.payload = payload.payload();
    return presence;
}

void show_to_self(Room& room, const Occupant& occupant, const Showing& showing)
{
    const Stanza presence =
        presence_for(room, occupant, occupant.shown(), Type::available, showing, true, true);
    room.router().route_to_many(presence, occupant.session_jids());
}

void show_to_all(Room& room, const Occupant& occupant, const Showing& showing)
{
    if (broadcasts(room.config, occupant.role)) {
        Audience{room, occupant, showing}.tell([&](const Showing& told, bool with_address) {
            return presence_for(
                room, occupant, occupant.shown(), Type::available, told, false, with_address);
        });
    }
    show_to_self(room, occupant, showing);
}

void show_change(Room& room, const Occupant& occupant, bool was_shown, const Showing& showing)
{
    if (!was_shown || broadcasts(room.config, occupant.role)) {
        show_to_all(room, occupant, showing);
        return;
    }
    const Session hidden{occupant.shown().jid, Presence{}};
    const Showing gone;
    Audience{room, occupant, gone}.tell([&](const Showing& told, bool with_address) {
        return presence_for(room, occupant, hidden, Type::unavailable, told, false, with_address);
    });
    show_to_self(room, occupant, showing);
}

void show_all_to(Room& room, const Occupant& viewer, const Jid& session)
{
    const bool with_address = room.shows_addresses_to(viewer);
    for (const auto& occupant : room.occupants.all()) {
        if (occupant.get() == &viewer || !broadcasts(room.config, occupant->role)) {
            continue;
        }
        Stanza presence = presence_for(
            room, *occupant, occupant->shown(), Type::available, {}, false, with_address);
        route_to(room, std::move(presence), session);
    }
}

void show_renaming(Room& room, const Occupant& occupant, std::string nick)
{
    Showing showing;
    showing.nick = std::move(nick);
    showing.codes = {renamed_code};
    show_leaving(room, occupant, occupant.session_jids(), showing);
}

void show_leaving(
    Room& room,
    const Occupant& occupant,
    const std::vector<Jid>& sessions,
    const Showing& showing,
    const Presence* farewell)
{
    const bool last = sessions.size() == occupant.sessions.size();
    Session shown{sessions.back(), farewell != nullptr ? *farewell : Presence{}};
    if (last && broadcasts(room.config, occupant.role)) {
        Audience{room, occupant, showing}.tell([&](const Showing& told, bool with_address) {
            return presence_for(
                room, occupant, shown, Type::unavailable, told, false, with_address);
        });
    }
    for (const Jid& session : sessions) {
        shown.jid = session;
        Stanza presence =
            presence_for(room, occupant, shown, Type::unavailable, showing, true, true);
        route_to(room, std::move(presence), session);
    }
}

} // namespace sarang::muc
