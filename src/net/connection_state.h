// SPDX-License-Identifier: Apache-2.0
// What the source files of Connection share.
#pragma once

#include "net/connection.h"

namespace sarang {

/// Kept only while a connection finishes.
struct Connection::Closing {
    explicit Closing(Connection& owner)
        : connection{owner}
    {}

    void linger_out() { connection.close(CloseReason::finished, "the peer did not close"); }

    Connection& connection;
    Timer linger{Timer::calls<&Closing::linger_out>(*this)};
    bool output_ended = false;
    bool input_ended = false;
};

/// Tells a running method that the connection has gone while it called its owner: destroyed,
/// closed, or on its way to another shard. Not even its members may be looked at then.
class Connection::Guard {
public:
    explicit Guard(const Connection& connection)
        : shard_{*connection.shard_}
        , connection_{&connection}
        , outer_{std::exchange(shard_.running_, &connection)}
    {}

    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    ~Guard()
    {
        if (!gone()) {
            shard_.running_ = outer_;
        }
    }

    bool gone() const { return shard_.running_ != connection_; }

private:
    Shard& shard_;
    const Connection* connection_;
    const Connection* outer_;
};

} // namespace sarang
