// SPDX-License-Identifier: Apache-2.0
// TlsContext: certificates, keys and rules for new TLS connections, as one immutable snapshot
// that all shards share; a reload makes a new one for the connections that come after it.
#pragma once

#include "base/api.h"
#include "base/result.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct x509_st X509;

namespace sarang {

/// A certificate chain with its key, as PEM text.
struct TlsIdentity {
    std::string chain;
    std::string key;
    std::string name; ///< for messages: where it came from

    /// Reads both files.
    static SARANG_API Result<TlsIdentity>
    load(const std::string& chain_file, const std::string& key_file);
};

/// What there is to say about a certificate.
struct TlsCertificate {
    std::string subject;
    std::string issuer;
    std::vector<std::string> names; ///< DNS names that it is good for
    std::chrono::system_clock::time_point not_before;
    std::chrono::system_clock::time_point not_after;
    std::string fingerprint; ///< SHA-256, in hex
    /// RFC 5929 §4.1; empty where the signature's algorithm leaves it undefined.
    std::string end_point;
};

class SARANG_API TlsContext {
public:
    using Ptr = std::shared_ptr<const TlsContext>;

    struct Options {
        TlsIdentity identity = {};                     ///< for hosts without their own
        std::map<std::string, TlsIdentity> hosts = {}; ///< by lower-case host name (SNI)
        std::vector<std::string> alpn = {};            ///< who offers others only is refused
        std::string ciphers = {};                      ///< for TLS 1.2; empty: the default
        bool tickets = true;                           ///< lets clients resume
    };

    struct ClientOptions {
        std::string trusted = {}; ///< PEM; empty: the system's
        bool verify = true;
        std::vector<std::string> alpn = {};
    };

    static Result<Ptr> server(const Options& options);
    static Result<Ptr> client(const ClientOptions& options);

    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    bool is_server() const { return server_; }

    /// That of a host, or the default one. Requires is_server().
    const TlsCertificate& certificate(std::string_view host) const;

    /// By host name; the default one has the empty name.
    const std::map<std::string, TlsCertificate, std::less<>>& certificates() const
    {
        return certificates_;
    }

    /// The one that `host` is served with. Requires the lower-case name.
    SSL_CTX* context(std::string_view host) const;

    /// In the form of the protocol: each name after its length.
    const std::string& alpn() const { return alpn_; }

    /// Whether a trusted certificate must name whom a client wants to reach.
    bool verifies() const { return verify_; }

private:
    struct FreeContext {
        void operator()(SSL_CTX* context) const;
    };

    using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;

    TlsContext() = default;
    Result<void> add(const std::string& host, const TlsIdentity& identity, const Options& options);

    bool server_ = false;
    bool verify_ = false;
    std::string alpn_;
    std::map<std::string, ContextPtr, std::less<>> contexts_;
    std::map<std::string, TlsCertificate, std::less<>> certificates_;
};

} // namespace sarang
