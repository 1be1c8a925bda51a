// SPDX-License-Identifier: Apache-2.0
#include "net/socket.h"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

namespace sarang {

BOOST_AUTO_TEST_SUITE(socket)

BOOST_AUTO_TEST_CASE(a_socket_closes_with_its_owner)
{
    int descriptor = -1;
    {
        Socket socket = Socket::open(SocketAddress::Family::ipv4).value();
        descriptor = socket.descriptor();
        const Socket moved = std::move(socket);
        BOOST_TEST(::fcntl(descriptor, F_GETFD) == FD_CLOEXEC);
        BOOST_TEST((::fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0);
    }
    BOOST_TEST(::fcntl(descriptor, F_GETFD) == -1);
}

BOOST_AUTO_TEST_CASE(both_ends_know_their_addresses)
{
    auto [near, peer] = connected_pair();
    BOOST_TEST(near.peer_address().str() == peer.socket().own_address().str());
    BOOST_TEST(near.own_address().str() == peer.socket().peer_address().str());
    BOOST_TEST(near.own_address().ip() == "127.0.0.1");
    BOOST_TEST(!near.credentials().has_value());
    BOOST_TEST((Socket{}.peer_address().family() == SocketAddress::Family::none));
}

BOOST_AUTO_TEST_CASE(the_descriptor_limit_is_raised_to_the_hard_one)
{
    rlimit before{};
    BOOST_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit low = before;
    low.rlim_cur = before.rlim_max / 2;
    BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &low), 0);
    BOOST_TEST(raise_descriptor_limit() == before.rlim_max);
    rlimit after{};
    ::getrlimit(RLIMIT_NOFILE, &after);
    BOOST_TEST(after.rlim_cur == before.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &before);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
