// SPDX-License-Identifier: Apache-2.0
// Listener: takes connections in, on one shard. For TCP each shard has its own, and the kernel
// spreads the connections over them.
#pragma once

#include "base/api.h"
#include "base/counter.h"
#include "base/result.h"
#include "net/address.h"
#include "net/event_ptr.h"
#include "net/socket.h"
#include "net/timer.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace sarang {

class Shard;

/// Sockets that listen at one address, a new connection goes to one of them; they share a port
/// also when the address says 0. One only for a UNIX path, whose socket gets mode 0600.
SARANG_API Result<std::vector<Socket>> listen_at(const SocketAddress& address, unsigned count);

class SARANG_API Listener {
public:
    using Accept = std::function<void(Socket socket, const SocketAddress& peer)>;

    /// Starts to accept on `shard`. Requires its thread, here and at the end.
    Listener(Shard& shard, Socket socket, Accept accept);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    /// Closes; a UNIX path is removed.
    ~Listener();

    /// With the real port.
    const SocketAddress& address() const { return address_; }

    /// True while it pauses for lack of descriptors.
    bool starved() const { return retry_.scheduled(); }

    /// How often it had to pause.
    const Counter& starvations() const { return starvations_; }

    const Counter& accepted() const { return accepted_; }

private:
    void accept_some();
    bool accept_one();
    void pause(int reason);
    void resume();

    Shard& shard_;
    Socket socket_;
    SocketAddress address_;
    Accept accept_;
    EventPtr event_;
    Timer retry_{Timer::calls<&Listener::resume>(*this)};
    Counter starvations_;
    Counter accepted_;
    bool warned_ = false;
};

} // namespace sarang
