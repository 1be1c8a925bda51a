// SPDX-License-Identifier: Apache-2.0
// What a room tells of itself to service discovery (XEP-0045 §6.4, §6.5, §7.12).
#include "core/data_form.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "modules/muc/adhoc.h"
#include "modules/muc/archive.h"
#include "modules/muc/config_form.h"
#include "modules/muc/join_request.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/requests.h"
#include "modules/muc/vcard.h"

namespace sarang::muc {
namespace {

constexpr std::string_view info_ns = "http://jabber.org/protocol/disco#info";
constexpr std::string_view items_ns = "http://jabber.org/protocol/disco#items";
constexpr std::string_view nick_node = "x-roomuser-item";
constexpr std::string_view traffic_node = "http://jabber.org/protocol/muc#traffic";

void add_identity(Element& reply, const std::string& name)
{
    Element& identity = reply.add("identity");
    identity.set("category", "conference").set("type", "text");
    if (!name.empty()) {
        identity.set("name", name);
    }
}

FormField field(
    std::string_view type,
    std::string_view var,
    std::string_view label,
    std::vector<std::string> values)
{
    return {std::string{type}, std::string{var}, std::string{label}, std::move(values)};
}

// XEP-0502 §5: neither of rooms that are hidden nor of those that not everybody may enter.
bool tells_activity(const RoomConfig& config)
{
    return config.persistent && config.listed && !config.members_only && config.password.empty();
}

std::vector<FormField> told_by_extensions(const Room& room)
{
    std::vector<FormField> fields;
    if (!room.card.hashes.empty()) {
        fields.push_back(
            field("text-multi", "muc#roominfo_avatarhash", "Avatar hash", room.card.hashes));
    }
    if (const std::string hash = room.hats.hash(); !hash.empty()) {
        fields.push_back(field("text-single", "hats#hash", "Hats hash", {hash}));
    }
    const std::optional<double> rate = room.activity.rate(room.clock().wall());
    if (rate && tells_activity(room.config)) {
        fields.push_back(field(
            "text-single",
            "{urn:xmpp:muc-activity}message-activity",
            "Messages per hour",
            {rate_text(*rate)}));
    }
    return fields;
}

Element info_of(Room& room, const Jid& who)
{
    Element reply{info_ns, "query"};
    add_identity(reply, room.config.name);
    for (const std::string_view feature :
         {muc_ns,
          info_ns,
          items_ns,
          occupant_id_ns,
          stanza_id_ns,
          stable_id_ns,
          register_ns,
          register_type,
          commands_ns,
          hats_ns,
          vcard_ns,
          versions_ns,
          std::string_view{"http://jabber.org/protocol/muc#self-ping-optimization"}}) {
        reply.add("feature").set("var", feature);
    }
    for (const std::string_view feature : room_features(room.config)) {
        reply.add("feature").set("var", feature);
    }
    if (const ArchiveService* const archive = room.muc.archive_of(room)) {
        for (const std::string_view feature : archive->features()) {
            reply.add("feature").set("var", feature);
        }
        for (const std::string_view feature :
             {retract_ns,
              std::string_view{"urn:xmpp:message-retract:1#tombstone"},
              moderate_ns,
              std::string_view{"urn:xmpp:message-moderate:0"}}) {
            reply.add("feature").set("var", feature);
        }
    }
    RoomFacts facts;
    const bool may_know = may_read_archive(room, who).has_value();
    facts.occupants = may_know ? room.occupants.size() : 0;
    if (room.subject && may_know) {
        const auto subject = room.subject->payload->element(ns::client, "subject");
        facts.subject = subject ? subject->text() : std::string{};
    }
    facts.others = told_by_extensions(room);
    reply.add(room_info_form(room.config, facts));
    return reply;
}

// §7.12: the nickname that is reserved for who asks.
Element reserved_nick(Room& room, const Jid& who)
{
    Element reply{info_ns, "query"};
    reply.set("node", nick_node);
    const std::string nick = room.affiliations.item(who).nick;
    if (!nick.empty()) {
        add_identity(reply, nick);
    }
    return reply;
}

} // namespace

Task<IqAnswer> tell_info(Room& room, const Stanza& request, const Element& query)
{
    const std::string_view node = query.attribute("node");
    if (node == nick_node) {
        co_return std::optional{reserved_nick(room, request.from)};
    }
    if (node == traffic_node) {
        co_return fail(Condition::service_unavailable); // §18.1.1: all of it is passed on
    }
    if (!node.empty()) {
        std::optional<IqAnswer> answer = command_info(room, request.from, node);
        co_return answer ? std::move(*answer) : IqAnswer{fail(Condition::item_not_found)};
    }
    co_return std::optional{info_of(room, request.from)};
}

// §6.5: who is in a room is told to those alone who are there themselves.
Task<IqAnswer> tell_items(Room& room, const Stanza& request, const Element& query)
{
    if (query.attribute("node") == commands_ns) {
        co_return std::optional{command_items(room, request.from)};
    }
    if (!query.attribute("node").empty()) {
        co_return fail(Condition::item_not_found);
    }
    Element reply{items_ns, "query"};
    if (room.occupants.by_session(request.from) != nullptr) {
        for (const auto& occupant : room.occupants.all()) {
            if (broadcasts(room.config, occupant->role)) {
                reply.add("item").set("jid", occupant->address.str());
            }
        }
    }
    co_return std::optional{std::move(reply)};
}

} // namespace sarang::muc
