// SPDX-License-Identifier: Apache-2.0
// Addresses: what was made of any text is an address that reads as itself.

#include "xml/jid.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using sarang::Jid;

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

void check(const Jid& jid)
{
    require(!jid.empty() && !jid.domain().empty());
    require(
        jid.domain().size() <= Jid::max_part && jid.domain().find('/') == std::string_view::npos);
    require(jid.local().size() <= Jid::max_part);
    require(jid.local().find_first_of("\"&'/:<>@ ") == std::string_view::npos);
    require(jid.resource().size() <= Jid::max_part);
    require(jid.bare().str() == jid.bare_str());
    require(jid.host().str() == jid.domain());

    const auto again = Jid::parse(jid.str());
    require(again.has_value());
    require(*again == jid && again->hash() == jid.hash());
    require(again->local() == jid.local() && again->resource() == jid.resource());

    const auto made = Jid::make(jid.local(), jid.domain(), jid.resource());
    require(made.has_value() && *made == jid);
    if (!jid.is_bare()) {
        const auto full = jid.bare().with_resource(jid.resource());
        require(full.has_value() && *full == jid);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(bytes), size};
    const auto jid = Jid::parse(text);
    if (jid) {
        check(*jid);
    }
    sarang::JidCache cache;
    for (int i = 0; i < 2; ++i) {
        const auto cached = cache.parse(text);
        require(cached.has_value() == jid.has_value());
        require(!cached || *cached == *jid);
    }
    return 0;
}
