// SPDX-License-Identifier: Apache-2.0

#include "pipe.h"

#include <openssl/err.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace sarang::bench {
namespace {

[[noreturn]] void fail(const char* what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

[[noreturn]] void fail_tls(const char* what)
{
    std::array<char, 256> reason{};
    ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
    throw std::runtime_error(std::string{what} + ": " + reason.data());
}

sockaddr_in loopback(uint8_t last, uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(0x7f000000U + last);
    return address;
}

void set(int descriptor, int level, int name)
{
    const int on = 1;
    if (setsockopt(descriptor, level, name, &on, sizeof on) != 0) {
        fail("setsockopt");
    }
}

} // namespace

SslContextPtr client_tls()
{
    SslContextPtr context{SSL_CTX_new(TLS_client_method())};
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1) {
        fail_tls("TLS");
    }
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    // The chain is not looked at; the handshake's own signature is still verified.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_cert_verify_callback(
        context.get(), [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
    SSL_CTX_set_mode(
        context.get(),
        SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

Pipe::~Pipe()
{
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

void Pipe::connect(uint16_t port, uint8_t source)
{
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) {
        fail("socket");
    }
    set(descriptor_, IPPROTO_TCP, TCP_NODELAY);
    set(descriptor_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    const sockaddr_in from = loopback(source, 0);
    if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) {
        fail("bind");
    }
    const sockaddr_in to = loopback(1, port);
    const auto* address = reinterpret_cast<const sockaddr*>(&to);
    if (::connect(descriptor_, address, sizeof to) != 0 && errno != EINPROGRESS) {
        fail("connect");
    }
}

void Pipe::start_tls(SSL_CTX& context, const std::string& server_name)
{
    ssl_.reset(SSL_new(&context));
    if (!ssl_ || SSL_set_fd(ssl_.get(), descriptor_) != 1) {
        fail_tls("TLS");
    }
    SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str());
    SSL_set_connect_state(ssl_.get());
}

Pipe::Wait Pipe::handshake()
{
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
        return Wait::nothing;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        return Wait::readable;
    case SSL_ERROR_WANT_WRITE:
        return Wait::writable;
    default:
        fail_tls("TLS handshake");
    }
}

std::size_t Pipe::read(std::span<char> into)
{
    if (ssl_) {
        return read_tls(into);
    }
    const ssize_t size = ::recv(descriptor_, into.data(), into.size(), 0);
    if (size > 0) {
        return static_cast<std::size_t>(size);
    }
    if (size == 0) {
        throw std::runtime_error("the server closed a connection");
    }
    if (errno != EAGAIN) {
        fail("recv");
    }
    return 0;
}

std::size_t Pipe::write(std::string_view bytes)
{
    if (ssl_) {
        return write_tls(bytes);
    }
    const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size >= 0) {
        return static_cast<std::size_t>(size);
    }
    if (errno != EAGAIN) {
        fail("send");
    }
    return 0;
}

std::size_t Pipe::read_tls(std::span<char> into)
{
    ERR_clear_error();
    std::size_t size = 0;
    if (SSL_read_ex(ssl_.get(), into.data(), into.size(), &size) == 1) {
        return size;
    }
    switch (SSL_get_error(ssl_.get(), 0)) {
    case SSL_ERROR_WANT_READ:
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        throw std::runtime_error("the server closed a connection");
    default:
        fail_tls("TLS read");
    }
}

std::size_t Pipe::write_tls(std::string_view bytes)
{
    ERR_clear_error();
    std::size_t size = 0;
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &size) == 1) {
        return size;
    }
    if (SSL_get_error(ssl_.get(), 0) == SSL_ERROR_WANT_WRITE) {
        return 0;
    }
    fail_tls("TLS write");
}

} // namespace sarang::bench
