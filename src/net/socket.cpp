// SPDX-License-Identifier: Apache-2.0
#include "net/socket.h"

#include <cerrno>
#include <cstring>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sarang {
namespace {

int domain(SocketAddress::Family family)
{
    switch (family) {
    case SocketAddress::Family::ipv4:
        return AF_INET;
    case SocketAddress::Family::ipv6:
        return AF_INET6;
    default:
        return AF_UNIX;
    }
}

using Name = int (*)(int, sockaddr*, socklen_t*);

SocketAddress address_by(Name name, int descriptor)
{
    sockaddr_storage system{};
    socklen_t size = sizeof system;
    if (name(descriptor, reinterpret_cast<sockaddr*>(&system), &size) != 0) {
        return {};
    }
    return SocketAddress::from(system);
}

} // namespace

void Socket::close()
{
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

Result<Socket> Socket::open(SocketAddress::Family family)
{
    Socket socket{::socket(domain(family), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket) {
        return fail(Condition::resource_constraint, {}, std::string{"socket: "} + strerror(errno));
    }
    return socket;
}

SocketAddress Socket::peer_address() const
{
    return address_by(::getpeername, descriptor_);
}

SocketAddress Socket::own_address() const
{
    return address_by(::getsockname, descriptor_);
}

std::optional<Socket::Credentials> Socket::credentials() const
{
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(descriptor_, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0) {
        return std::nullopt;
    }
    return Credentials{peer.uid, peer.gid, peer.pid};
}

std::uint64_t raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    rlimit raised{limit.rlim_max, limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

} // namespace sarang
