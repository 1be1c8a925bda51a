// SPDX-License-Identifier: Apache-2.0
#include "net/tls_session.h"

#include <boost/test/unit_test.hpp>
#include <openssl/x509v3.h>

#include <fcntl.h>
#include <memory>
#include <string>
#include <unistd.h>

#include "../fake/certificate.h"
#include "stage.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr const char* xmpp_alpn = "\x0bxmpp-client";

TlsContext::Options server_options()
{
    TlsContext::Options options;
    options.identity = make_identity({.names = {"localhost"}});
    options.hosts["two.example"] = make_identity({.names = {"two.example"}, .hash = "SHA384"});
    options.alpn = {"xmpp-client"};
    return options;
}

struct TlsStage : ConnectionStage {
    TlsContext::Ptr context = TlsContext::server(server_options()).value();

    /// A connection that awaits TLS from the start.
    TlsPeer secure(TlsPeer::Options options = {})
    {
        Peer peer = connect();
        on_shard([&] { near.connection->start_tls(context); });
        return TlsPeer{std::move(peer), std::move(options)};
    }

    template <class Query>
    auto ask(Query query)
    {
        near.await_established();
        return on_shard([&] { return query(*near.connection->tls()); });
    }
};

class Move final : public Mail {
public:
    Move(std::unique_ptr<Connection> connection, Recorder& recorder)
        : connection_{std::move(connection)}
        , recorder_{recorder}
    {}

    void open(Shard& here) override
    {
        recorder_.connection = std::move(connection_);
        recorder_.connection->attach(here);
    }

private:
    std::unique_ptr<Connection> connection_;
    Recorder& recorder_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(tls_session)

BOOST_AUTO_TEST_CASE(both_versions_of_tls_carry_bytes_both_ways)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsStage stage;
        TlsPeer peer = stage.secure({.version = version});
        BOOST_REQUIRE(peer.shake_hands());
        peer.send("ping");
        BOOST_TEST(stage.near.await_bytes(4) == "ping");
        stage.append("pong");
        BOOST_TEST(peer.receive(4) == "pong");
        BOOST_TEST(stage.ask([](const TlsSession& tls) {
            return std::string{tls.version()};
        }) == SSL_get_version(peer.ssl()));
        BOOST_TEST(stage.ask([](const TlsSession& tls) {
            return std::string{tls.cipher()};
        }) == SSL_get_cipher_name(peer.ssl()));
    }
}

BOOST_AUTO_TEST_CASE(older_versions_are_refused)
{
    TlsStage stage;
    TlsPeer peer = stage.secure({.version = TLS1_1_VERSION});
    BOOST_TEST(!peer.shake_hands());
    BOOST_TEST((stage.near.await_closed() == CloseReason::tls));
    BOOST_TEST(!stage.near.detail().empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_tls_is_refused)
{
    TlsStage stage;
    Peer peer = stage.connect();
    stage.on_shard([&] { stage.near.connection->start_tls(stage.context); });
    peer.send("<?xml version='1.0'?><stream:stream>");
    BOOST_TEST((stage.near.await_closed() == CloseReason::tls));
}

BOOST_AUTO_TEST_CASE(starttls_begins_behind_the_output_so_far)
{
    TlsStage stage;
    Peer peer = stage.connect();
    stage.near.then_bytes = [&](std::string_view) {
        stage.near.then_bytes = nullptr;
        stage.near.connection->append("<proceed/>");
        stage.near.connection->start_tls(stage.context);
        stage.near.connection->append("secret greeting");
    };
    peer.send("<starttls/>");
    BOOST_TEST(peer.receive(10) == "<proceed/>");
    TlsPeer secure{std::move(peer)};
    BOOST_REQUIRE(secure.shake_hands());
    BOOST_TEST(secure.receive(15) == "secret greeting");
}

BOOST_AUTO_TEST_CASE(plaintext_pipelined_behind_starttls_is_not_taken_for_secured)
{
    TlsStage stage;
    Peer peer = stage.connect();
    stage.near.then_bytes = [&](std::string_view) {
        stage.near.then_bytes = nullptr;
        stage.near.connection->append("<proceed/>");
        stage.near.connection->start_tls(stage.context);
    };
    peer.send("<starttls/><injected/>");
    BOOST_TEST(peer.receive(10) == "<proceed/>");
    TlsPeer secure{std::move(peer)};
    BOOST_REQUIRE(secure.shake_hands());
    secure.send("<own/>");
    BOOST_TEST(stage.near.await_bytes(28) == "<starttls/><injected/><own/>");
}

BOOST_AUTO_TEST_CASE(bytes_that_were_meant_for_tls_can_be_given_to_it)
{
    TlsStage stage;
    Peer peer = stage.connect();
    stage.near.then_bytes = [&](std::string_view bytes) {
        stage.near.then_bytes = nullptr;
        stage.near.connection->start_tls(stage.context, {}, bytes);
    };
    TlsPeer secure{std::move(peer)};
    BOOST_TEST(secure.shake_hands());
}

BOOST_AUTO_TEST_CASE(each_host_is_served_with_its_own_certificate)
{
    const struct {
        const char* asked;
        const char* served;
    } cases[] = {
        {"two.example", "two.example"},
        {"TWO.example", "two.example"},
        {"unknown.example", "localhost"},
        {"", "localhost"},
    };

    for (const auto& one : cases) {
        TlsStage stage;
        TlsPeer peer = stage.secure({.server_name = one.asked});
        BOOST_REQUIRE(peer.shake_hands());
        const auto binding =
            stage.ask([](const TlsSession& tls) { return tls.server_end_point(); });
        BOOST_TEST((binding.value() == stage.context->certificate(one.served).end_point));
        const auto name = [](const TlsSession& tls) { return std::string{tls.server_name()}; };
        BOOST_TEST(stage.ask(name) == one.asked);
        const Owned<X509, X509_free> certificate{SSL_get1_peer_certificate(peer.ssl())};
        BOOST_TEST(X509_check_host(certificate.get(), one.served, 0, 0, nullptr) == 1);
    }
}

BOOST_AUTO_TEST_CASE(only_its_own_protocol_passes_alpn)
{
    {
        TlsStage stage;
        TlsPeer peer = stage.secure({.alpn = std::string{"\x08http/1.1"} + xmpp_alpn});
        BOOST_REQUIRE(peer.shake_hands());
        BOOST_TEST(stage.ask([](const TlsSession& tls) {
            return std::string{tls.alpn()};
        }) == "xmpp-client");
    }
    {
        TlsStage stage;
        TlsPeer peer = stage.secure({.alpn = "\x08http/1.1"});
        BOOST_TEST(!peer.shake_hands());
        BOOST_TEST((stage.near.await_closed() == CloseReason::tls));
    }
    TlsStage stage;
    TlsPeer peer = stage.secure();
    BOOST_REQUIRE(peer.shake_hands());
    BOOST_TEST(stage.ask([](const TlsSession& tls) { return std::string{tls.alpn()}; }).empty());
}

BOOST_AUTO_TEST_CASE(both_ends_export_the_same_binding)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsStage stage;
        TlsPeer peer = stage.secure({.version = version});
        BOOST_REQUIRE(peer.shake_hands());
        const auto binding = stage.ask([](const TlsSession& tls) { return tls.exporter(); });
        BOOST_TEST((binding.value() == peer.exporter()));
    }
}

