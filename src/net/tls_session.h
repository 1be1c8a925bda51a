// SPDX-License-Identifier: Apache-2.0
// TlsSession: TLS on one socket. Ciphertext comes in as a view of what the shard read; plaintext
// goes out through the socket at once. It owns no buffer while idle. Used by Connection, and by
// whoever asks what was negotiated.
#pragma once

#include "base/api.h"
#include "net/tls.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sarang {

class SARANG_API TlsSession {
public:
    /// `server_name` is who a client wants to reach.
    TlsSession(TlsContext::Ptr context, int descriptor, std::string_view server_name);
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;
    ~TlsSession();

    bool established() const { return established_; }

    // What was negotiated. Requires established().

    std::string_view version() const;     ///< as in "TLSv1.3"
    std::string_view cipher() const;      ///< as in "TLS_AES_256_GCM_SHA384"
    std::string_view server_name() const; ///< of SNI; empty when none was sent
    std::string_view alpn() const;        ///< empty when none was agreed on
    bool resumed() const;

    /// RFC 9266; nothing where TLS 1.2 lacks the extended master secret.
    std::optional<std::string> exporter() const;
    /// RFC 5929 §4, of the server's certificate.
    std::optional<std::string> server_end_point() const;

    // For Connection.

    enum class Step : std::uint8_t {
        done,
        wants_input,
        wants_output, ///< the socket is full
        ended,        ///< the peer closed in order
        failed,       ///< TLS itself, see failure()
        broken,       ///< the socket, see failure()
    };

    /// Ciphertext for the steps that follow, up to put_by().
    void feed(std::string_view ciphertext);
    /// Keeps what was not used, before the view goes.
    void put_by();
    /// True when read() may have something without new ciphertext.
    bool pending() const;

    Step handshake();
    /// `size` is what was decrypted into `to`.
    Step read(std::span<char> to, std::size_t& size);
    /// `size` is what was taken of `from`; a retry must offer the same bytes again, and may more.
    Step write(std::string_view from, std::size_t& size);
    /// Tells the peer that no more will come.
    Step close();

    /// What failed, for the log.
    std::string failure() const { return failure_ ? *failure_ : std::string{}; }

private:
    friend struct SessionBio;

    struct FreeSsl {
        void operator()(SSL* ssl) const;
    };

    void prepare();
    Step step(int returned);
    Step note_failure();
    std::string_view input() const;
    void consume(std::size_t size);

    TlsContext::Ptr context_;
    std::unique_ptr<SSL, FreeSsl> ssl_;
    std::string_view view_;
    std::unique_ptr<std::string> unread_; ///< comes before the view
    std::size_t used_ = 0;                ///< of unread_
    std::unique_ptr<std::string> failure_;
    int descriptor_;
    bool established_ = false;
    int socket_error_ = 0;
};

} // namespace sarang
