// SPDX-License-Identifier: Apache-2.0
// The far end of a connection under test: a plain blocking socket, with or without TLS, used by
// the test's thread. What does not come within 30 s fails the test.
#pragma once

#include "base/scope.h"
#include "net/address.h"
#include "net/socket.h"

#include <openssl/ssl.h>

#include <string>
#include <string_view>
#include <utility>

namespace sarang {

class Peer {
public:
    explicit Peer(Socket socket);

    static Peer connect(const SocketAddress& address);

    const Socket& socket() const { return socket_; }

    void send(std::string_view bytes);
    /// Exactly so many bytes.
    std::string receive(std::size_t size);
    /// All until the end.
    std::string receive_rest();
    /// Says that no more will come.
    void end();

    void close() { socket_.close(); }

private:
    Socket socket_;
};

/// A connected pair over the loopback: the near end does not block.
std::pair<Socket, Peer> connected_pair();

class TlsPeer {
public:
    struct Options {
        std::string server_name = {};
        std::string alpn = {}; ///< in the form of the protocol
        int version = 0;       ///< the highest; 0: any
        bool extended_master_secret = true;
        SSL_SESSION* session = nullptr;
    };

    explicit TlsPeer(Peer peer);
    TlsPeer(Peer peer, Options options);

    /// False when it failed; see error().
    bool shake_hands();

    void send(std::string_view bytes);
    std::string receive(std::size_t size);
    /// True when the other side closed in order.
    bool receive_end();

    SSL* ssl() const { return ssl_.get(); }

    Peer& peer() { return peer_; }

    std::string exporter() const;

private:
    Peer peer_;
    Owned<SSL_CTX, SSL_CTX_free> context_;
    Owned<SSL, SSL_free> ssl_;
};

} // namespace sarang
