// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include "base/refcount.h"
#include "net/listener.h"
#include "net/output.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "stage.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

class Text final : public Refcounted {
public:
    static Ref<Text> make(std::string text) { return Ref<Text>::adopt(new Text{std::move(text)}); }

    static void dispose(const Text* text) { delete text; }

    const std::string text;

private:
    explicit Text(std::string words)
        : text{std::move(words)}
    {}
};

/// Says what it hears, and counts those of its kind that have not been written yet.
struct Echo final : ConnectionEvents {
    Echo(Socket socket, std::vector<std::unique_ptr<Echo>>& others)
        : connection{Shard::current(), std::move(socket), *this}
        , all{others}
    {}

    void on_bytes(std::string_view bytes) override
    {
        connection.append(bytes);
        const auto unwritten = [](const auto& echo) { return echo->connection.queued() != 0; };
        most_unwritten = static_cast<std::size_t>(std::ranges::count_if(all, unwritten));
    }

    void on_closed(CloseReason, std::string_view) override {}

    Connection connection;
    std::vector<std::unique_ptr<Echo>>& all;
    std::size_t most_unwritten = 0;
};

/// Carries the connection of a recorder to another shard.
class Move final : public Mail {
public:
    Move(std::unique_ptr<Connection> connection, Recorder& recorder, std::promise<void>& done)
        : connection_{std::move(connection)}
        , recorder_{recorder}
        , done_{done}
    {}

    void open(Shard& here) override
    {
        recorder_.connection = std::move(connection_);
        recorder_.connection->attach(here);
        done_.set_value();
    }

private:
    std::unique_ptr<Connection> connection_;
    Recorder& recorder_;
    std::promise<void>& done_;
};

void move_to(unsigned shard, Recorder& recorder, std::promise<void>& done)
{
    recorder.connection->detach();
    Shard::current().send(
        shard, std::make_unique<Move>(std::move(recorder.connection), recorder, done));
}

} // namespace

BOOST_AUTO_TEST_SUITE(connection)

BOOST_AUTO_TEST_CASE(bytes_go_both_ways)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    peer.send("to the server");
    BOOST_TEST(stage.near.await_bytes(13) == "to the server");
    stage.on_shard([&] {
        stage.near.connection->append("to ");
        stage.near.connection->out() += "the ";
        const Ref<Text> shared = Text::make(std::string(5000, 'x'));
        stage.near.connection->append(SharedBytes{shared->text, shared});
        stage.near.connection->append("client");
        BOOST_TEST(stage.near.connection->queued() == 5013U);
    });
    BOOST_TEST((peer.receive(5013) == "to the " + std::string(5000, 'x') + "client"));
    BOOST_TEST(stage.on_shard([&] { return stage.near.connection->queued(); }) == 0U);
}

BOOST_AUTO_TEST_CASE(a_connection_is_opened_and_refused)
{
    ConnectionStage stage;
    std::vector<Socket> listening =
        listen_at(SocketAddress::parse("127.0.0.1:0").value(), 1).value();
    const SocketAddress address = listening.front().own_address();
    const auto open = [&] {
        stage.near.connection = Connection::connect(Shard::current(), address, stage.near).value();
        stage.near.connection->append("at once");
    };
    stage.on_shard(open);
    stage.near.await_connected();
    Socket accepted;
    while (!accepted) {
        accepted =
            Socket{::accept4(listening.front().descriptor(), nullptr, nullptr, SOCK_CLOEXEC)};
    }
    Peer peer{std::move(accepted)};
    BOOST_TEST(peer.receive(7) == "at once");
    peer.close();
    BOOST_TEST((stage.near.await_closed() == CloseReason::ended));
    listening.clear();
    Recorder refused;
    stage.on_shard([&] {
        refused.connection = Connection::connect(Shard::current(), address, refused).value();
    });
    BOOST_TEST((refused.await_closed() == CloseReason::reset));
    BOOST_TEST(refused.detail() == "Connection refused");
}

BOOST_AUTO_TEST_CASE(a_paused_connection_reads_nothing_until_it_resumes)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    stage.on_shard([&] { stage.near.connection->reading(false); });
    peer.send("later");
    stage.on_shard([] {});
    stage.on_shard([] {});
    BOOST_TEST(stage.near.bytes().empty());
    stage.on_shard([&] { stage.near.connection->reading(true); });
    BOOST_TEST(stage.near.await_bytes(5) == "later");
}

