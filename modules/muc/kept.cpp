// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/kept.h"

#include "base/bytes.h"
#include "core/message.h"

#include <array>
#include <chrono>
#include <utility>

#include "modules/muc/kept_extensions.h"

namespace sarang::muc {
namespace {

constexpr std::uint8_t state_version = 1;
constexpr std::uint8_t room_version = 1;

std::uint64_t number(Clock::Wall time)
{
    const auto since =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
    return static_cast<std::uint64_t>(since.count());
}

Clock::Wall time(std::uint64_t number)
{
    return Clock::Wall{std::chrono::milliseconds{static_cast<std::int64_t>(number)}};
}

void write_subject(BytesWriter& out, const std::optional<Subject>& subject)
{
    out.boolean(subject.has_value());
    if (subject) {
        Stanza message;
        message.type = Type::groupchat;
        message.from = subject->by;
        message.payload = subject->payload;
        out.u64(number(subject->since)).string(encode(message));
    }
}

bool read_subject(BytesReader& in, std::optional<Subject>& subject)
{
    if (!in.boolean()) {
        return in.ok();
    }
    const Clock::Wall since = time(in.u64());
    std::optional<Stanza> message = decode_stanza(in.string());
    if (!message || !message->payload) {
        return false;
    }
    subject = Subject{message->payload, message->from, since};
    return true;
}

void write_occupant(BytesWriter& out, const Occupant& occupant)
{
    out.string(occupant.address.str()).string(occupant.account.str());
    out.u8(static_cast<std::uint8_t>(occupant.role)).string(occupant.id.str());
    out.varint(occupant.sessions.size());
    for (const Session& session : occupant.sessions) {
        out.string(session.jid.str()).string(encode(session.presence.stanza()));
    }
}

bool read_jid(BytesReader& in, Jid& jid)
{
    Result<Jid> read = Jid::parse(in.string());
    if (read) {
        jid = std::move(*read);
    }
    return read.has_value();
}

bool read_occupant(BytesReader& in, Room& room)
{
    Occupant occupant;
    if (!read_jid(in, occupant.address) || !read_jid(in, occupant.account)) {
        return false;
    }
    occupant.role = static_cast<Role>(in.u8());
    const std::string_view id = in.string();
    if (id.size() != OccupantId::size) {
        return false;
    }
    occupant.id = OccupantId{id};
    for (std::size_t left = in.count(); left > 0; --left) {
        Session session;
        if (!read_jid(in, session.jid)) {
            return false;
        }
        std::optional<Stanza> presence = decode_stanza(in.string());
        if (!presence) {
            return false;
        }
        session.presence = Presence{presence->payload, presence->lang};
        occupant.sessions.push_back(std::move(session));
    }
    const bool sound = in.ok() && !occupant.sessions.empty() && occupant.role <= Role::moderator &&
                       room.occupants.by_nick(occupant.nick()) == nullptr;
    if (sound) {
        room.occupants.add(std::move(occupant));
    }
    return sound;
}

void write_affiliations(BytesWriter& out, const Affiliations& affiliations)
{
    out.varint(affiliations.size());
    for (const Affiliation affiliation :
         {Affiliation::outcast, Affiliation::member, Affiliation::admin, Affiliation::owner}) {
        for (const Jid& account : affiliations.list(affiliation)) {
            out.string(account.str());
            out.string(Codec<AffiliationItem>::encode(affiliations.item(account)));
        }
    }
}

bool read_affiliation(BytesReader& in, Room& room)
{
    Jid account;
    if (!read_jid(in, account)) {
        return false;
    }
    std::optional<AffiliationItem> item = Codec<AffiliationItem>::decode(in.string());
    if (item) {
        room.affiliations.set(account, std::move(*item));
    }
    return item.has_value();
}

void write_applicants(BytesWriter& out, const std::vector<Applicant>& applicants)
{
    out.varint(applicants.size());
    for (const Applicant& one : applicants) {
        out.string(one.account.str()).string(one.nick);
    }
}

bool read_applicant(BytesReader& in, Room& room)
{
    Applicant one;
    const bool read = read_jid(in, one.account);
    one.nick = in.string();
    room.applicants.push_back(std::move(one));
    return read && in.ok();
}

// Added later, hence at the end.
void write_times(BytesWriter& out, const std::vector<Applicant>& applicants)
{
    for (const Applicant& one : applicants) {
        out.u64(number(one.since));
    }
}

// Of those that came before there were any, it is now.
bool read_times(BytesReader& in, Room& room)
{
    const bool none = in.rest().empty();
    for (Applicant& one : room.applicants) {
        one.since = none ? room.clock().wall() : time(in.u64());
    }
    return in.ok();
}

bool read_entry(BytesReader& in, Room& room)
{
    const Clock::Wall when = time(in.u64());
    std::optional<Stanza> message = decode_stanza(in.string());
    if (message) {
        room.history.add(std::move(*message), when, room.history_bounds());
    }
    return message.has_value();
}

// Of an earlier version there are none.
bool read_extensions(BytesReader& in, Room& room)
{
    const std::string_view bytes = in.rest().empty() ? std::string_view{} : in.string();
    return in.ok() && decode_extensions(bytes, room);
}

template <class Read>
bool read_all(BytesReader& in, Room& room, Read read)
{
    for (std::size_t left = in.count(); left > 0; --left) {
        if (!read(in, room)) {
            return false;
        }
    }
    return in.ok();
}

} // namespace

std::string encode_state(const Room& room)
{
    BytesWriter out;
    out.u8(state_version);
    write_subject(out, room.subject);
    write_applicants(out, room.applicants);
    out.string(encode_extensions(room));
    write_times(out, room.applicants);
    return out.take();
}

bool decode_state(std::string_view bytes, Room& room)
{
    BytesReader in{bytes};
    const bool known = in.u8() == state_version;
    return known && read_subject(in, room.subject) && read_all(in, room, read_applicant) &&
           read_extensions(in, room) && read_times(in, room);
}

std::string encode_room(const Room& room)
{
    BytesWriter out;
    out.u8(room_version).boolean(room.exists).boolean(room.locked).boolean(room.stored);
    out.string(Codec<RoomConfig>::encode(room.config));
    write_affiliations(out, room.affiliations);
    write_subject(out, room.subject);
    write_applicants(out, room.applicants);
    out.varint(room.occupants.size());
    for (const auto& occupant : room.occupants.all()) {
        write_occupant(out, *occupant);
    }
    out.varint(room.history.entries().size());
    for (const History::Entry& entry : room.history.entries()) {
        out.u64(number(entry.time)).string(encode(entry.message));
    }
    out.string(encode_extensions(room));
    write_times(out, room.applicants);
    return out.take();
}

bool decode_room(std::string_view bytes, Room& room)
{
    BytesReader in{bytes};
    const bool known = in.u8() == room_version;
    room.exists = in.boolean();
    room.locked = in.boolean();
    room.stored = in.boolean();
    std::optional<RoomConfig> config = Codec<RoomConfig>::decode(in.string());
    if (!known || !config) {
        return false;
    }
    room.config = std::move(*config);
    return read_all(in, room, read_affiliation) && read_subject(in, room.subject) &&
           read_all(in, room, read_applicant) && read_all(in, room, read_occupant) &&
           read_all(in, room, read_entry) && read_extensions(in, room) && read_times(in, room) &&
           in.complete();
}

} // namespace sarang::muc
