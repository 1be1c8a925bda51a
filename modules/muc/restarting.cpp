// SPDX-License-Identifier: Apache-2.0
// Who is in a room while the server restarts is in it still: sessions outlive that (XEP-0198), and
// their clients do not enter anew.
#include "base/gate.h"

#include <algorithm>
#include <utility>

#include "modules/muc/kept.h"
#include "modules/muc/muc.h"

namespace sarang::muc {
namespace {

constexpr std::size_t most_in_flight = 64;

} // namespace

// Those without a session that may come back have left by now.
Task<Verdict> Muc::save_occupied(HostEvent&)
{
    comes_back_ = true;
    std::vector<Jid> left;
    for (const auto& [local, actor] : rooms_) {
        if (!actor->room().occupants.empty()) {
            left.push_back(actor->room().jid);
        }
    }
    Gate saving;
    const std::size_t together = std::min(most_in_flight, left.size());
    for (std::size_t i = 0; i < together; ++i) {
        saving.spawn(save_some(left));
    }
    Task<void> saved = saving.close();
    co_await saved;
    co_return Verdict::pass();
}

Task<void> Muc::save_some(std::vector<Jid>& left)
{
    while (!left.empty()) {
        const Jid jid = std::move(left.back());
        left.pop_back();
        OccupiedRoom room{encode_room(actor(jid).room())};
        Task<Result<void>> saving = occupied_.save(jid.str(), std::move(room));
        const Result<void> saved = co_await saving;
        if (!saved) {
            log().error(
                "who is in a room is lost {}: {}", field("room", jid.str()), saved.error().cause);
        }
    }
}

// Whether it was occupied. What comes back must not do so again after a crash: it is removed first.
Task<Result<bool>> Muc::bring_back(Room& room)
{
    const std::string name{room.jid.str()};
    std::optional<OccupiedRoom> saved = co_await ok(occupied_.load(name));
    if (!saved) {
        co_return false;
    }
    co_await ok(occupied_.erase(name));
    const bool sound = decode_room(saved->bytes, room);
    if (!sound) {
        log().error("who was in a room is lost {}", field("room", name));
        room.clear();
    }
    co_return sound;
}

} // namespace sarang::muc