BOOST_AUTO_TEST_CASE(what_a_slow_peer_leaves_waits_and_arrives_whole)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    const std::string large(16 * 1024 * 1024, 'y');
    stage.append(large);
    stage.on_shard([] {});
    BOOST_TEST(stage.on_shard([&] { return stage.near.connection->queued(); }) > 0U);
    stage.append("end");
    BOOST_TEST((peer.receive(large.size() + 3) == large + "end"));
    stage.near.await_drained();
    BOOST_TEST(stage.on_shard([&] { return stage.near.connection->queued(); }) == 0U);
    peer.send("still here");
    stage.near.await_bytes(10);
}

BOOST_AUTO_TEST_CASE(finishing_writes_all_and_waits_for_the_peer)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    const std::string large(8 * 1024 * 1024, 'z');
    stage.on_shard([&] {
        stage.near.connection->append(large);
        stage.near.connection->append("</stream:stream>");
        stage.near.connection->finish(30s);
    });
    peer.send("too late");
    BOOST_TEST((peer.receive_rest() == large + "</stream:stream>"));
    peer.close();
    BOOST_TEST((stage.near.await_closed() == CloseReason::finished));
    BOOST_TEST(stage.near.bytes().empty());
}

BOOST_AUTO_TEST_CASE(a_peer_that_closes_first_still_gets_the_rest)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    stage.near.then_bytes = [&](std::string_view) {
        stage.near.connection->append("goodbye");
        stage.near.connection->finish();
    };
    peer.send("</stream:stream>");
    peer.end();
    BOOST_TEST(peer.receive_rest() == "goodbye");
    BOOST_TEST((stage.near.await_closed() == CloseReason::finished));
}

BOOST_AUTO_TEST_CASE(lingering_is_bounded)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    stage.on_shard([&] {
        stage.near.connection->append(std::string(8 * 1024 * 1024, 'z'));
        stage.near.connection->finish(20ms);
    });
    BOOST_TEST((stage.near.await_closed() == CloseReason::finished));
}

BOOST_AUTO_TEST_CASE(the_end_and_a_reset_are_told_apart)
{
    {
        ConnectionStage stage;
        Peer peer = stage.connect();
        peer.close();
        BOOST_TEST((stage.near.await_closed() == CloseReason::ended));
    }
    ConnectionStage stage;
    Peer peer = stage.connect();
    const linger hard{1, 0};
    ::setsockopt(peer.socket().descriptor(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    peer.close();
    BOOST_TEST((stage.near.await_closed() == CloseReason::reset));
    BOOST_TEST(stage.near.detail() == "Connection reset by peer");
}

BOOST_AUTO_TEST_CASE(aborting_resets_and_says_nothing)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    stage.on_shard([&] {
        stage.near.connection->append("lost");
        stage.near.connection->abort();
        stage.near.connection->append("nowhere");
        stage.near.connection->finish();
        stage.near.connection->reading(false);
        stage.near.connection->reading(true);
    });
    char byte = 0;
    BOOST_TEST(::recv(peer.socket().descriptor(), &byte, 1, 0) == -1);
    BOOST_TEST(errno == ECONNRESET);
}

BOOST_AUTO_TEST_CASE(the_owner_may_destroy_it_in_any_event)
{
    {
        ConnectionStage stage;
        Peer peer = stage.connect();
        stage.near.then_bytes = [&](std::string_view) { stage.near.connection.reset(); };
        peer.send("x");
        BOOST_TEST(peer.receive_rest().empty());
    }
    {
        ConnectionStage stage;
        Peer peer = stage.connect();
        stage.near.then_drained = [&] { stage.near.connection.reset(); };
        stage.append(std::string(16 * 1024 * 1024, 'x'));
        BOOST_TEST(peer.receive_rest().size() == 16U * 1024 * 1024);
    }
    ConnectionStage stage;
    Peer peer = stage.connect();
    stage.on_shard([&] {
        stage.near.connection->append("dropped");
        stage.near.connection.reset();
    });
    BOOST_TEST(peer.receive_rest().empty());
}

BOOST_AUTO_TEST_CASE(an_exception_of_the_owner_ends_the_connection_alone)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    stage.near.then_bytes = [](std::string_view) { throw std::runtime_error{"no memory"}; };
    peer.send("x");
    BOOST_TEST((stage.near.await_closed() == CloseReason::reset));
    BOOST_TEST(stage.near.detail() == "no memory");
    stage.on_shard([] {});
}

