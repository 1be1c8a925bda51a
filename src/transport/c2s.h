// SPDX-License-Identifier: Apache-2.0
// C2s: how clients reach the server over TCP (RFC 6120, XEP-0368): the listening sockets and the
// certificates, over all shards. Built by main, used on shard 0 once the shards run.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"
#include "core/command.h"
#include "core/server.h"
#include "net/tls.h"
#include "transport/c2s_shard.h"

#include <memory>
#include <string>
#include <vector>

namespace sarang {

class SARANG_API C2s {
public:
    explicit C2s(Server& server);
    ~C2s();
    C2s(const C2s&) = delete;
    C2s& operator=(const C2s&) = delete;

    Server& server() { return server_; }

    C2sShard& shard(unsigned index) { return *shards_[index]; }

    /// Loads certificates and binds sockets; the text says what is wrong.
    Result<void> prepare();
    /// Begins to accept. The shards run. Returns the addresses, with their real ports.
    std::vector<std::string> start();
    /// Accepts no more. The shards run.
    void stop_listening();
    /// Tells those who have not logged in that the server ends. The shards run.
    void end_logins();

    // On shard 0.

    /// Gives the clients time to read what was said last, and drops the streams.
    Task<void> close();

    /// Reads the certificates again; connections from now on get them.
    Task<Result<void>> reload_certificates();

    const TlsContext::Ptr& tls() const { return tls_; }

    /// After a new configuration was taken over by the core.
    Task<std::vector<OptionChange>> configure();

private:
    struct Endpoint {
        std::vector<Socket> sockets;
        bool direct_tls;
    };

    Result<TlsContext::Ptr> load_certificates();
    Result<void> bind(const std::vector<std::string>& addresses, bool direct_tls);

    Server& server_;
    TlsContext::Ptr tls_;
    std::vector<Endpoint> endpoints_;
    std::vector<std::unique_ptr<C2sShard>> shards_;
};

} // namespace sarang
