// SPDX-License-Identifier: Apache-2.0
// Socket: an owned descriptor, and the system calls on sockets that more than one file needs.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "net/address.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace sarang {

class SARANG_API Socket {
public:
    Socket() = default;

    explicit Socket(int descriptor)
        : descriptor_{descriptor}
    {}

    Socket(Socket&& other) noexcept
        : descriptor_{other.release()}
    {}

    Socket& operator=(Socket&& other) noexcept
    {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }

    ~Socket() { close(); }

    int descriptor() const { return descriptor_; }

    explicit operator bool() const { return descriptor_ >= 0; }

    int release() { return std::exchange(descriptor_, -1); }

    void close();

    /// A new one for this kind of address: non-blocking, closed on exec.
    static Result<Socket> open(SocketAddress::Family family);

    /// The far and the near end; none() when not connected.
    SocketAddress peer_address() const;
    SocketAddress own_address() const;

    /// Of the process at the other end of a UNIX socket.
    struct Credentials {
        std::uint32_t user;
        std::uint32_t group;
        std::int32_t process;
    };

    std::optional<Credentials> credentials() const;

private:
    int descriptor_ = -1;
};

/// Raises the soft limit of descriptors to the hard one, and returns it.
SARANG_API std::uint64_t raise_descriptor_limit();

} // namespace sarang
