// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/burials.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace sarang {

BOOST_AUTO_TEST_SUITE(mam_burials)

BOOST_AUTO_TEST_CASE(what_is_still_to_be_buried_comes_back_as_it_was)
{
    const Clock::Wall time{std::chrono::milliseconds{1'700'000'000'123}};
    const Jid from = Jid::parse("romeo@montague.example").value();
    const Burials burials{
        {"romeo@montague.example", "m1", {from, "m2", time}},
        {"nurse@capulet.example", "", {from, "", Clock::Wall{}}},
    };
    const std::string bytes = Codec<Burials>::encode(burials);
    BOOST_TEST((Codec<Burials>::decode(bytes) == burials));
    BOOST_TEST((Codec<Burials>::decode(Codec<Burials>::encode({})) == Burials{}));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BOOST_TEST(!Codec<Burials>::decode(bytes.substr(0, size)).has_value());
    }
    BOOST_TEST(!Codec<Burials>::decode(bytes + "x").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
