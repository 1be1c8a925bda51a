// SPDX-License-Identifier: Apache-2.0
// ConnectionStage: two shards, and connections on them whose far ends the test holds.
#pragma once

#include "base/clock.h"
#include "net/shards.h"

#include <memory>
#include <utility>

#include "peer.h"
#include "recorder.h"

namespace sarang {

class ConnectionStage {
public:
    ConnectionStage() { shards.start(); }

    ~ConnectionStage()
    {
        shards.call(0, [this] { near.connection.reset(); });
    }

    /// Calls `deed` on the shard of `near`.
    template <class Deed>
    auto on_shard(Deed deed)
    {
        return shards.call(0, std::move(deed));
    }

    /// A connection on shard 0, owned by `near`, and its far end.
    Peer connect()
    {
        std::pair<Socket, Peer> pair = connected_pair();
        on_shard([&] {
            near.connection =
                std::make_unique<Connection>(Shard::current(), std::move(pair.first), near);
        });
        return std::move(pair.second);
    }

    void append(std::string_view bytes)
    {
        on_shard([&] { near.connection->append(bytes); });
    }

    SystemClock clock;
    Shards shards{clock, {.count = 2}};
    Recorder near;
};

} // namespace sarang
