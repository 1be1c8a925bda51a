// SPDX-License-Identifier: Apache-2.0
// SocketAddress: where a socket is bound or connected to: IPv4, IPv6 or a UNIX path. A value.
#pragma once

#include "base/api.h"
#include "base/result.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

struct sockaddr;
struct sockaddr_storage;

namespace sarang {

/// Under what limits and delays per address are kept: an IPv4 address or the /64 of an IPv6 one.
/// All UNIX peers are one.
struct SARANG_API NetworkKey {
    enum class Kind : std::uint8_t { local, ipv4, ipv6 };

    Kind kind = Kind::local;
    std::uint64_t prefix = 0;

    auto operator<=>(const NetworkKey&) const = default;
    /// As in "192.0.2.1" or "2001:db8::/64".
    std::string str() const;
};

class SARANG_API SocketAddress {
public:
    enum class Family : std::uint8_t { none, ipv4, ipv6, local };

    SocketAddress() = default;

    /// A numeric address, with or without brackets: "127.0.0.1", "::1", "[fe80::1%2]".
    static Result<SocketAddress> parse(std::string_view ip, std::uint16_t port);
    /// "127.0.0.1:5222", "[::]:5222" or a UNIX path, which starts with '/' or "unix:".
    static Result<SocketAddress> parse(std::string_view text);
    static Result<SocketAddress> local(std::string path);
    /// From the system's; an IPv4 address that is mapped into IPv6 becomes IPv4.
    static SocketAddress from(const sockaddr_storage& system);

    Family family() const { return family_; }

    std::uint16_t port() const { return port_; }

    void port(std::uint16_t port) { port_ = port; }

    const std::string& path() const { return path_; }

    /// Fills the system's form and returns its size.
    unsigned to(sockaddr_storage& system) const;
    /// The address alone, as in "2001:db8::1".
    std::string ip() const;
    /// With the port, as parse() takes it.
    std::string str() const;
    NetworkKey network_key() const;

    bool operator==(const SocketAddress&) const = default;

private:
    void unmap();

    Family family_ = Family::none;
    std::uint16_t port_ = 0;
    std::uint32_t scope_ = 0;
    std::array<std::uint8_t, 16> bytes_{};
    std::string path_;
};

} // namespace sarang

template <>
struct std::hash<sarang::NetworkKey> {
    std::size_t operator()(const sarang::NetworkKey& key) const noexcept
    {
        return std::hash<std::uint64_t>{}(key.prefix) ^ static_cast<std::size_t>(key.kind);
    }
};
