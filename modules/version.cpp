// SPDX-License-Identifier: Apache-2.0
// XEP-0092: Software Version. Tells what serves the domain, not on which system it runs.
#include "core/module.h"

namespace sarang {

class Version final : public Module {
public:
    explicit Version(Host& host)
        : Module{host}
    {
        feature("jabber:iq:version");
        iq(Iq::get, Scope::host, "jabber:iq:version", "query", &Version::tell);
    }

private:
    Result<Element> tell(const HostRequest& request)
    {
        Element reply{request.child.ns(), request.child.name()};
        reply.add("name").text("sarang");
        reply.add("version").text(PACKAGE_VERSION);
        return reply;
    }
};

} // namespace sarang

SARANG_MODULE(sarang::Version)
