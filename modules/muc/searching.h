// SPDX-License-Identifier: Apache-2.0
// RoomSearches: answers who searches among the rooms of the service (XEP-0433). What one search
// looks at is bounded, and so is how many an account may have made. One shard's thread.
#pragma once

#include "base/task.h"
#include "core/iq.h"
#include "core/option.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "modules/muc/pace.h"
#include "modules/muc/search.h"
#include "modules/muc/search_page.h"

namespace sarang::muc {

class Muc;

class RoomSearches {
public:
    /// Of the table muc.search.
    RoomSearches(Muc& muc, Options& options);

    Task<Result<Element>> answer(const HostRequest& request);

private:
    /// Of rooms that are kept: how many are there, if anybody is.
    using Users = std::unordered_map<std::string, std::size_t>;

    bool may_search(const Jid& who) const;
    Jid counted(const Jid& who) const;
    std::uint64_t seconds_to_wait(const Jid& asker);
    Task<Result<Element>> search(Jid asker, RoomSearch search, SearchPage page);
    Task<Result<Element>> find(RoomSearch search, SearchPage page);
    Task<void> look_at_memory(const RoomSearch& search, SearchPage& page, Users& users);
    Task<Result<std::string>>
    look_at_store(const RoomSearch& search, SearchPage& page, const Users& users);
    Task<std::vector<PublicRoom>> rooms_of_shard(unsigned shard);

    Muc& muc_;
    Option<bool> remote_;
    Option<bool> all_;
    Option<std::int64_t> max_looked_at_;
    Option<std::int64_t> max_at_once_;
    Option<std::int64_t> rate_;
    Option<std::int64_t> burst_;
    Pace pace_;
    std::vector<Jid> busy_; ///< who is searching now
};

} // namespace sarang::muc
