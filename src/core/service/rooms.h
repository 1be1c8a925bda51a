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

class RoomsService {
public:
    static constexpr const char* service_name = "rooms";

    /// The listed ones that are here, on this shard, and are kept nowhere.
    virtual std::vector<RoomListing> temporary_rooms() const = 0;

    /// All that are here, on this shard.
    virtual std::vector<RoomInMemory> rooms_here() const = 0;

    /// What an operator has done to a room, on its shard, in the module's own words: the module of
    /// another shard may be another one while it is exchanged.
    virtual Task<Result<Json>> carry_out(Jid room, Json order) = 0;

protected:
    ~RoomsService() = default;
};

} // namespace sarang
