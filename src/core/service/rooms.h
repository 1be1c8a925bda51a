// SPDX-License-Identifier: Apache-2.0
// What the muc module offers.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "core/json.h"
#include "store/room_store.h"
#include "xml/jid.h"

#include <cstddef>
#include <string>
#include <vector>

namespace sarang {

struct RoomInMemory {
    std::string room;
    std::string title;
    std::size_t occupants = 0;
    bool stored = false;
};

/// Somebody looks at a message of a room: its last one, as far as his inbox knows.
struct RoomGlance {
    Jid room;
    std::string message; ///< how the room's archive names it
    bool wanted = false; ///< it is to be shown
    std::string query_id;
};

/// What he is shown of it.
struct RoomSight {
    bool known = false;   ///< the room could be asked
    bool visible = false; ///< he may see the conversation, and the message is still there
    std::string result;   ///< the message as XML, a <result/> (XEP-0313 §4.2), if it is wanted
};

/// What all may know of a room that is listed.
struct PublicRoom {
    std::string room;
    std::string name;
    std::string description;
    std::string language;
    std::size_t users = 0; ///< 0 where not everybody may know
    bool open = false;     ///< anybody may enter
    bool non_anonymous = false;
    bool stored = false;
};

/// Rooms that are kept nowhere.
struct RoomCount {
    std::size_t of_maker = 0;
    std::size_t all = 0;
};

class RoomsService {
public:
    static constexpr const char* service_name = "rooms";

    /// The listed ones that are here, on this shard, and are kept nowhere.
    virtual std::vector<RoomListing> temporary_rooms() const = 0;

    /// The listed ones here, on this shard, that somebody is in or that are kept nowhere; no more
    /// than `most` of all rooms are looked at.
    virtual std::vector<PublicRoom> public_rooms(std::size_t most) const = 0;

    /// All that are here, on this shard.
    virtual std::vector<RoomInMemory> rooms_here() const = 0;

    /// What an account's session is shown of rooms of this shard, now: one sight for each glance.
    virtual Task<std::vector<RoomSight>> look(Jid reader, std::vector<RoomGlance> glances) = 0;

    /// What an operator has done to a room, on its shard, in the module's own words: the module of
    /// another shard may be another one while it is exchanged.
    virtual Task<Result<Json>> carry_out(Jid room, Json order) = 0;

    /// Those here, on this shard, and those of them that an account has made.
    virtual RoomCount count_temporary(const Jid& maker) const = 0;

protected:
    ~RoomsService() = default;
};

} // namespace sarang
