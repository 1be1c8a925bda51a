// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include "base/log.h"
#include "net/connection_state.h"
#include "net/output.h"

#include <event2/event.h>

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <new>
#include <sys/socket.h>

namespace sarang {
namespace {

const Log log{"net"};

} // namespace

std::string_view name(CloseReason reason)
{
    switch (reason) {
    case CloseReason::ended:
        return "ended by the peer";
    case CloseReason::reset:
        return "broken";
    case CloseReason::tls:
        return "TLS failed";
    case CloseReason::finished:
        break;
    }
    return "finished";
}

Connection::Connection(Shard& shard, Socket socket, ConnectionEvents& events)
    : Connection{shard, std::move(socket), events, false}
{
    listen(true);
}

Connection::Connection(Shard& shard, Socket socket, ConnectionEvents& events, bool connecting)
    : events_{&events}
    , shard_{&shard}
    , socket_{std::move(socket)}
    , reading_{true}
    , connecting_{connecting}
    , blocked_{false}
{}

Result<std::unique_ptr<Connection>>
Connection::connect(Shard& shard, const SocketAddress& address, ConnectionEvents& events)
{
    Result<Socket> socket = Socket::open(address.family());
    if (!socket) {
        return fail(std::move(socket).error());
    }
    sockaddr_storage system;
    const socklen_t size = address.to(system);
    const int connected =
        ::connect(socket->descriptor(), reinterpret_cast<const sockaddr*>(&system), size);
    if (connected != 0 && errno != EINPROGRESS) {
        return fail(
            Condition::remote_server_not_found, {}, address.str() + ": " + std::strerror(errno));
    }
    const int on = 1;
    ::setsockopt(socket->descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::unique_ptr<Connection> connection{new Connection{shard, std::move(*socket), events, true}};
    connection->await_writable();
    return connection;
}

Connection::~Connection()
{
    let_go();
    if (output_ && shard_ != nullptr && output_->empty()) {
        shard_->give_back(std::move(output_));
    }
}

void Connection::reading(bool on)
{
    if (on == reading_) {
        return;
    }
    reading_ = on;
    if (shard_ == nullptr || !socket_ || connecting_ || closing_) {
        return;
    }
    listen(on);
    if (on) {
        attend();
    }
}

std::string& Connection::out()
{
    attend();
    if (!output_) {
        output_ = shard_ != nullptr ? shard_->take_output() : std::make_unique<Output>();
    }
    return output_->text();
}

void Connection::append(std::string_view bytes)
{
    out().append(bytes);
}

void Connection::append(SharedBytes bytes)
{
    out();
    output_->append(std::move(bytes));
}

std::size_t Connection::queued() const
{
    return (output_ ? output_->size() : 0) + (before_tls_ ? before_tls_->size() : 0);
}

void Connection::start_tls(
    TlsContext::Ptr context, std::string_view server_name, std::string_view received)
{
    before_tls_ = std::move(output_);
    tls_ = std::make_unique<TlsSession>(std::move(context), socket_.descriptor(), server_name);
    tls_->feed(received);
    tls_->put_by();
    attend();
}

void Connection::finish(std::chrono::milliseconds linger)
{
    if (closing_ || !socket_) {
        return;
    }
    closing_ = std::make_unique<Closing>(*this);
    closing_->linger.schedule(shard_->timers(), linger);
    // Its end is waited for, whether or not the owner was reading.
    if (!reading_ && !connecting_) {
        listen(true);
    }
    attend();
}

void Connection::abort()
{
    const linger reset{1, 0};
    ::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    let_go();
    output_.reset();
    before_tls_.reset();
    socket_.close();
}

void Connection::detach()
{
    if (tls_) {
        tls_->put_by();
    }
    let_go();
    blocked_ = false;
    shard_ = nullptr;
}

void Connection::attach(Shard& shard)
{
    shard_ = &shard;
    listen(reading_);
    attend();
}

void Connection::user_timeout(std::chrono::milliseconds timeout)
{
    const auto value = static_cast<unsigned>(timeout.count());
    ::setsockopt(socket_.descriptor(), IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value);
}

/// No exception may pass through libevent: one of the owner's ends the connection.
template <auto deed>
void Connection::protect()
{
    const Guard guard{*this};
    try {
        (this->*deed)();
    } catch (const std::exception& caught) {
        log.error("a connection failed: {}", caught.what());
        if (!guard.gone()) {
            close(CloseReason::reset, caught.what());
        }
    }
}

void Connection::listen(bool on)
{
    if (!read_event_) {
        if (!on) {
            return;
        }
        read_event_.reset(event_new(
            shard_->base(),
            socket_.descriptor(),
            EV_READ | EV_PERSIST,
            [](int, short, void* self) {
                auto& connection = *static_cast<Connection*>(self);
                Shard& shard = *connection.shard_;
                connection.protect<&Connection::readable>();
                shard.input_seen_to(); // the connection may be gone
            },
            this));
        if (!read_event_) {
            throw std::bad_alloc{};
        }
    }
    if (on) {
        event_add(read_event_.get(), nullptr);
    } else {
        event_del(read_event_.get());
    }
}

void Connection::await_writable()
{
    blocked_ = true;
    if (write_event_) {
        return;
    }
    write_event_.reset(event_new(
        shard_->base(),
        socket_.descriptor(),
        EV_WRITE | EV_PERSIST,
        [](int, short, void* self) {
            static_cast<Connection*>(self)->protect<&Connection::writable>();
        },
        this));
    if (!write_event_) {
        throw std::bad_alloc{};
    }
    event_add(write_event_.get(), nullptr);
}

void Connection::attend()
{
    if (shard_ != nullptr && socket_ && !linked()) {
        shard_->at_turn_end(*this);
    }
}

void Connection::on_turn_end()
{
    protect<&Connection::attended>();
}

void Connection::attended()
{
    const Guard guard{*this};
    if (tls_ && !before_tls_ && (!tls_->established() || tls_->pending())) {
        run_tls();
    }
    if (!guard.gone()) {
        flush();
    }
}

/// Leaves the loop, and tells the methods that run.
void Connection::let_go()
{
    if (shard_ != nullptr && shard_->running_ == this) {
        shard_->running_ = nullptr;
    }
    read_event_.reset();
    write_event_.reset();
    closing_.reset();
    unlink();
}

void Connection::close(CloseReason reason, std::string detail)
{
    let_go();
    output_.reset();
    before_tls_.reset();
    socket_.close();
    events_->on_closed(reason, detail);
}

} // namespace sarang
