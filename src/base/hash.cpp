// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

namespace sarang {

// FNV-1a over the bytes, then the finaliser of MurmurHash3: FNV alone leaves its high bits poorly
// mixed for short names. t/base/hash.cpp holds the vectors that freeze it.
std::uint64_t frozen_hash(std::string_view bytes)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : bytes) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccd;
    hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53;
    return hash ^ (hash >> 33U);
}

} // namespace sarang
