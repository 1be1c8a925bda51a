// SPDX-License-Identifier: Apache-2.0
// A client's non-blocking TCP connection, with or without TLS.

#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "owned.h"

namespace sarang::bench {

using SslPtr = Owned<SSL, SSL_free>;
using SslContextPtr = Owned<SSL_CTX, SSL_CTX_free>;

// TLS 1.3 alone and no session is ever resumed: each handshake is a full one.
SslContextPtr client_tls();

class Pipe {
public:
    enum class Wait { nothing, readable, writable };

    Pipe() = default;
    ~Pipe();
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    // Connects from 127.0.0.`source`, so that ports do not run out.
    void connect(uint16_t port, uint8_t source);
    void start_tls(SSL_CTX& context, const std::string& server_name);

    // nothing = the handshake is done.
    Wait handshake();

    // 0 = nothing there now; the peer's end of the connection throws.
    std::size_t read(std::span<char> into);
    // 0 = nothing can be taken now.
    std::size_t write(std::string_view bytes);

    bool secure() const { return ssl_ != nullptr; }

    int descriptor() const { return descriptor_; }

private:
    std::size_t read_tls(std::span<char> into);
    std::size_t write_tls(std::string_view bytes);

    int descriptor_ = -1;
    SslPtr ssl_;
};

} // namespace sarang::bench
