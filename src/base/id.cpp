// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include "base/bytes.h"
#include "base/crypto.h"

#include <array>
#include <cstdint>

namespace sarang {

std::string random_id()
{
    std::array<std::uint8_t, 16> octets;
    random_bytes(octets);
    return base64url_encode(view(octets));
}

} // namespace sarang
