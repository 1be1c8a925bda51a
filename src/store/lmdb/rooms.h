// SPDX-License-Identifier: Apache-2.0
// Rooms: the RoomStore over an LMDB environment.
#pragma once

#include "store/lmdb/engine.h"
#include "store/room_store.h"

#include <string>
#include <vector>

namespace sarang::lmdb {

class Rooms final : public RoomStore {
public:
    explicit Rooms(Engine& engine)
        : engine_{engine}
    {}

    /// Blocks, before it is used.
    void open();

    Task<Result<std::optional<StoredRoom>>> load(std::string_view room) override;
    using RoomStore::put;
    Task<Result<void>>
    put(std::string_view room, RoomHead head, std::vector<StoredAffiliation> changes) override;
    Task<Result<void>>
    put_affiliations(std::string_view room, std::vector<StoredAffiliation> changes) override;
    Task<Result<bool>> erase(std::string_view room) override;
    Task<Result<RoomPage>>
    list(std::string_view host, std::string_view after, std::size_t limit, bool only_listed)
        override;
    Task<Result<DescribedRooms>>
    describe_listed(std::string_view host, std::string_view after, std::size_t limit) override;
    Task<Result<std::uint64_t>> count(std::string_view host, bool only_listed) override;
    Task<Result<std::vector<StoredAffiliation>>> affiliations_of(
        std::string_view account,
        std::string_view host,
        std::string_view after,
        std::size_t limit) override;

private:
    Task<void> erase_rest();

    Engine& engine_;
};

} // namespace sarang::lmdb
