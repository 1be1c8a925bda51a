// SPDX-License-Identifier: Apache-2.0
// RoomStore: rooms of many users, each with what was set for it and who has which affiliation.
// What the bytes mean is the caller's. Errors and lifetimes as in store/account_store.h; a row
// that is damaged is told to the log and answered with internal-server-error.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

struct StoredAffiliation {
    std::string account; ///< bare JID, normalised, of an account anywhere
    std::string value;   ///< never empty where it is kept

    bool operator==(const StoredAffiliation&) const = default;
};

/// What a list of rooms shows.
struct RoomListing {
    std::string room; ///< bare JID
    std::string title;

    bool operator==(const RoomListing&) const = default;
};

struct StoredRoom {
    std::string config;
    std::string state;
    std::vector<StoredAffiliation> affiliations; ///< in no order

    bool operator==(const StoredRoom&) const = default;
};

/// What is kept of a room besides affiliations.
struct RoomHead {
    std::string host;    ///< its domain; the store does not take JIDs apart
    std::string title;   ///< for lists
    bool listed = false; ///< lists that are for everybody have it
    std::string config;
    std::string state;
};

/// What a search among rooms looks at.
struct DescribedRoom {
    std::string room; ///< bare JID
    std::string title;
    std::string config;

    bool operator==(const DescribedRoom&) const = default;
};

struct DescribedRooms {
    std::vector<DescribedRoom> rooms;
    bool complete = true; ///< nothing followed the last one when it was read
};

struct RoomPage {
    std::vector<RoomListing> rooms;
    bool complete = true; ///< nothing followed the last one when it was read
};

/// A room is its bare JID, normalised.
class SARANG_API RoomStore {
public:
    virtual ~RoomStore() = default;

    /// Nothing when there is no such room. One of many affiliations is read in parts: of changes
    /// that are made meanwhile, some may be in it.
    virtual Task<Result<std::optional<StoredRoom>>> load(std::string_view room) = 0;

    /// Makes the room, without affiliations, or replaces what is kept of it but for those. It stays
    /// at the host where it was made.
    Task<Result<void>> put(std::string_view room, RoomHead head)
    {
        return put(room, std::move(head), {});
    }

    /// And sets what these accounts have, as put_affiliations() does: all of it or nothing.
    virtual Task<Result<void>>
    put(std::string_view room, RoomHead head, std::vector<StoredAffiliation> changes) = 0;

    /// Sets what these accounts have, all of it or nothing; an empty value takes it away.
    /// `item-not-found` when there is no such room. Others wait meanwhile, so no millions.
    virtual Task<Result<void>>
    put_affiliations(std::string_view room, std::vector<StoredAffiliation> changes) = 0;

    /// Removes the room with its affiliations; whether there was one. A new one of the same name
    /// has nothing of it. Its archive is no part of it.
    virtual Task<Result<bool>> erase(std::string_view room) = 0;

    /// The rooms of a host, or those of them that are listed, in the order in which they were
    /// made; at most `limit`, after a room, or from the first one on where that is empty; fewer
    /// when they are large. `after` may be a room that is not listed, or one of the last 1,024 that
    /// were erased; else `item-not-found`. One that is damaged is left out.
    virtual Task<Result<RoomPage>>
    list(std::string_view host, std::string_view after, std::size_t limit, bool only_listed) = 0;

    /// The listed ones of list(), each with its configuration.
    virtual Task<Result<DescribedRooms>>
    describe_listed(std::string_view host, std::string_view after, std::size_t limit) = 0;

    /// How many there are; costs the same for any number.
    virtual Task<Result<std::uint64_t>> count(std::string_view host, bool only_listed) = 0;

    /// What an account has in the rooms of a host, `account` being the room there. In the order of
    /// list(), after a room as there; fewer than `limit` when none follow.
    virtual Task<Result<std::vector<StoredAffiliation>>> affiliations_of(
        std::string_view account,
        std::string_view host,
        std::string_view after,
        std::size_t limit) = 0;
};

} // namespace sarang
