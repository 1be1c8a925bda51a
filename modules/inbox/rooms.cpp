// SPDX-License-Identifier: Apache-2.0
// Conversations in rooms, as they are read: what may be seen of one its room is asked each time,
// and markers move the position.
#include "core/server.h"
#include "core/server_shard.h"
#include "net/call.h"

#include <map>
#include <utility>

#include "modules/inbox/inbox.h"

namespace sarang {
namespace {

constexpr auto markers_ns = "urn:xmpp:chat-markers:0"sv;

bool is_displayed(const Payload::Child& child)
{
    return child.ns == markers_ns && (child.name == "displayed" || child.name == "acknowledged");
}

// XEP-0333 §4.3: the id that the room gave the message.
std::string marked_by(const Stanza& message)
{
    for (std::size_t i = 0; message.payload && i < message.payload->size(); ++i) {
        if (is_displayed(message.payload->child(i))) {
            return std::string{message.payload->element(i).attribute("id")};
        }
    }
    return {};
}

struct Place {
    std::size_t at; ///< on a page
    Jid room;
};

// Of the conversations with rooms, by shard and host.
std::map<std::pair<unsigned, std::string>, std::vector<Place>>
rooms_in(const std::vector<Conversation>& found, const Placement& placement)
{
    std::map<std::pair<unsigned, std::string>, std::vector<Place>> groups;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const Result<Jid> room = Jid::parse(found[i].with);
        if (!found[i].room_message.empty() && room) {
            const unsigned shard = placement.shard_of(room->str());
            groups[{shard, std::string{room->domain()}}].push_back({i, *room});
        }
    }
    return groups;
}

Task<std::vector<RoomSight>> nothing_seen(std::size_t count)
{
    std::vector<RoomSight> sights(count);
    co_return sights;
}

} // namespace

// XEP-0333 §4.3. It goes on once the position is durable, as a marker in a chat does.
Verdict Inbox::keep_marker(Keeping& keeping)
{
    const Stanza& message = keeping.stanza;
    if (message.type != Type::groupchat || !message.to.is_bare() || keeping.user.transient()) {
        return Verdict::pass();
    }
    const std::string marked = marked_by(message);
    if (marked.empty()) {
        return Verdict::pass();
    }
    const Result<Appended> appended =
        append(keeping.user.jid(), message.to, EntryRole::room_displayed, marked);
    if (!appended) {
        return Verdict::bounce(appended.error());
    }
    keeping.ticket = appended->ticket;
    return Verdict::pass();
}

Task<Result<bool>> Inbox::read_room_through(Jid account, Jid room, std::string message)
{
    const std::string owner{account.str()};
    const std::string with{room.str()};
    const auto before = co_await ok(storage().archive().conversation(owner, with));
    if (!before || before->room_message.empty()) {
        co_return false;
    }
    const Appended appended =
        co_await ok(append(account, room, EntryRole::room_displayed, message));
    Task<AppendOutcome> settling = host().server().settlements().outcome(appended.ticket);
    const AppendOutcome outcome = co_await settling;
    if (outcome != AppendOutcome::durable) {
        co_return fail(append_error(outcome));
    }
    const auto after = co_await ok(storage().archive().conversation(owner, with));
    co_return after && after->read > before->read;
}

Task<std::vector<RoomSight>>
Inbox::ask_shard(unsigned shard, std::string domain, Jid reader, std::vector<RoomGlance> glances)
{
    ServerShard& there = host().server().server().shard(shard);
    const auto visit = [&there, domain, reader, glances = std::move(glances)] {
        Host* const host = there.router().host(domain);
        RoomsService* const rooms = host != nullptr ? host->service<RoomsService>() : nullptr;
        return rooms != nullptr ? rooms->look(reader, glances) : nothing_seen(glances.size());
    };
    Task<std::vector<RoomSight>> visiting = sarang::on(there.shard(), visit);
    co_return co_await visiting;
}

// Each shard once for each host, with all that it is asked.
Task<void> Inbox::ask_rooms(Page& page, const InboxQuery& query, Jid reader)
{
    const std::vector<Conversation>& found = page.found.conversations;
    page.sights.assign(found.size(), {});
    const auto groups = rooms_in(found, router().placement());
    for (const auto& [group, places] : groups) {
        std::vector<RoomGlance> glances;
        for (const Place& place : places) {
            glances.push_back(
                {place.room, found[place.at].room_message, query.entries, page.query_id});
        }
        Task<std::vector<RoomSight>> asking =
            ask_shard(group.first, group.second, reader, std::move(glances));
        std::vector<RoomSight> sights = co_await asking;
        for (std::size_t i = 0; i < places.size() && i < sights.size(); ++i) {
            page.sights[places[i].at] = std::move(sights[i]);
        }
    }
}

Task<bool> Inbox::forget_hidden(const Page& page)
{
    AppendTicket last = AppendTicket::none;
    bool complete = true;
    for (std::size_t i = 0; i < page.sights.size(); ++i) {
        const Result<Jid> room = Jid::parse(page.found.conversations[i].with);
        if (!page.sights[i].known || page.sights[i].visible || !room) {
            continue;
        }
        const auto appended = append(page.owner, *room, EntryRole::room_left, {});
        last = appended ? appended->ticket : last;
        complete = false;
    }
    Task<AppendOutcome> settling = host().server().settlements().outcome(last);
    static_cast<void>(co_await settling);
    co_return complete;
}

} // namespace sarang
