// SPDX-License-Identifier: Apache-2.0
// ConnectionEvents: what a connection tells its owner, from its shard's loop.
#pragma once

#include "base/api.h"

#include <cstdint>
#include <string_view>

namespace sarang {

enum class CloseReason : std::uint8_t {
    ended,    ///< the peer closed in order
    reset,    ///< the network or the peer broke it, or it could not be made
    tls,      ///< the handshake or a record failed
    finished, ///< by finish()
};

SARANG_API std::string_view name(CloseReason reason);

/// The owner may destroy the connection in each of them.
class SARANG_API ConnectionEvents {
public:
    /// `bytes` hold for the call: the owner keeps what it does not use yet.
    virtual void on_bytes(std::string_view bytes) = 0;
    /// No further event follows. `detail` is for the log.
    virtual void on_closed(CloseReason reason, std::string_view detail) = 0;

    /// A connection that was opened from here stands.
    virtual void on_connected() {}

    virtual void on_tls_established() {}

    /// Output that had to wait for the peer has all gone to the kernel.
    virtual void on_drained() {}

protected:
    ~ConnectionEvents() = default;
};

} // namespace sarang
