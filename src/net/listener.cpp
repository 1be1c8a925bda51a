// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include "base/log.h"
#include "net/shard.h"

#include <event2/event.h>

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sarang {
namespace {

const Log log{"net"};

constexpr int backlog = 4096;
constexpr int accepted_per_turn = 64;
constexpr std::chrono::milliseconds retry_after{100};

Failure cannot_listen(const SocketAddress& address, int error)
{
    return fail(
        Condition::conflict, "Cannot listen at " + address.str() + ": " + std::strerror(error));
}

bool set_flag(const Socket& socket, int level, int option)
{
    const int on = 1;
    return ::setsockopt(socket.descriptor(), level, option, &on, sizeof on) == 0;
}

int bind_to(const Socket& socket, const SocketAddress& address)
{
    sockaddr_storage system;
    const socklen_t size = address.to(system);
    return ::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&system), size);
}

bool prepare_tcp(const Socket& socket, SocketAddress::Family family)
{
    return set_flag(socket, SOL_SOCKET, SO_REUSEADDR) &&
           set_flag(socket, SOL_SOCKET, SO_REUSEPORT) &&
           (family != SocketAddress::Family::ipv6 || set_flag(socket, IPPROTO_IPV6, IPV6_V6ONLY));
}

/// A socket that nobody listens at is what a crash left behind.
void remove_stale(const SocketAddress& address)
{
    struct stat found {};

    if (::stat(address.path().c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) {
        return;
    }
    const Result<Socket> probe = Socket::open(SocketAddress::Family::local);
    sockaddr_storage system;
    const socklen_t size = address.to(system);
    if (probe &&
        ::connect(probe->descriptor(), reinterpret_cast<const sockaddr*>(&system), size) != 0 &&
        errno == ECONNREFUSED) {
        ::unlink(address.path().c_str());
    }
}

bool prepare_local(const Socket& socket, const SocketAddress& address)
{
    remove_stale(address);
    // The mode of the socket's file is taken from here, so it is never open to others.
    return ::fchmod(socket.descriptor(), 0600) == 0;
}

Result<Socket> listen_once(const SocketAddress& address)
{
    Result<Socket> socket = Socket::open(address.family());
    if (!socket) {
        return socket;
    }
    const bool local = address.family() == SocketAddress::Family::local;
    const bool prepared =
        local ? prepare_local(*socket, address) : prepare_tcp(*socket, address.family());
    if (!prepared || bind_to(*socket, address) != 0 ||
        ::listen(socket->descriptor(), backlog) != 0) {
        return cannot_listen(address, errno);
    }
    return socket;
}

bool lacks_resources(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

} // namespace

Result<std::vector<Socket>> listen_at(const SocketAddress& address, unsigned count)
{
    SocketAddress exact = address;
    const bool local = address.family() == SocketAddress::Family::local;
    std::vector<Socket> sockets;
    for (unsigned i = 0; i < (local ? 1 : count); ++i) {
        Result<Socket> socket = listen_once(exact);
        if (!socket) {
            return fail(std::move(socket).error());
        }
        exact = socket->own_address();
        sockets.push_back(std::move(*socket));
    }
    return sockets;
}

Listener::Listener(Shard& shard, Socket socket, Accept accept)
    : shard_{shard}
    , socket_{std::move(socket)}
    , address_{socket_.own_address()}
    , accept_{std::move(accept)}
    , event_{event_new(
          shard.base(),
          socket_.descriptor(),
          EV_READ | EV_PERSIST,
          [](int, short, void* self) { static_cast<Listener*>(self)->accept_some(); },
          this)}
{
    event_add(event_.get(), nullptr);
}

Listener::~Listener()
{
    if (address_.family() == SocketAddress::Family::local) {
        ::unlink(address_.path().c_str());
    }
}

void Listener::accept_some()
{
    for (int i = 0; i < accepted_per_turn && accept_one(); ++i) {
    }
}

bool Listener::accept_one()
{
    sockaddr_storage system{};
    socklen_t size = sizeof system;
    auto* const peer = reinterpret_cast<sockaddr*>(&system);
    Socket socket{::accept4(socket_.descriptor(), peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!socket) {
        if (lacks_resources(errno)) {
            pause(errno);
            return false;
        }
        // Others are troubles of that one connection.
        return errno != EAGAIN && errno != EINVAL && errno != EBADF;
    }
    if (address_.family() != SocketAddress::Family::local) {
        set_flag(socket, IPPROTO_TCP, TCP_NODELAY);
    }
    warned_ = false;
    accepted_.add();
    accept_(std::move(socket), SocketAddress::from(system));
    return true;
}

void Listener::pause(int reason)
{
    // Level-triggered as it is, the event would have the loop spin.
    event_del(event_.get());
    retry_.schedule(shard_.timers(), retry_after);
    starvations_.add();
    if (!warned_) {
        warned_ = true;
        log.warn("accepting at {} pauses: {}", address_.str(), std::strerror(reason));
    }
}

void Listener::resume()
{
    event_add(event_.get(), nullptr);
}

} // namespace sarang