BOOST_AUTO_TEST_CASE(tls_1_2_without_extended_master_secret_exports_nothing)
{
    TlsStage stage;
    TlsPeer peer = stage.secure({.version = TLS1_2_VERSION, .extended_master_secret = false});
    BOOST_REQUIRE(peer.shake_hands());
    BOOST_TEST(!stage.ask([](const TlsSession& tls) { return tls.exporter(); }).has_value());
}

BOOST_AUTO_TEST_CASE(a_client_resumes_with_a_ticket)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsContext::Ptr context;
        Owned<SSL_SESSION, SSL_SESSION_free> session;
        {
            TlsStage stage;
            context = stage.context;
            TlsPeer peer = stage.secure({.version = version});
            BOOST_REQUIRE(peer.shake_hands());
            stage.append("x");
            peer.receive(1);
            SSL_shutdown(peer.ssl());
            session.reset(SSL_get1_session(peer.ssl()));
        }
        TlsStage stage;
        stage.context = context;
        TlsPeer peer = stage.secure({.version = version, .session = session.get()});
        BOOST_REQUIRE(peer.shake_hands());
        BOOST_TEST(stage.ask([](const TlsSession& tls) { return tls.resumed(); }));
    }
}

BOOST_AUTO_TEST_CASE(large_output_passes_a_slow_peer_whole)
{
    TlsStage stage;
    TlsPeer peer = stage.secure();
    BOOST_REQUIRE(peer.shake_hands());
    const std::string large(8 * 1024 * 1024, 'y');
    stage.append(large);
    stage.append("end");
    BOOST_TEST((peer.receive(large.size() + 3) == large + "end"));
    peer.send("ok");
    stage.near.await_bytes(2);
}

BOOST_AUTO_TEST_CASE(large_input_arrives_whole_also_when_reading_pauses)
{
    TlsStage stage;
    std::size_t calls = 0;
    stage.near.then_bytes = [&](std::string_view) {
        if (++calls % 2 == 0) {
            stage.near.connection->reading(false);
            Shard& here = Shard::current();
            here.post([&] { stage.near.connection->reading(true); });
        }
    };
    TlsPeer peer = stage.secure();
    BOOST_REQUIRE(peer.shake_hands());
    const std::string large(2 * 1024 * 1024, 'i');
    peer.send(large);
    BOOST_TEST((stage.near.await_bytes(large.size()) == large));
    stage.on_shard([] {});
}

BOOST_AUTO_TEST_CASE(finishing_says_goodbye_in_tls)
{
    TlsStage stage;
    TlsPeer peer = stage.secure();
    BOOST_REQUIRE(peer.shake_hands());
    stage.near.await_established();
    stage.on_shard([&] {
        stage.near.connection->append("</stream:stream>");
        stage.near.connection->finish(30s);
    });
    BOOST_TEST(peer.receive(16) == "</stream:stream>");
    BOOST_TEST(peer.receive_end());
    peer.peer().close();
    BOOST_TEST((stage.near.await_closed() == CloseReason::finished));
}

