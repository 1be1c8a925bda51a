// SPDX-License-Identifier: Apache-2.0
// What the muc module offers.
#pragma once

#include "store/room_store.h"

#include <vector>

namespace sarang {

class RoomsService {
public:
    static constexpr const char* service_name = "rooms";

    /// The listed ones that are here, on this shard, and are kept nowhere.
    virtual std::vector<RoomListing> temporary_rooms() const = 0;

protected:
    ~RoomsService() = default;
};

} // namespace sarang
