// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace sarang {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t path_limit = sizeof(sockaddr_un::sun_path) - 1;

Failure malformed(std::string_view text)
{
    return fail(Condition::bad_request, "Not an address: \"" + std::string{text} + '"');
}

template <class Number>
bool read_number(std::string_view text, Number& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

bool read_scope(const std::string& name, std::uint32_t& scope)
{
    scope = ::if_nametoindex(name.c_str());
    return scope != 0 || read_number(name, scope);
}

std::string text_of(int family, const void* bytes)
{
    char text[INET6_ADDRSTRLEN] = {};
    ::inet_ntop(family, bytes, text, sizeof text);
    return text;
}

} // namespace

std::string NetworkKey::str() const
{
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::uint8_t>(prefix >> (56 - 8 * i));
    }
    switch (kind) {
    case Kind::ipv4:
        return text_of(AF_INET, bytes.data() + 4);
    case Kind::ipv6:
        return text_of(AF_INET6, bytes.data()) + "/64";
    case Kind::local:
        break;
    }
    return "local";
}

Result<SocketAddress> SocketAddress::parse(std::string_view ip, std::uint16_t port)
{
    std::string_view bare = ip;
    if (bare.size() >= 2 && bare.front() == '[' && bare.back() == ']') {
        bare = bare.substr(1, bare.size() - 2);
    }
    const std::size_t percent = bare.find('%');
    const std::string host{bare.substr(0, percent)};
    SocketAddress address;
    address.port_ = port;
    if (::inet_pton(AF_INET, host.c_str(), address.bytes_.data()) == 1 && bare == ip) {
        address.family_ = Family::ipv4;
        return percent == std::string_view::npos ? Result{address} : malformed(ip);
    }
    if (::inet_pton(AF_INET6, host.c_str(), address.bytes_.data()) != 1) {
        return malformed(ip);
    }
    address.family_ = Family::ipv6;
    if (percent != std::string_view::npos &&
        !read_scope(std::string{bare.substr(percent + 1)}, address.scope_)) {
        return malformed(ip);
    }
    address.unmap();
    return address;
}

Result<SocketAddress> SocketAddress::parse(std::string_view text)
{
    constexpr std::string_view unix_prefix = "unix:";
    if (text.starts_with(unix_prefix)) {
        return local(std::string{text.substr(unix_prefix.size())});
    }
    if (text.starts_with('/')) {
        return local(std::string{text});
    }
    const std::size_t colon = text.rfind(':');
    std::uint16_t port = 0;
    if (colon == std::string_view::npos || !read_number(text.substr(colon + 1), port)) {
        return malformed(text);
    }
    const std::string_view ip = text.substr(0, colon);
    // Without brackets its last group would pass for a port.
    if (ip.find(':') != std::string_view::npos && !ip.starts_with('[')) {
        return malformed(text);
    }
    return parse(ip, port);
}

Result<SocketAddress> SocketAddress::local(std::string path)
{
    if (path.empty() || path.size() > path_limit) {
        return fail(
            Condition::bad_request,
            "The path of a UNIX socket has 1 to " + std::to_string(path_limit) + " bytes: \"" +
                path + '"');
    }
    SocketAddress address;
    address.family_ = Family::local;
    address.path_ = std::move(path);
    return address;
}

SocketAddress SocketAddress::from(const sockaddr_storage& system)
{
    SocketAddress address;
    if (system.ss_family == AF_INET) {
        const auto& in = reinterpret_cast<const sockaddr_in&>(system);
        address.family_ = Family::ipv4;
        address.port_ = ntohs(in.sin_port);
        std::memcpy(address.bytes_.data(), &in.sin_addr, sizeof in.sin_addr);
    } else if (system.ss_family == AF_INET6) {
        const auto& in = reinterpret_cast<const sockaddr_in6&>(system);
        address.family_ = Family::ipv6;
        address.port_ = ntohs(in.sin6_port);
        address.scope_ = in.sin6_scope_id;
        std::memcpy(address.bytes_.data(), &in.sin6_addr, sizeof in.sin6_addr);
        address.unmap();
    } else if (system.ss_family == AF_UNIX) {
        const auto& un = reinterpret_cast<const sockaddr_un&>(system);
        address.family_ = Family::local;
        address.path_.assign(un.sun_path, ::strnlen(un.sun_path, sizeof un.sun_path));
    }
    return address;
}

unsigned SocketAddress::to(sockaddr_storage& system) const
{
    std::memset(&system, 0, sizeof system);
    switch (family_) {
    case Family::ipv4: {
        auto& in = reinterpret_cast<sockaddr_in&>(system);
        in.sin_family = AF_INET;
        in.sin_port = htons(port_);
        std::memcpy(&in.sin_addr, bytes_.data(), sizeof in.sin_addr);
        return sizeof in;
    }
    case Family::ipv6: {
        auto& in = reinterpret_cast<sockaddr_in6&>(system);
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port_);
        in.sin6_scope_id = scope_;
        std::memcpy(&in.sin6_addr, bytes_.data(), sizeof in.sin6_addr);
        return sizeof in;
    }
    case Family::local: {
        auto& un = reinterpret_cast<sockaddr_un&>(system);
        un.sun_family = AF_UNIX;
        std::memcpy(un.sun_path, path_.data(), std::min(path_.size(), path_limit));
        return sizeof un;
    }
    case Family::none:
        break;
    }
    return 0;
}

std::string SocketAddress::ip() const
{
    if (family_ == Family::ipv4) {
        return text_of(AF_INET, bytes_.data());
    }
    if (family_ == Family::ipv6) {
        const std::string ip = text_of(AF_INET6, bytes_.data());
        return scope_ == 0 ? ip : ip + '%' + std::to_string(scope_);
    }
    return {};
}

std::string SocketAddress::str() const
{
    switch (family_) {
    case Family::ipv4:
        return ip() + ':' + std::to_string(port_);
    case Family::ipv6:
        return '[' + ip() + "]:" + std::to_string(port_);
    case Family::local:
        return "unix:" + path_;
    case Family::none:
        break;
    }
    return "none";
}

NetworkKey SocketAddress::network_key() const
{
    NetworkKey key;
    const bool ipv6 = family_ == Family::ipv6;
    if (ipv6 || family_ == Family::ipv4) {
        key.kind = ipv6 ? NetworkKey::Kind::ipv6 : NetworkKey::Kind::ipv4;
        for (std::size_t i = 0; i < (ipv6 ? 8U : 4U); ++i) {
            key.prefix = key.prefix << 8 | bytes_[i];
        }
    }
    return key;
}

void SocketAddress::unmap()
{
    if (!std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin())) {
        return;
    }
    std::array<std::uint8_t, 16> ipv4{};
    std::copy(bytes_.begin() + mapped_prefix.size(), bytes_.end(), ipv4.begin());
    bytes_ = ipv4;
    family_ = Family::ipv4;
    scope_ = 0;
}

} // namespace sarang
