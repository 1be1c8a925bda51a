// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/xmpp_uri.h"

#include <boost/test/unit_test.hpp>

#include <string_view>

namespace sarang::muc {

BOOST_AUTO_TEST_SUITE(muc_xmpp_uri)

BOOST_AUTO_TEST_CASE(a_uri_names_an_address)
{
    const struct {
        std::string_view uri;
        std::string_view address;
    } cases[] = {
        {"xmpp:hag66@shakespeare.lit", "hag66@shakespeare.lit"},
        {"xmpp:Hag66@Shakespeare.LIT/pda?message;body=x", "hag66@shakespeare.lit/pda"},
        {"xmpp:coven@chat.lit/second%20witch#there", "coven@chat.lit/second witch"},
        {"xmpp:coven@chat.lit/%EC%95%88%eb%85%95", "coven@chat.lit/안녕"},
        {"xmpp:nasty%5C20node@chat.lit", "nasty\\20node@chat.lit"},
        {"xmpp:", ""},
        {"xmpp:@", ""},
        {"xmpp:a@b%", ""},
        {"xmpp:a@b%2", ""},
        {"xmpp:a@b%zz", ""},
        {"xmpp:a@b/%ff", ""},
        {"xmpp://guest@chat.lit/hag66@shakespeare.lit", ""},
        {"mailto:hag66@shakespeare.lit", ""},
        {"hag66@shakespeare.lit", ""},
        {"", ""},
    };

    for (const auto& [uri, address] : cases) {
        BOOST_TEST(address_in(uri).str() == address, uri);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::muc
