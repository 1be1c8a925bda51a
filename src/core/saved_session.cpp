// SPDX-License-Identifier: Apache-2.0
#include "core/saved_session.h"

#include "base/bytes.h"
#include "core/message.h"

#include <utility>

namespace sarang {
namespace {

constexpr std::uint8_t version = 2;
constexpr std::uint8_t ends_version = 1;

// The least that each takes.
constexpr std::size_t session_bytes = 30;
constexpr std::size_t entry_bytes = 10;
constexpr std::size_t end_bytes = 9;

void put(BytesWriter& out, Clock::Wall time)
{
    out.u64(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

Clock::Wall time(BytesReader& in)
{
    return Clock::Wall{std::chrono::milliseconds{static_cast<std::int64_t>(in.u64())}};
}

void put(BytesWriter& out, const std::optional<Stanza>& stanza)
{
    out.string(stanza ? encode(*stanza) : std::string{});
}

// False for what is no stanza; none is one.
bool get(BytesReader& in, std::optional<Stanza>& stanza)
{
    const std::string_view bytes = in.string();
    if (!bytes.empty()) {
        stanza = decode_stanza(bytes);
    }
    return bytes.empty() || stanza;
}

void put(BytesWriter& out, const SavedSession& session)
{
    out.string(session.resource).string(session.name).u32(session.limit.count());
    put(out, session.until);
    out.u32(session.settled).u32(session.sent).u32(session.written);
    put(out, session.presence);
    out.u8(static_cast<std::uint8_t>(session.priority));
    put(out, session.repeats_since.value_or(Clock::Wall{}));
    out.varint(session.repeats_left);
    out.varint(session.slots.size());
    for (const auto& [name, bytes] : session.slots) {
        out.string(name).string(bytes);
    }
    out.varint(session.queue.size());
    for (const SavedSession::Entry& entry : session.queue) {
        out.string(encode(entry.stanza)).varint(entry.delivery);
        put(out, entry.time);
    }
}

bool get_queue(BytesReader& in, SavedSession& session, std::size_t deliveries)
{
    for (std::size_t left = in.count(entry_bytes); left > 0; --left) {
        std::optional<Stanza> stanza = decode_stanza(in.string());
        const std::uint64_t delivery = in.varint();
        if (!stanza || delivery > deliveries) {
            return false;
        }
        session.queue.push_back(
            {std::move(*stanza), time(in), static_cast<std::uint32_t>(delivery)});
    }
    // The numbers of what is in the queue, and of what of it was written.
    const auto size = static_cast<std::uint32_t>(session.queue.size());
    return session.sent - session.written <= size;
}

// The first version did not have it.
void get_repeating(BytesReader& in, SavedSession& session)
{
    const Clock::Wall since = time(in);
    session.repeats_left = static_cast<std::uint32_t>(in.varint());
    if (since != Clock::Wall{}) {
        session.repeats_since = since;
    }
}

bool get(BytesReader& in, SavedSession& session, std::size_t deliveries, std::uint8_t written)
{
    session.resource = in.string();
    session.name = in.string();
    session.limit = std::chrono::duration<std::uint32_t>{in.u32()};
    session.until = time(in);
    session.settled = in.u32();
    session.sent = in.u32();
    session.written = in.u32();
    if (!get(in, session.presence)) {
        return false;
    }
    session.priority = static_cast<std::int8_t>(in.u8());
    if (written > 1) {
        get_repeating(in, session);
    }
    for (std::size_t left = in.count(2); left > 0; --left) {
        std::string name{in.string()};
        session.slots.insert_or_assign(std::move(name), std::string{in.string()});
    }
    return get_queue(in, session, deliveries);
}

} // namespace

std::string encode(const SavedSessions& saved)
{
    BytesWriter out;
    out.u8(version).varint(saved.deliveries.size());
    for (const SavedSessions::Delivery& delivery : saved.deliveries) {
        out.boolean(delivery.taken);
        put(out, delivery.original);
    }
    out.varint(saved.sessions.size());
    for (const SavedSession& session : saved.sessions) {
        put(out, session);
    }
    return out.take();
}

std::optional<SavedSessions> decode_sessions(std::string_view bytes)
{
    BytesReader in{bytes};
    const std::uint8_t written = in.u8();
    const bool known = written == 1 || written == version;
    SavedSessions saved;
    for (std::size_t left = in.count(2); left > 0; --left) {
        SavedSessions::Delivery& delivery = saved.deliveries.emplace_back();
        delivery.taken = in.boolean();
        if (!get(in, delivery.original)) {
            return std::nullopt;
        }
    }
    for (std::size_t left = in.count(session_bytes); left > 0; --left) {
        if (!get(in, saved.sessions.emplace_back(), saved.deliveries.size(), written)) {
            return std::nullopt;
        }
    }
    return known && in.complete() ? std::optional{std::move(saved)} : std::nullopt;
}

std::string encode(const std::vector<SavedEnd>& ends)
{
    BytesWriter out;
    out.u8(ends_version).varint(ends.size());
    for (const SavedEnd& end : ends) {
        put(out, end.until);
        out.string(end.account);
    }
    return out.take();
}

std::optional<std::vector<SavedEnd>> decode_ends(std::string_view bytes)
{
    BytesReader in{bytes};
    const bool known = in.u8() == ends_version;
    std::vector<SavedEnd> ends;
    for (std::size_t left = in.count(end_bytes); left > 0; --left) {
        const Clock::Wall until = time(in);
        ends.push_back({until, std::string{in.string()}});
    }
    return known && in.complete() ? std::optional{std::move(ends)} : std::nullopt;
}

} // namespace sarang
