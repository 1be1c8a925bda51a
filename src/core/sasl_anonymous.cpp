// SPDX-License-Identifier: Apache-2.0
// ANONYMOUS (RFC 4505, XEP-0175). What the client says of itself is not looked at.
#include "base/crypto.h"
#include "core/sasl_conversation.h"

#include <array>

namespace sarang {
namespace {

/// A random UUID (RFC 4122 §4.4), in lower case: a local part that is normalised already.
std::string random_uuid()
{
    std::array<std::uint8_t, 16> octets;
    random_bytes(octets);
    octets[6] = static_cast<std::uint8_t>((octets[6] & 0x0f) | 0x40);
    octets[8] = static_cast<std::uint8_t>((octets[8] & 0x3f) | 0x80);
    std::string text = hex_encode(view(octets));
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
        text.insert(dash, 1, '-');
    }
    return text;
}

class AnonymousConversation final : public SaslConversation {
public:
    Task<SaslStep> answer(std::string_view) override
    {
        co_return SaslSuccess{random_uuid(), {}, true};
    }
};

} // namespace

std::unique_ptr<SaslConversation> make_anonymous()
{
    return std::make_unique<AnonymousConversation>();
}

} // namespace sarang
