// SPDX-License-Identifier: Apache-2.0
#include "net/tls_session.h"

#include "net/tls_certificate.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <sys/socket.h>

namespace sarang {

/// The end of OpenSSL that faces the network: reads what was fed, writes to the socket.
struct SessionBio {
    static TlsSession& session(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* to, int size)
    {
        BIO_clear_retry_flags(bio);
        TlsSession& self = session(bio);
        const std::string_view input = self.input().substr(0, static_cast<std::size_t>(size));
        if (input.empty()) {
            BIO_set_retry_read(bio);
            return -1;
        }
        std::memcpy(to, input.data(), input.size());
        self.consume(input.size());
        return static_cast<int>(input.size());
    }

    static int write(BIO* bio, const char* from, int size)
    {
        BIO_clear_retry_flags(bio);
        TlsSession& self = session(bio);
        const ssize_t sent =
            ::send(self.descriptor_, from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            BIO_set_retry_write(bio);
        } else if (sent < 0) {
            self.socket_error_ = errno;
        }
        return static_cast<int>(sent);
    }

    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }

    static int create(BIO* bio)
    {
        BIO_set_init(bio, 1);
        return 1;
    }

    static BIO_METHOD* make_method()
    {
        BIO_METHOD* const method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "sarang");
        BIO_meth_set_read(method, read);
        BIO_meth_set_write(method, write);
        BIO_meth_set_ctrl(method, control);
        BIO_meth_set_create(method, create);
        return method;
    }

    static BIO* make(TlsSession& session)
    {
        // Never freed: each BIO refers to it, and OpenSSL may outlive what is static here.
        static const BIO_METHOD* const method = make_method();
        BIO* const bio = BIO_new(method);
        BIO_set_data(bio, &session);
        return bio;
    }
};

void TlsSession::FreeSsl::operator()(SSL* ssl) const
{
    SSL_free(ssl);
}

TlsSession::TlsSession(TlsContext::Ptr context, int descriptor, std::string_view server_name)
    : context_{std::move(context)}
    , ssl_{SSL_new(context_->context(""))}
    , descriptor_{descriptor}
{
    if (!ssl_) {
        throw std::bad_alloc{};
    }
    BIO* const bio = SessionBio::make(*this);
    SSL_set_bio(ssl_.get(), bio, bio);
    if (context_->is_server()) {
        SSL_set_accept_state(ssl_.get());
        return;
    }
    SSL_set_connect_state(ssl_.get());
    const std::string name{server_name};
    if (!name.empty()) {
        SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
    }
    if (context_->verifies()) {
        SSL_set1_host(ssl_.get(), name.c_str());
    }
}

TlsSession::~TlsSession() = default;

std::string_view TlsSession::version() const
{
    return SSL_get_version(ssl_.get());
}

std::string_view TlsSession::cipher() const
{
    return SSL_get_cipher_name(ssl_.get());
}

std::string_view TlsSession::server_name() const
{
    const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
    return name != nullptr ? name : std::string_view{};
}

std::string_view TlsSession::alpn() const
{
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

bool TlsSession::resumed() const
{
    return SSL_session_reused(ssl_.get()) == 1;
}

std::optional<std::string> TlsSession::exporter() const
{
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    constexpr std::size_t size = 32;
    SSL* const ssl = ssl_.get();
    if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) {
        return std::nullopt;
    }
    unsigned char bytes[size];
    // RFC 9266 §2: a context of no bytes, which TLS 1.2 tells from none.
    if (SSL_export_keying_material(ssl, bytes, size, label.data(), label.size(), bytes, 0, 1) !=
        1) {
        return std::nullopt;
    }
    return std::string{reinterpret_cast<const char*>(bytes), size};
}

std::optional<std::string> TlsSession::server_end_point() const
{
    std::string binding;
    if (context_->is_server()) {
        const auto* const certificate =
            static_cast<const TlsCertificate*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl_.get())));
        binding = certificate->end_point;
    } else if (X509* const certificate = SSL_get0_peer_certificate(ssl_.get())) {
        binding = end_point_binding(certificate);
    }
    return binding.empty() ? std::nullopt : std::optional{std::move(binding)};
}

void TlsSession::feed(std::string_view ciphertext)
{
    view_ = ciphertext;
}

void TlsSession::put_by()
{
    if (!view_.empty()) {
        if (!unread_) {
            unread_ = std::make_unique<std::string>();
        }
        unread_->append(view_);
        view_ = {};
    }
}

bool TlsSession::pending() const
{
    return unread_ || SSL_pending(ssl_.get()) > 0;
}

std::string_view TlsSession::input() const
{
    return unread_ ? std::string_view{*unread_}.substr(used_) : view_;
}

void TlsSession::consume(std::size_t size)
{
    if (!unread_) {
        view_.remove_prefix(size);
        return;
    }
    used_ += size;
    if (used_ == unread_->size()) {
        unread_.reset();
        used_ = 0;
    }
}

TlsSession::Step TlsSession::handshake()
{
    prepare();
    const int returned = SSL_do_handshake(ssl_.get());
    established_ = returned == 1;
    return step(returned);
}

TlsSession::Step TlsSession::read(std::span<char> to, std::size_t& size)
{
    prepare();
    return step(SSL_read_ex(ssl_.get(), to.data(), to.size(), &size));
}

TlsSession::Step TlsSession::write(std::string_view from, std::size_t& size)
{
    prepare();
    return step(SSL_write_ex(ssl_.get(), from.data(), from.size(), &size));
}

TlsSession::Step TlsSession::close()
{
    prepare();
    const int returned = SSL_shutdown(ssl_.get());
    return returned >= 0 ? Step::done : step(returned);
}

void TlsSession::prepare()
{
    // Others on this thread may have left errors that SSL_get_error() would take for ours.
    if (ERR_peek_error() != 0) {
        ERR_clear_error();
    }
}

TlsSession::Step TlsSession::step(int returned)
{
    if (returned > 0) {
        return Step::done;
    }
    switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
        return Step::wants_input;
    case SSL_ERROR_WANT_WRITE:
        return Step::wants_output;
    case SSL_ERROR_ZERO_RETURN:
        return Step::ended;
    default:
        return note_failure();
    }
}

TlsSession::Step TlsSession::note_failure()
{
    if (socket_error_ != 0) {
        failure_ = std::make_unique<std::string>(std::strerror(socket_error_));
        return Step::broken;
    }
    const long verified =
        context_->verifies() ? SSL_get_verify_result(ssl_.get()) : long{X509_V_OK};
    const char* const reason = verified != X509_V_OK
                                   ? X509_verify_cert_error_string(verified)
                                   : ERR_reason_error_string(ERR_peek_last_error());
    failure_ = std::make_unique<std::string>(reason != nullptr ? reason : "protocol error");
    ERR_clear_error();
    return Step::failed;
}

} // namespace sarang
