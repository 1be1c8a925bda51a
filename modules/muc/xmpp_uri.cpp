// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/xmpp_uri.h"

#include "base/bytes.h"

#include <optional>
#include <string>
#include <utility>

namespace sarang::muc {
namespace {

// RFC 3986 §2.1; nothing for what is none.
std::optional<std::string> percent_decoded(std::string_view text)
{
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            decoded += text[at];
            continue;
        }
        const auto byte = hex_decode(text.substr(at + 1, 2));
        if (!byte || byte->size() != 1) {
            return std::nullopt;
        }
        decoded += *byte;
        at += 2;
    }
    return decoded;
}

} // namespace

Jid address_in(std::string_view uri)
{
    constexpr std::string_view scheme = "xmpp:";
    if (!uri.starts_with(scheme) || uri.starts_with("xmpp://")) {
        return {};
    }
    uri.remove_prefix(scheme.size());
    const auto text = percent_decoded(uri.substr(0, uri.find_first_of("?#")));
    Result<Jid> address = text ? Jid::parse(*text) : Result<Jid>{Jid{}};
    return address ? std::move(*address) : Jid{};
}

} // namespace sarang::muc
