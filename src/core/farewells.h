// SPDX-License-Identifier: Apache-2.0
// Farewells: sessions of one shard that have ended while something that they sent was not settled
// (core/receipts.h). An end waits for nobody; what is told of it later does. The shard's thread
// only.
#pragma once

#include "base/api.h"
#include "base/oneshot.h"
#include "base/task.h"
#include "core/session_id.h"
#include "core/user.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class Resource;
class Router;

class SARANG_API Farewells {
public:
    explicit Farewells(Router& router)
        : router_{router}
    {}

    Farewells(const Farewells&) = delete;
    Farewells& operator=(const Farewells&) = delete;

    /// Asks all shards for what a session sent that is about to end; once it is settled, hook
    /// ended_settled is told. Its user stays in memory so long. Requires hibernation().
    void add(Resource& resource);

    /// Waits until what the session of this name sent is settled, if it is one of these.
    Task<void> settled(std::string name);

    /// One of the shards that were asked has settled it.
    void answered(const SessionId& session);

    /// Waits for none any more: the server ends.
    void clear();

private:
    struct Farewell {
        User::Pin user;
        std::string name;
        std::uint32_t sent = 0;
        std::size_t shards = 0; ///< that have not answered
        std::vector<std::unique_ptr<Oneshot<bool>::Sender>> waiting = {};
    };

    Farewell* find(std::string_view name);

    Router& router_;
    std::map<SessionId, Farewell> all_;
};

} // namespace sarang
