// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/inboxes.h"

#include <unordered_set>
#include <utility>
#include <vector>

#include "modules/muc/archive.h"
#include "modules/muc/muc.h"
#include "modules/muc/subject.h"

namespace sarang::muc {
namespace {

bool is_member(const Room& room, const Jid& account)
{
    return room.affiliations.of(account) >= Affiliation::member;
}

// Each account once. Members are told apart from occupants: most are both. `all`: of these, those
// as well who are no members.
template <class Role>
std::vector<InboxNote> notes_for(const Room& room, bool all, Role role)
{
    std::vector<InboxNote> notes;
    if (room.config.members_only) {
        for (const Affiliation one :
             {Affiliation::owner, Affiliation::admin, Affiliation::member}) {
            for (const Jid& account : room.affiliations.list(one)) {
                notes.push_back({account, role(account)});
            }
        }
    }
    std::unordered_set<Jid> others;
    for (const auto& occupant : room.occupants.all()) {
        const Jid& account = occupant->account;
        const bool told = room.config.members_only && is_member(room, account);
        if (!told && (all || is_member(room, account)) && others.insert(account).second) {
            notes.push_back({account, role(account)});
        }
    }
    return notes;
}

// What was noted before the room was configured otherwise is not to stay.
void note_all(Room& room, const std::string& message, EntryRole role)
{
    room.router().note_in_inboxes(
        room.jid, message, notes_for(room, true, [role](const Jid&) { return role; }));
}

} // namespace

void note_speech(Room& room, const Speech& speech)
{
    const RoomConfig::Inboxes told = room.config.inboxes;
    if (told == RoomConfig::Inboxes::none || !speech.to_be_read || is_subject_change(speech.said)) {
        return;
    }
    const auto role = [&speech](const Jid& account) {
        if (account == speech.author) {
            return EntryRole::room_sent;
        }
        const bool mentioned = speech.mentioned.all || speech.mentioned.names(account);
        return mentioned ? EntryRole::room_mention : EntryRole::room_received;
    };
    const bool all = told == RoomConfig::Inboxes::occupants;
    room.router().note_in_inboxes(room.jid, speech.name, notes_for(room, all, role));
}

void note_retraction(Room& room, const std::string& message)
{
    if (room.muc.archive_of(room) != nullptr) {
        note_all(room, message, EntryRole::room_retracted);
    }
}

void note_departure(Room& room, const Jid& account)
{
    room.router().note_in_inboxes(room.jid, {}, {{account.bare(), EntryRole::room_left}});
}

void note_end(Room& room)
{
    note_all(room, {}, EntryRole::room_left);
}

// Rooms that are not here are loaded, as by any who ask for them.
Task<std::vector<RoomSight>> Muc::look(Jid reader, std::vector<RoomGlance> glances)
{
    const auto inside = enter();
    std::vector<RoomSight> sights(glances.size());
    for (std::size_t i = 0; inside && i < glances.size(); ++i) {
        Task<RoomSight> looking = look_at(reader, glances[i]);
        sights[i] = co_await looking;
    }
    co_return std::move(sights);
}

Task<RoomSight> Muc::look_at(Jid reader, const RoomGlance& glance)
{
    RoomSight sight;
    Task<Result<RoomActor::Pin>> finding = room(glance.room);
    const Result<RoomActor::Pin> pin = co_await finding;
    if (!pin) {
        co_return sight;
    }
    const Room& room = **pin;
    sight.known = true;
    if (!room.exists || !may_read_archive(room, reader)) {
        co_return sight;
    }
    ArchiveService* archive = archive_of(room);
    if (archive == nullptr) { // what was said before is in it still
        sight.visible = true;
        co_return sight;
    }
    const bool may_know = may_know_authors(room, reader);
    Task<Result<std::vector<ArchivedMessage>>> reading = archive->find(room.jid, glance.message);
    Result<std::vector<ArchivedMessage>> found = co_await reading;
    archive = archive_of(room);
    sight.known = found.has_value() && archive != nullptr;
    sight.visible = sight.known && !found->empty();
    if (!sight.visible || !glance.wanted) {
        co_return sight;
    }
    ArchivedMessage& message = found->front();
    if (!may_know) {
        strip_author(message.message);
    }
    sight.result = archive->result(room.jid, message, glance.query_id);
    co_return sight;
}

} // namespace sarang::muc
