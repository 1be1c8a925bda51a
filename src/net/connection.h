// SPDX-License-Identifier: Apache-2.0
// Connection: a stream socket, with TLS or without, on one shard at a time. It reads into the
// shard's buffer and writes once at the end of a turn, so that an idle one holds no buffer.
// Belongs to its owner by unique_ptr and is used by its shard's thread alone.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "net/address.h"
#include "net/connection_events.h"
#include "net/event_ptr.h"
#include "net/shard.h"
#include "net/shared_bytes.h"
#include "net/socket.h"
#include "net/tls.h"
#include "net/tls_session.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sarang {

class SARANG_API Connection final : private TurnEnd {
public:
    /// Starts to read. Requires a connected socket that does not block, and that `events` outlive
    /// the connection or are replaced.
    Connection(Shard& shard, Socket socket, ConnectionEvents& events);
    /// Starts to connect: on_connected() or on_closed() follow.
    static Result<std::unique_ptr<Connection>>
    connect(Shard& shard, const SocketAddress& address, ConnectionEvents& events);
    ~Connection();

    Shard& shard() const { return *shard_; }

    const Socket& socket() const { return socket_; }

    /// Makes `events` the owner from now on.
    void owner(ConnectionEvents& events) { events_ = &events; }

    /// Pauses or resumes; what has been read by then still comes in a paused TLS connection after
    /// it resumes. Paused, the end of the connection goes unnoticed unless writing fails.
    void reading(bool on);

    bool reading() const { return reading_; }

    /// To append to, in this turn; written at its end. The owner watches queued(): there is no
    /// bound here. During a TLS handshake it waits for its end.
    std::string& out();
    void append(std::string_view bytes);
    /// Large bytes are written by reference.
    void append(SharedBytes bytes);
    /// Bytes that wait to be written, by the owner's count: plain ones.
    std::size_t queued() const;

    /// The kernel takes no more for now.
    bool blocked() const { return blocked_; }

    /// Begins TLS behind the output so far, in the context's role. Bytes that came before in the
    /// same on_bytes() belong to no secured stream: the owner must drop them or close, unless
    /// they were meant for TLS and are given as `received`. `server_name` is for clients.
    void start_tls(
        TlsContext::Ptr context, std::string_view server_name = {}, std::string_view received = {});

    /// Null without TLS.
    const TlsSession* tls() const { return tls_.get(); }

    /// Writes what is queued, closes, and waits up to `linger` for the peer to do so; then comes
    /// on_closed(finished). Input is dropped from now on.
    void finish(std::chrono::milliseconds linger = std::chrono::seconds{5});

    bool finishing() const { return closing_ != nullptr; }

    /// Closes at once with a reset, drops the output; no event follows.
    void abort();

    /// Leaves its shard, to be carried to another by mail: not while finishing. Between detach()
    /// and attach() only appending, queued() and destruction are allowed.
    void detach();
    /// Goes on there, reading as before; requires that shard's thread.
    void attach(Shard& shard);

    /// How long sent data may stay unacknowledged (TCP_USER_TIMEOUT). No effect on UNIX sockets.
    void user_timeout(std::chrono::milliseconds timeout);

private:
    struct Closing;
    class Guard;

    Connection(Shard& shard, Socket socket, ConnectionEvents& events, bool connecting);

    template <auto deed>
    void protect();
    void on_turn_end() override;
    void attended();
    void readable();
    void take_in(std::string_view bytes);
    void run_tls();
    void stopped_by(TlsSession::Step step);
    void input_ended();
    void writable();
    void end_connecting();
    void flush();
    bool write_plain(std::unique_ptr<Output>& output);
    bool write_tls();
    void end_output();
    void listen(bool on);
    void await_writable();
    void attend();
    void let_go();
    void close(CloseReason reason, std::string detail);

    ConnectionEvents* events_;
    Shard* shard_; ///< null while it moves
    EventPtr read_event_;
    EventPtr write_event_; ///< made when the kernel's buffer is full, gone when it is not
    std::unique_ptr<Output> output_;
    std::unique_ptr<Output> before_tls_; ///< plain output that TLS waits for
    std::unique_ptr<TlsSession> tls_;
    std::unique_ptr<Closing> closing_;
    Socket socket_;
    bool reading_ : 1;
    bool connecting_ : 1;
    bool blocked_ : 1; ///< the kernel's buffer is full
};

} // namespace sarang
