// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include "base/log.h"
#include "net/tls_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

namespace sarang {
namespace {

const Log log{"net"};

/// What OpenSSL says about the last failure on this thread.
std::string reason()
{
    const unsigned long code = ERR_peek_last_error();
    const char* const text = ERR_reason_error_string(code);
    ERR_clear_error();
    return text != nullptr ? text : "unknown error";
}

Failure bad_identity(const TlsIdentity& identity, const std::string& what)
{
    return fail(Condition::bad_request, identity.name + ": " + what);
}

// Asking at a terminal would hang the server.
int no_password(char*, int, int, void*)
{
    return 0;
}

std::string lower(std::string_view name)
{
    std::string lowered{name};
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](unsigned char byte) {
        return static_cast<char>(std::tolower(byte));
    });
    return lowered;
}

std::string wire_form(const std::vector<std::string>& protocols)
{
    std::string wire;
    for (const std::string& protocol : protocols) {
        wire += static_cast<char>(protocol.size());
        wire += protocol;
    }
    return wire;
}

int choose_host(SSL* ssl, int*, void* argument)
{
    const auto* const context = static_cast<const TlsContext*>(argument);
    const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name != nullptr) {
        SSL_set_SSL_CTX(ssl, context->context(lower(name)));
    }
    return SSL_TLSEXT_ERR_OK;
}

int choose_protocol(
    SSL*,
    const unsigned char** chosen,
    unsigned char* chosen_size,
    const unsigned char* offered,
    unsigned offered_size,
    void* argument)
{
    const std::string& ours = static_cast<const TlsContext*>(argument)->alpn();
    unsigned char* match = nullptr;
    const int found = SSL_select_next_proto(
        &match,
        chosen_size,
        reinterpret_cast<const unsigned char*>(ours.data()),
        static_cast<unsigned>(ours.size()),
        offered,
        offered_size);
    *chosen = match;
    // XEP-0368 §3: who offers only other protocols is at the wrong door.
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_rules(SSL_CTX* context)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(
        context,
        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
            SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(
        context,
        SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

/// Tickets are kept by the clients: they cost the server no memory, and are good on each shard,
/// since all shards share the context.
void set_tickets(SSL_CTX* context, bool tickets)
{
    SSL_CTX_set_num_tickets(context, tickets ? 1 : 0);
    if (!tickets) {
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    }
}

Result<void> use(SSL_CTX* context, const TlsIdentity& identity, const X509List& chain)
{
    const Owned<BIO, BIO_free_all> bio{
        BIO_new_mem_buf(identity.key.data(), static_cast<int>(identity.key.size()))};
    const Owned<EVP_PKEY, EVP_PKEY_free> key{
        PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)};
    if (!key) {
        return bad_identity(identity, "no private key without a password: " + reason());
    }
    if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
        ERR_clear_error();
        return bad_identity(identity, "the private key does not belong to the certificate");
    }
    if (SSL_CTX_use_certificate(context, chain.front().get()) != 1 ||
        SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
        return bad_identity(identity, reason());
    }
    for (std::size_t i = 1; i < chain.size(); ++i) {
        SSL_CTX_add1_chain_cert(context, chain[i].get());
    }
    return {};
}

Result<std::string> read_file(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (!file) {
        return fail(Condition::item_not_found, "Cannot read " + path);
    }
    return text;
}

} // namespace

Result<TlsIdentity> TlsIdentity::load(const std::string& chain_file, const std::string& key_file)
{
    Result<std::string> chain = read_file(chain_file);
    if (!chain) {
        return fail(std::move(chain).error());
    }
    Result<std::string> key = read_file(key_file);
    if (!key) {
        return fail(std::move(key).error());
    }
    return TlsIdentity{std::move(*chain), std::move(*key), chain_file};
}

void TlsContext::FreeContext::operator()(SSL_CTX* context) const
{
    SSL_CTX_free(context);
}

TlsContext::~TlsContext() = default;

Result<TlsContext::Ptr> TlsContext::server(const Options& options)
{
    const std::shared_ptr<TlsContext> made{new TlsContext};
    made->server_ = true;
    made->alpn_ = wire_form(options.alpn);
    Result<void> added = made->add("", options.identity, options);
    for (const auto& [host, identity] : options.hosts) {
        if (added) {
            added = made->add(host, identity, options);
        }
    }
    if (!added) {
        return fail(std::move(added).error());
    }
    return Ptr{made};
}

Result<void>
TlsContext::add(const std::string& host, const TlsIdentity& identity, const Options& options)
{
    const X509List chain = read_chain(identity.chain);
    if (chain.empty()) {
        return bad_identity(identity, "no certificate in it: " + reason());
    }
    ContextPtr context{SSL_CTX_new(TLS_server_method())};
    set_rules(context.get());
    set_tickets(context.get(), options.tickets);
    if (Result<void> used = use(context.get(), identity, chain); !used) {
        return used;
    }
    if (!options.ciphers.empty() &&
        SSL_CTX_set_cipher_list(context.get(), options.ciphers.c_str()) != 1) {
        return fail(Condition::bad_request, "No such TLS ciphers: " + options.ciphers);
    }
    SSL_CTX_set_tlsext_servername_callback(context.get(), choose_host);
    SSL_CTX_set_tlsext_servername_arg(context.get(), this);
    if (!alpn_.empty()) {
        SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, this);
    }
    const auto described = certificates_.insert_or_assign(host, describe(chain.front().get()));
    SSL_CTX_set_app_data(context.get(), &described.first->second);
    contexts_.insert_or_assign(host, std::move(context));
    if (X509_cmp_current_time(X509_get0_notAfter(chain.front().get())) < 0) {
        log.warn("{}: the certificate has expired", identity.name);
    }
    return {};
}

Result<TlsContext::Ptr> TlsContext::client(const ClientOptions& options)
{
    const std::shared_ptr<TlsContext> made{new TlsContext};
    made->verify_ = options.verify;
    ContextPtr context{SSL_CTX_new(TLS_client_method())};
    set_rules(context.get());
    SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (options.trusted.empty()) {
        SSL_CTX_set_default_verify_paths(context.get());
    }
    for (const X509Ptr& trusted : read_chain(options.trusted)) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), trusted.get());
    }
    made->alpn_ = wire_form(options.alpn);
    SSL_CTX_set_alpn_protos(
        context.get(),
        reinterpret_cast<const unsigned char*>(made->alpn_.data()),
        static_cast<unsigned>(made->alpn_.size()));
    made->contexts_.emplace("", std::move(context));
    return Ptr{made};
}

SSL_CTX* TlsContext::context(std::string_view host) const
{
    const auto found = contexts_.find(host);
    return (found != contexts_.end() ? found : contexts_.find(""))->second.get();
}

const TlsCertificate& TlsContext::certificate(std::string_view host) const
{
    const auto found = certificates_.find(host);
    return (found != certificates_.end() ? found : certificates_.find(""))->second;
}

} // namespace sarang
