// SPDX-License-Identifier: Apache-2.0
// What is kept of sessions while the server is down: damaged bytes are refused, or read as other
// sound ones, which come back as they went.

#include "core/saved_session.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const std::string_view kept{reinterpret_cast<const char*>(bytes), size};
    if (const auto saved = sarang::decode_sessions(kept)) {
        const std::string again = encode(*saved);
        const auto back = sarang::decode_sessions(again);
        require(back && encode(*back) == again);
    }
    if (const auto ends = sarang::decode_ends(kept)) {
        require(encode(*ends) == kept);
    }
    return 0;
}
