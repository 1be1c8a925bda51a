// SPDX-License-Identifier: Apache-2.0
#include "peer.h"

#include "net/listener.h"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>

namespace sarang {
namespace {

void set_patience(const Socket& socket)
{
    const timeval patience{30, 0};
    ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

} // namespace

Peer::Peer(Socket socket)
    : socket_{std::move(socket)}
{
    set_patience(socket_);
}

Peer Peer::connect(const SocketAddress& address)
{
    sockaddr_storage system;
    const socklen_t size = address.to(system);
    Socket socket{::socket(system.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    BOOST_REQUIRE_EQUAL(
        ::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&system), size), 0);
    return Peer{std::move(socket)};
}

void Peer::send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        BOOST_REQUIRE_GT(sent, 0);
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string Peer::receive(std::size_t size)
{
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
        const ssize_t received = ::recv(socket_.descriptor(), bytes.data() + got, size - got, 0);
        BOOST_REQUIRE_GT(received, 0);
        got += static_cast<std::size_t>(received);
    }
    return bytes;
}

std::string Peer::receive_rest()
{
    std::string bytes;
    char some[4096];
    while (true) {
        const ssize_t received = ::recv(socket_.descriptor(), some, sizeof some, 0);
        BOOST_REQUIRE_GE(received, 0);
        if (received == 0) {
            return bytes;
        }
        bytes.append(some, static_cast<std::size_t>(received));
    }
}

void Peer::end()
{
    ::shutdown(socket_.descriptor(), SHUT_WR);
}

std::pair<Socket, Peer> connected_pair()
{
    Result<std::vector<Socket>> listening =
        listen_at(SocketAddress::parse("127.0.0.1", 0).value(), 1);
    BOOST_REQUIRE(listening);
    Peer peer = Peer::connect(listening->front().own_address());
    const int descriptor = listening->front().descriptor();
    // The connection stands, but may take a moment to show.
    Socket near;
    while (!near) {
        near = Socket{::accept4(descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    }
    return {std::move(near), std::move(peer)};
}

TlsPeer::TlsPeer(Peer peer)
    : TlsPeer{std::move(peer), Options{}}
{}

TlsPeer::TlsPeer(Peer peer, Options options)
    : peer_{std::move(peer)}
    , context_{SSL_CTX_new(TLS_client_method())}
{
    if (!options.extended_master_secret) {
        SSL_CTX_set_options(context_.get(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
    }
    if (options.version != 0) {
        SSL_CTX_set_max_proto_version(context_.get(), options.version);
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), peer_.socket().descriptor());
    if (!options.server_name.empty()) {
        SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
    }
    if (!options.alpn.empty()) {
        SSL_set_alpn_protos(
            ssl_.get(),
            reinterpret_cast<const unsigned char*>(options.alpn.data()),
            static_cast<unsigned>(options.alpn.size()));
    }
    if (options.session != nullptr) {
        SSL_set_session(ssl_.get(), options.session);
    }
}

bool TlsPeer::shake_hands()
{
    return SSL_connect(ssl_.get()) == 1;
}

void TlsPeer::send(std::string_view bytes)
{
    BOOST_REQUIRE_EQUAL(
        SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())),
        static_cast<int>(bytes.size()));
}

std::string TlsPeer::receive(std::size_t size)
{
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
        std::size_t some = 0;
        BOOST_REQUIRE_EQUAL(SSL_read_ex(ssl_.get(), bytes.data() + got, size - got, &some), 1);
        got += some;
    }
    return bytes;
}

bool TlsPeer::receive_end()
{
    char byte = 0;
    const int received = SSL_read(ssl_.get(), &byte, 1);
    return received == 0 && SSL_get_error(ssl_.get(), received) == SSL_ERROR_ZERO_RETURN;
}

std::string TlsPeer::exporter() const
{
    std::string bytes(32, '\0');
    const std::string label = "EXPORTER-Channel-Binding";
    const unsigned char none = 0;
    SSL_export_keying_material(
        ssl_.get(),
        reinterpret_cast<unsigned char*>(bytes.data()),
        bytes.size(),
        label.data(),
        label.size(),
        &none,
        0,
        1);
    return bytes;
}

} // namespace sarang
