// SPDX-License-Identifier: Apache-2.0
#include "transport/tls_commands.h"

#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace sarang {
namespace {

Json described(const std::string& host, const TlsCertificate& certificate)
{
    const auto expires = std::chrono::floor<std::chrono::seconds>(certificate.not_after);
    Json names = Json::array();
    for (const std::string& name : certificate.names) {
        names.add(name);
    }
    Json row;
    row.set("host", host)
        .set("subject", certificate.subject)
        .set("issuer", certificate.issuer)
        .set("names", std::move(names))
        .set("expires", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", expires))
        .set("fingerprint", certificate.fingerprint);
    return row;
}

} // namespace

TlsCommands::TlsCommands(CommandRegistry& registry, C2s& c2s)
    : c2s_{c2s}
{
    registered_.push_back(registry.add(
        CommandSpec{"tls list", "Lists the certificates in use.", Permission::read},
        *this,
        &TlsCommands::list));
    registered_.push_back(registry.add(
        CommandSpec{
            "tls reload",
            "Reads the certificates again; for new connections.",
            Permission::operate},
        *this,
        &TlsCommands::reload));
}

Task<Result<Json>> TlsCommands::list(CommandCall& call)
{
    const TlsContext::Ptr tls = c2s_.tls();
    for (const auto& [host, certificate] : tls->certificates()) {
        if (!host.empty()) {
            co_await ok(call.caller().send(described(host, certificate)));
        }
    }
    co_return Json{};
}

Task<Result<Json>> TlsCommands::reload(CommandCall&)
{
    co_await ok(c2s_.reload_certificates());
    Json result;
    result.set("reloaded", c2s_.tls()->certificates().size() - 1);
    co_return result;
}

} // namespace sarang
