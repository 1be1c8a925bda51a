// SPDX-License-Identifier: Apache-2.0
// XEP-0199: XMPP Ping. Answers pings to the domain and to one's own account.
#include "core/module.h"

namespace sarang {

class Ping final : public Module {
public:
    explicit Ping(Host& host)
        : Module{host}
    {
        constexpr auto ns = "urn:xmpp:ping"sv;
        feature(ns);
        iq(Iq::get, Scope::host, ns, "ping", &Ping::pong<HostRequest>);
        iq(Iq::get, Scope::account, ns, "ping", &Ping::pong<IqRequest>);
    }

private:
    template <class Request>
    Result<void> pong(const Request&)
    {
        return Result<void>();
    }
};

} // namespace sarang

SARANG_MODULE(sarang::Ping)
