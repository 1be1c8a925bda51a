// SPDX-License-Identifier: Apache-2.0
// How one gets into a room where a dialogue is about what comes then.
#include <algorithm>

#include "stage.h"

namespace sarang {
namespace {

constexpr const char* muc_user = "http://jabber.org/protocol/muc#user";

// What follows the occupant JID in the text of a step begins with the second line.
struct Place {
    std::string occupant;
    std::string room;
    std::string more;
};

Place place_of(const std::string& text)
{
    const std::size_t line = text.find('\n');
    const std::string occupant = text.substr(0, line);
    std::string more = text.substr(line + 1);
    if (more.find('<') == std::string::npos) {
        more.clear();
    }
    return {occupant, occupant.substr(0, occupant.find('/')), std::move(more)};
}

bool is_subject(const XmlNode& stanza)
{
    const auto named = [&](const char* name) {
        return std::any_of(stanza.children.begin(), stanza.children.end(), [&](const XmlNode& one) {
            return one.name == name;
        });
    };
    return stanza.name == "message" && named("subject") && !named("body");
}

std::set<std::string> codes_of(const XmlNode& stanza)
{
    std::set<std::string> codes;
    for (const XmlNode& x : stanza.children) {
        if (x.ns != muc_user) {
            continue;
        }
        for (const XmlNode& child : x.children) {
            codes.insert(std::string{child.attribute("code")});
        }
    }
    return codes;
}

} // namespace

// What all that brings to those who take part is not looked at: there are dialogues for it.
void Stage::open_room(Client& client, const std::string& text)
{
    const Place place = place_of(sendable(text));
    expect_no_more();
    if (!enter(client, place.occupant, "").contains("201")) {
        fail("the room is not new");
    }
    configure(client, place.room, place.more);
    forget_what_came();
}

void Stage::enter_room(Client& client, const std::string& text)
{
    const Place place = place_of(sendable(text));
    expect_no_more();
    enter(client, place.occupant, place.more);
    forget_what_came();
}

// XEP-0045 §7.1: the subject is the last thing that comes. Returns the codes of the self-presence.
std::set<std::string>
Stage::enter(Client& client, const std::string& occupant, const std::string& x)
{
    client.send(
        "<presence to='" + occupant + "'><x xmlns='http://jabber.org/protocol/muc'>" + x +
        "</x></presence>");
    std::set<std::string> codes;
    for (;;) {
        const XmlNode came = next(client, "the subject of the room");
        if (came.attribute("type") == "error") {
            fail("the room is closed:\n    " + came.str());
        }
        if (is_subject(came)) {
            break;
        }
        codes.merge(came.name == "presence" ? codes_of(came) : std::set<std::string>{});
    }
    if (!codes.contains("110")) {
        fail("the subject comes, but one's own presence does not");
    }
    return codes;
}

void Stage::configure(Client& client, const std::string& room, const std::string& fields)
{
    const std::string type = "<field var='FORM_TYPE'><value>"
                             "http://jabber.org/protocol/muc#roomconfig</value></field>";
    const std::string form = fields.empty() ? "" : type + fields;
    client.send(
        "<iq type='set' id='opens' to='" + room +
        "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='submit'>" +
        form + "</x></query></iq>");
    XmlNode came = next(client, "the answer to the configuration");
    while (came.name != "iq") {
        came = next(client, "the answer to the configuration");
    }
    if (came.attribute("type") != "result") {
        fail("the configuration is refused:\n    " + came.str());
    }
}

} // namespace sarang
