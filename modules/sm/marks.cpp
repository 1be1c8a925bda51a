// SPDX-License-Identifier: Apache-2.0
#include "modules/sm/marks.h"

#include "base/bytes.h"

#include <algorithm>
#include <chrono>

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t version = 1;
constexpr std::size_t mark_bytes = 22;
constexpr std::size_t most_ended = 8;
constexpr std::size_t most_lost = 40; // a crash leaves as many as there were sessions
constexpr auto oldest_former = 25h;   // longer than any session waits for its client

void put(BytesWriter& out, Clock::Wall time)
{
    out.u64(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

Clock::Wall time(BytesReader& in)
{
    return Clock::Wall{std::chrono::milliseconds{static_cast<std::int64_t>(in.u64())}};
}

} // namespace

Mark* Marks::find(std::string_view name)
{
    const auto found = std::ranges::find(sessions, name, &Mark::name);
    return found != sessions.end() ? &*found : nullptr;
}

void Marks::tidy(Clock::Wall now, const std::function<bool(const Mark&)>& is_there)
{
    std::size_t ended = 0;
    std::size_t lost = 0;
    for (Mark& mark : sessions) {
        if (is_there(mark)) {
            mark.used = now;
        } else {
            ++(mark.all ? ended : lost);
        }
    }
    std::erase_if(sessions, [&](const Mark& mark) {
        std::size_t& count = mark.all ? ended : lost;
        const bool many = count > (mark.all ? most_ended : most_lost);
        const bool goes = !is_there(mark) && (many || mark.used + oldest_former < now);
        count -= goes ? 1 : 0;
        return goes;
    });
}

void Marks::now_durable(const Marks& written)
{
    for (const Mark& mark : written.sessions) {
        if (Mark* const here = find(mark.name)) {
            here->durable = mark.settled;
        }
    }
}

std::string Codec<Marks>::encode(const Marks& marks)
{
    BytesWriter out;
    out.u8(version).varint(marks.sessions.size());
    for (const Mark& mark : marks.sessions) {
        out.string(mark.name).u32(mark.settled).boolean(mark.all);
        put(out, mark.since);
        put(out, mark.used);
    }
    return out.take();
}

std::optional<Marks> Codec<Marks>::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    const bool known = in.u8() == version;
    Marks marks;
    for (std::size_t left = in.count(mark_bytes); left > 0; --left) {
        Mark& mark = marks.sessions.emplace_back();
        mark.name = in.string();
        mark.settled = mark.durable = in.u32();
        mark.all = in.boolean();
        mark.since = time(in);
        mark.used = time(in);
    }
    return known && in.complete() ? std::optional{std::move(marks)} : std::nullopt;
}

} // namespace sarang