BOOST_AUTO_TEST_CASE(it_moves_to_another_shard_and_back_with_its_output)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    const std::string large(8 * 1024 * 1024, 'm');
    std::promise<void> moved;
    std::promise<void> back;
    stage.near.then_bytes = [&](std::string_view) {
        const unsigned here = Shard::current().index();
        stage.near.connection->append(large);
        move_to(1 - here, stage.near, here == 0 ? moved : back);
    };
    peer.send("over");
    moved.get_future().wait();
    stage.shards.call(1, [&] {
        BOOST_TEST(stage.near.connection->shard().index() == 1U);
        stage.near.connection->append("on shard 1");
    });
    peer.send("back");
    back.get_future().wait();
    BOOST_TEST(stage.near.await_bytes(8) == "overback");
    stage.append("on shard 0");
    const std::string all = peer.receive(2 * large.size() + 20);
    BOOST_TEST((all == large + "on shard 1" + large + "on shard 0"));
    stage.near.then_bytes = nullptr;
}

BOOST_AUTO_TEST_CASE(it_moves_while_it_is_paused)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    std::promise<void> moved;
    std::promise<void> back;
    stage.on_shard([&] {
        stage.near.connection->reading(false);
        move_to(1, stage.near, moved);
    });
    moved.get_future().wait();
    peer.send("x");
    stage.shards.call(1, [] {});
    BOOST_TEST(stage.near.bytes().empty());
    stage.shards.call(1, [&] { stage.near.connection->reading(true); });
    stage.near.await_bytes(1);
    stage.shards.call(1, [&] { move_to(0, stage.near, back); });
    back.get_future().wait();
}

BOOST_AUTO_TEST_CASE(unacknowledged_data_has_its_time_limit)
{
    ConnectionStage stage;
    const Peer peer = stage.connect();
    const unsigned timeout = stage.on_shard([&] {
        stage.near.connection->user_timeout(90s);
        unsigned value = 0;
        socklen_t size = sizeof value;
        const int descriptor = stage.near.connection->socket().descriptor();
        ::getsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &size);
        return value;
    });
    BOOST_TEST(timeout == 90'000U);
}

BOOST_AUTO_TEST_CASE(what_few_said_is_answered_before_the_next_are_heard)
{
    constexpr std::size_t peers = 100;
    constexpr std::size_t together = 32;
    ConnectionStage stage;
    std::vector<std::unique_ptr<Echo>> echoes;
    std::vector<Peer> far;
    for (std::size_t i = 0; i < peers; ++i) {
        std::pair<Socket, Peer> pair = connected_pair();
        stage.on_shard(
            [&] { echoes.push_back(std::make_unique<Echo>(std::move(pair.first), echoes)); });
        far.push_back(std::move(pair.second));
    }
    stage.on_shard([&] {
        for (Peer& peer : far) {
            peer.send("hello"); // all of it is there when the shard looks next
        }
    });
    for (Peer& peer : far) {
        BOOST_TEST(peer.receive(5) == "hello");
    }
    std::size_t most = 0;
    stage.on_shard([&] {
        for (const auto& echo : echoes) {
            most = std::max(most, echo->most_unwritten);
        }
        echoes.clear();
    });
    BOOST_TEST(most == together);
}

BOOST_AUTO_TEST_CASE(an_idle_connection_holds_no_buffer)
{
    ConnectionStage stage;
    Peer peer = stage.connect();
    BOOST_TEST(sizeof(Connection) <= 112U);
    stage.append("answer");
    peer.receive(6);
    // What it wrote from is the shard's again, for the next one.
    const void* const before = stage.on_shard([&] {
        std::unique_ptr<Output> pooled = Shard::current().take_output();
        const void* const address = pooled.get();
        Shard::current().give_back(std::move(pooled));
        return address;
    });
    const void* const used =
        stage.on_shard([&]() -> const void* { return &stage.near.connection->out(); });
    BOOST_TEST(before == used);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