BOOST_AUTO_TEST_CASE(the_peers_goodbye_in_tls_is_an_end_in_order)
{
    TlsStage stage;
    TlsPeer peer = stage.secure();
    BOOST_REQUIRE(peer.shake_hands());
    SSL_shutdown(peer.ssl());
    BOOST_TEST((stage.near.await_closed() == CloseReason::ended));
}

// All that it does comes while the shard is busy; since it leaves something unread, its end is a
// reset, and the answer cannot be written any more.
BOOST_AUTO_TEST_CASE(a_peer_that_says_goodbye_and_takes_no_answer_is_gone)
{
    TlsStage stage;
    stage.near.then_bytes = [&](std::string_view) { stage.near.connection->append("answer"); };
    TlsPeer peer = stage.secure();
    BOOST_REQUIRE(peer.shake_hands());
    stage.near.await_established();
    stage.append("unread");
    stage.on_shard([] {});
    stage.on_shard([&] {
        peer.send("question");
        SSL_shutdown(peer.ssl());
        peer.peer().close();
    });
    BOOST_TEST((stage.near.await_closed() == CloseReason::ended));
}

BOOST_AUTO_TEST_CASE(finishing_before_the_handshake_ends_at_once)
{
    TlsStage stage;
    Peer peer = stage.connect();
    stage.on_shard([&] {
        stage.near.connection->start_tls(stage.context);
        stage.near.connection->append("never in the clear");
        stage.near.connection->finish(30s);
    });
    BOOST_TEST(peer.receive_rest().empty());
    peer.close();
    BOOST_TEST((stage.near.await_closed() == CloseReason::finished));
}

BOOST_AUTO_TEST_CASE(the_owner_may_destroy_it_in_the_events_of_tls)
{
    {
        TlsStage stage;
        stage.near.then_established = [&] { stage.near.connection.reset(); };
        TlsPeer peer = stage.secure();
        peer.shake_hands();
        stage.near.await_established();
    }
    TlsStage stage;
    stage.near.then_bytes = [&](std::string_view) { stage.near.connection.reset(); };
    TlsPeer peer = stage.secure();
    BOOST_REQUIRE(peer.shake_hands());
    peer.send("first");
    stage.near.await_bytes(5);
}

BOOST_AUTO_TEST_CASE(a_session_moves_between_shards_with_what_it_has_not_delivered)
{
    TlsStage stage;
    std::size_t moves = 0;
    stage.near.then_bytes = [&](std::string_view) {
        // Records that came in the same read are still in TLS.
        stage.near.connection->append("<r/>");
        stage.near.connection->detach();
        ++moves;
        const unsigned other = 1 - Shard::current().index();
        Shard::current().send(
            other, std::make_unique<Move>(std::move(stage.near.connection), stage.near));
    };
    TlsPeer peer = stage.secure();
    BOOST_REQUIRE(peer.shake_hands());
    std::string sent;
    for (int i = 0; i < 60; ++i) {
        const std::string record(1000, static_cast<char>('a' + i % 26));
        peer.send(record);
        sent += record;
    }
    BOOST_TEST((stage.near.await_bytes(sent.size()) == sent));
    BOOST_TEST(peer.receive(60 * 4).size() == 240U);
    // It comes to rest on shard 0, where the stage looks for it.
    stage.shards.call(1, [] {});
    stage.shards.call(0, [] {});
    BOOST_TEST(moves == 60U);
}

BOOST_AUTO_TEST_CASE(our_client_speaks_with_our_server_and_knows_whom_it_trusts)
{
    const TlsContext::Options options = server_options();
    const TlsContext::Ptr trusting =
        TlsContext::client({.trusted = options.identity.chain, .alpn = {"xmpp-client"}}).value();
    for (const bool right_name : {true, false}) {
        TlsStage stage;
        stage.context = TlsContext::server(options).value();
        Recorder client;
        Peer peer = stage.connect();
        stage.on_shard([&] { stage.near.connection->start_tls(stage.context); });
        Socket far{::dup(peer.socket().descriptor())};
        ::fcntl(far.descriptor(), F_SETFL, O_NONBLOCK);
        stage.shards.call(1, [&] {
            client.connection =
                std::make_unique<Connection>(Shard::current(), std::move(far), client);
            client.connection->start_tls(trusting, right_name ? "localhost" : "elsewhere.example");
            client.connection->append("hello");
        });
        if (!right_name) {
            BOOST_TEST((client.await_closed() == CloseReason::tls));
            BOOST_TEST(client.detail() == "hostname mismatch");
            continue;
        }
        client.await_established();
        BOOST_TEST(stage.near.await_bytes(5) == "hello");
        stage.shards.call(1, [&] {
            const auto binding = client.connection->tls()->server_end_point();
            BOOST_TEST((binding.value() == stage.context->certificate("").end_point));
            client.connection.reset();
        });
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
