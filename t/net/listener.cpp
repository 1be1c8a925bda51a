// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include "base/clock.h"
#include "net/shards.h"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "peer.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

struct Stage {
    const SystemClock clock;
    Shards shards{clock, {.count = 2}};
    std::vector<std::unique_ptr<Listener>> listeners;
    std::atomic<unsigned> accepted{0};
    std::promise<SocketAddress> first;

    Stage() { shards.start(); }

    ~Stage()
    {
        for (unsigned i = 0; i < listeners.size(); ++i) {
            shards.call(i, [this, i] { listeners[i].reset(); });
        }
    }

    SocketAddress listen(const SocketAddress& address)
    {
        std::vector<Socket> sockets = listen_at(address, shards.size()).value();
        listeners.resize(sockets.size());
        for (unsigned i = 0; i < sockets.size(); ++i) {
            shards.call(i, [&] { listeners[i] = make(std::move(sockets[i])); });
        }
        return listeners.front()->address();
    }

    std::unique_ptr<Listener> make(Socket socket)
    {
        return std::make_unique<Listener>(
            Shard::current(), std::move(socket), [this](Socket taken, const SocketAddress& peer) {
                if (accepted.fetch_add(1) == 0) {
                    first.set_value(peer);
                }
                ::send(taken.descriptor(), "!", 1, MSG_NOSIGNAL);
            });
    }
};

SocketAddress loopback(const char* ip)
{
    return SocketAddress::parse(ip, 0).value();
}

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("sarang-listener-" + std::to_string(::getpid()));

    Folder() { std::filesystem::create_directory(path); }

    ~Folder() { std::filesystem::remove_all(path); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(listener)

BOOST_AUTO_TEST_CASE(port_0_reports_one_port_that_all_shards_share)
{
    for (const char* ip : {"127.0.0.1", "::1"}) {
        Stage stage;
        const SocketAddress address = stage.listen(loopback(ip));
        BOOST_TEST(address.port() != 0);
        BOOST_TEST(address.ip() == ip);
        BOOST_TEST((stage.listeners[1]->address() == address));
        for (int i = 0; i < 20; ++i) {
            Peer peer = Peer::connect(address);
            BOOST_TEST(peer.receive(1) == "!");
        }
        BOOST_TEST(stage.accepted == 20U);
        BOOST_TEST(stage.first.get_future().get().ip() == ip);
    }
}

BOOST_AUTO_TEST_CASE(ipv6_leaves_the_port_free_for_ipv4)
{
    const std::vector<Socket> six = listen_at(loopback("::"), 1).value();
    SocketAddress four = loopback("0.0.0.0");
    four.port(six.front().own_address().port());
    BOOST_TEST(listen_at(four, 1).has_value());
}

BOOST_AUTO_TEST_CASE(an_address_that_is_taken_is_named)
{
    Socket other = Socket::open(SocketAddress::Family::ipv4).value();
    sockaddr_storage system;
    const socklen_t size = loopback("127.0.0.1").to(system);
    BOOST_REQUIRE(
        ::bind(other.descriptor(), reinterpret_cast<sockaddr*>(&system), size) == 0 &&
        ::listen(other.descriptor(), 1) == 0);
    const Result<std::vector<Socket>> refused = listen_at(other.own_address(), 2);
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().text.find(other.own_address().str()) != std::string::npos);
    BOOST_TEST(refused.error().text.find("in use") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(accepted_sockets_send_without_delay)
{
    std::promise<int> delayed;
    const SystemClock clock;
    Shards shards{clock, {.count = 1}};
    shards.start();
    std::unique_ptr<Listener> listener;
    std::vector<Socket> sockets = listen_at(loopback("127.0.0.1"), 1).value();
    shards.call(0, [&] {
        listener = std::make_unique<Listener>(
            Shard::current(),
            std::move(sockets.front()),
            [&delayed](Socket socket, const SocketAddress&) {
                int on = 0;
                socklen_t size = sizeof on;
                ::getsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, &size);
                delayed.set_value(on);
            });
    });
    const Peer peer = Peer::connect(listener->address());
    BOOST_TEST(delayed.get_future().get() == 1);
    shards.call(0, [&] { listener.reset(); });
}

BOOST_AUTO_TEST_CASE(a_unix_socket_is_private_and_tells_who_comes)
{
    const Folder folder;
    const SocketAddress address = SocketAddress::local((folder.path / "ctl").string()).value();
    std::promise<Socket::Credentials> credentials;
    const SystemClock clock;
    Shards shards{clock, {.count = 2}};
    shards.start();
    std::unique_ptr<Listener> listener;
    std::vector<Socket> sockets = listen_at(address, shards.size()).value();
    BOOST_REQUIRE_EQUAL(sockets.size(), 1U);

    struct stat found {};

    BOOST_REQUIRE_EQUAL(::stat(address.path().c_str(), &found), 0);
    BOOST_TEST((found.st_mode & 0777) == 0600U);
    shards.call(0, [&] {
        listener = std::make_unique<Listener>(
            Shard::current(),
            std::move(sockets.front()),
            [&credentials](Socket socket, const SocketAddress&) {
                credentials.set_value(socket.credentials().value());
            });
    });
    const Peer peer = Peer::connect(address);
    const Socket::Credentials who = credentials.get_future().get();
    BOOST_TEST(who.user == ::getuid());
    BOOST_TEST(who.process == ::getpid());
    shards.call(0, [&] { listener.reset(); });
    BOOST_TEST(!std::filesystem::exists(address.path()));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_left_behind_is_replaced_but_one_in_use_is_not)
{
    const Folder folder;
    const SocketAddress address = SocketAddress::local((folder.path / "ctl").string()).value();
    {
        const std::vector<Socket> left_behind = listen_at(address, 1).value();
        BOOST_TEST(!listen_at(address, 1).has_value());
    }
    BOOST_TEST(std::filesystem::exists(address.path()));
    BOOST_TEST(listen_at(address, 1).has_value());
    const SocketAddress file = SocketAddress::local((folder.path / "file").string()).value();
    std::ofstream{file.path()} << "precious";
    BOOST_TEST(!listen_at(file, 1).has_value());
    BOOST_TEST(std::filesystem::exists(file.path()));
}

BOOST_AUTO_TEST_CASE(without_descriptors_accepting_pauses_and_resumes)
{
    Stage stage;
    const SocketAddress address = stage.listen(loopback("127.0.0.1"));
    const auto total = [&stage](const Counter& (Listener::*counter)() const) {
        std::uint64_t sum = 0;
        for (const auto& listener : stage.listeners) {
            sum += (*listener.*counter)().value();
        }
        return sum;
    };
    Peer peer{Socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}};
    rlimit before{};
    BOOST_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(peer.socket().descriptor()) + 1;
    BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &none), 0);
    sockaddr_storage system;
    const socklen_t size = address.to(system);
    const int connected =
        ::connect(peer.socket().descriptor(), reinterpret_cast<const sockaddr*>(&system), size);
    while (connected == 0 && total(&Listener::starvations) < 2) {
        ::usleep(1000);
    }
    const std::uint64_t accepted = total(&Listener::accepted);
    ::setrlimit(RLIMIT_NOFILE, &before);
    BOOST_REQUIRE_EQUAL(connected, 0);
    BOOST_TEST(accepted == 0U);
    BOOST_TEST(peer.receive(1) == "!");
    BOOST_TEST(total(&Listener::accepted) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
