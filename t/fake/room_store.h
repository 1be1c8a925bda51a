// SPDX-License-Identifier: Apache-2.0
// FakeRoomStore: rooms in memory, which can be told to be slow or to fail.
#pragma once

#include "store/room_store.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

class FakeRoomStore final : public RoomStore {
public:
    struct Kept {
        std::uint64_t place = 0; ///< rises with each room that is made
        RoomHead head;
        std::map<std::string, std::string, std::less<>> affiliations;
    };

    std::map<std::string, Kept, std::less<>> rooms;
    std::optional<Error> failure; ///< what all calls answer, when set
    bool slow = false;            ///< answers come after a turn of the executor
    unsigned loads = 0;
    unsigned writes = 0;

    Task<Result<std::optional<StoredRoom>>> load(std::string_view room) override
    {
        ++loads;
        co_await ok(ready());
        std::optional<StoredRoom> stored;
        if (const auto found = rooms.find(room); found != rooms.end()) {
            stored = StoredRoom{found->second.head.config, found->second.head.state, {}};
            for (const auto& [account, value] : found->second.affiliations) {
                stored->affiliations.push_back(StoredAffiliation{account, value});
            }
        }
        co_return stored;
    }

    using RoomStore::put;

    Task<Result<void>>
    put(std::string_view room, RoomHead head, std::vector<StoredAffiliation> changes) override
    {
        ++writes;
        co_await ok(ready());
        Kept& kept = rooms[std::string{room}];
        if (kept.place == 0) {
            kept.place = ++last_place_;
            kept.head.host = head.host;
        }
        head.host = kept.head.host;
        kept.head = std::move(head);
        set(kept, std::move(changes));
        co_return Result<void>{};
    }

    Task<Result<void>>
    put_affiliations(std::string_view room, std::vector<StoredAffiliation> changes) override
    {
        ++writes;
        co_await ok(ready());
        const auto found = rooms.find(room);
        if (found == rooms.end()) {
            co_return fail(Condition::item_not_found);
        }
        set(found->second, std::move(changes));
        co_return Result<void>{};
    }

    Task<Result<bool>> erase(std::string_view room) override
    {
        ++writes;
        co_await ok(ready());
        const auto found = rooms.find(room);
        const bool there = found != rooms.end();
        if (there) {
            past_[found->first] = found->second.place;
            rooms.erase(found);
        }
        co_return there;
    }

    Task<Result<RoomPage>> list(
        std::string_view host, std::string_view after, std::size_t limit, bool only_listed) override
    {
        co_await ok(ready());
        const auto place = place_of(after);
        if (!place) {
            co_return fail(Condition::item_not_found);
        }
        RoomPage page;
        for (const auto& [name, kept] : behind(host, *place)) {
            if (only_listed && !kept->head.listed) {
                continue;
            }
            if (page.rooms.size() >= limit) {
                page.complete = false;
                break;
            }
            page.rooms.push_back(RoomListing{name, kept->head.title});
        }
        co_return page;
    }

    Task<Result<DescribedRooms>>
    describe_listed(std::string_view host, std::string_view after, std::size_t limit) override
    {
        const RoomPage listed = co_await ok(list(host, after, limit, true));
        DescribedRooms page;
        page.complete = listed.complete;
        for (const RoomListing& one : listed.rooms) {
            const RoomHead& head = rooms.find(one.room)->second.head;
            page.rooms.push_back(DescribedRoom{one.room, one.title, head.config});
        }
        co_return page;
    }

    Task<Result<std::uint64_t>> count(std::string_view host, bool only_listed) override
    {
        co_await ok(ready());
        std::uint64_t number = 0;
        for (const auto& [name, kept] : rooms) {
            number += kept.head.host == host && (kept.head.listed || !only_listed) ? 1 : 0;
        }
        co_return number;
    }

    Task<Result<std::vector<StoredAffiliation>>> affiliations_of(
        std::string_view account,
        std::string_view host,
        std::string_view after,
        std::size_t limit) override
    {
        co_await ok(ready());
        const auto place = place_of(after);
        if (!place) {
            co_return fail(Condition::item_not_found);
        }
        std::vector<StoredAffiliation> found;
        for (const auto& [name, kept] : behind(host, *place)) {
            const auto row = kept->affiliations.find(account);
            if (row != kept->affiliations.end() && found.size() < limit) {
                found.push_back(StoredAffiliation{name, row->second});
            }
        }
        co_return found;
    }

private:
    using Placed = std::pair<std::string, const Kept*>;

    static void set(Kept& kept, std::vector<StoredAffiliation> changes)
    {
        for (StoredAffiliation& change : changes) {
            if (change.value.empty()) {
                kept.affiliations.erase(change.account);
            } else {
                kept.affiliations[change.account] = std::move(change.value);
            }
        }
    }

    std::optional<std::uint64_t> place_of(std::string_view room) const
    {
        if (room.empty()) {
            return std::uint64_t{0};
        }
        if (const auto found = rooms.find(room); found != rooms.end()) {
            return found->second.place;
        }
        const auto past = past_.find(room);
        return past != past_.end() ? std::optional{past->second} : std::nullopt;
    }

    /// The rooms of a host behind a place, in order.
    std::vector<Placed> behind(std::string_view host, std::uint64_t place) const
    {
        std::vector<Placed> found;
        for (const auto& [name, kept] : rooms) {
            if (kept.head.host == host && kept.place > place) {
                found.emplace_back(name, &kept);
            }
        }
        std::ranges::sort(found, {}, [](const Placed& it) { return it.second->place; });
        return found;
    }

    Task<Result<void>> ready()
    {
        if (slow) {
            co_await yield();
        }
        if (failure) {
            co_return fail(*failure);
        }
        co_return Result<void>{};
    }

    std::uint64_t last_place_ = 0;
    std::map<std::string, std::uint64_t, std::less<>> past_; ///< places of those that are gone
};

} // namespace sarang
