// SPDX-License-Identifier: Apache-2.0
// XEP-0092: Software Version.
//
// Tells which software serves the domain; not on which system, which is nobody's business.

#include "core/module.h"

namespace sarang {
namespace {

constexpr auto ns = "jabber:iq:version"sv;

class Version final : public Module {
public:
    explicit Version(Host& host)
        : Module{host}
    {
        feature(ns);
        iq(Iq::get, Scope::host, ns, "query", &Version::tell);
    }

private:
    Result<Element> tell(const HostRequest&)
    {
        Element reply{ns, "query"};
        reply.add("name").text("sarang");
        reply.add("version").text(PACKAGE_VERSION);
        return reply;
    }
};

} // namespace
} // namespace sarang

SARANG_MODULE(sarang::Version)
