// SPDX-License-Identifier: Apache-2.0
// The floor: the least that a server of this shape can cost. Two connections
// that greet with the same number are partners; bytes of one go to the other.
// Those that greet with the same number of a room are all given what one says.
//
// It parses nothing. Bytes are read into the buffer that will be written to the
// partner, and each loop turn writes every such buffer once. One thread.

#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <getopt.h>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <unordered_map>
#include <vector>

#include "owned.h"

namespace sarang::bench {
namespace {

using BasePtr = Owned<event_base, event_base_free>;
using SslPtr = Owned<SSL, SSL_free>;
using SslContextPtr = Owned<SSL_CTX, SSL_CTX_free>;

[[noreturn]] void fail(const char* what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

// What waits to be written to one connection. Only the busy ones have one.
struct Buffer {
    std::array<char, 32 * 1024> bytes;
    std::size_t begin = 0;
    std::size_t end = 0;

    std::size_t size() const { return end - begin; }

    std::size_t room() const { return bytes.size() - end; }
};

class Relay;
struct Connection;

using Room = std::vector<Connection*>;

struct Connection {
    explicit Connection(Relay& owner)
        : relay{owner}
    {}

    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Relay& relay;
    int descriptor = -1;
    bool greeted = false;
    bool handshaking = false;
    bool unflushed = false;
    bool blocked = false; // the kernel takes no more for now
    Connection* partner = nullptr;
    Room* room = nullptr;
    SslPtr ssl;
    std::unique_ptr<Buffer> out;
    event readable{};
    event writable{};
};

class Relay {
public:
    Relay();

    void listen(uint16_t port, bool secure);
    void use_certificate(const std::string& certificate, const std::string& key);
    [[noreturn]] void run();

private:
    struct Listener {
        Relay& relay;
        bool secure;
        event readable{};
    };

    static void on_accept(int descriptor, short, void* listener);
    static void on_readable(int, short, void* connection);
    static void on_writable(int, short, void* connection);

    void accept(int descriptor, bool secure);
    void read(Connection& from);
    void read_for_all(Connection& from);
    void greet(Connection& from);
    void pair(Connection& from, unsigned number);
    void enter(Connection& from, unsigned number);
    void flush_later(Connection& to);
    void flush(Connection& to);
    void flush_all();
    void close(Connection& gone);
    Buffer& buffer(Connection& to);
    void release(Connection& to);

    BasePtr base_;
    SslContextPtr tls_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::unordered_map<unsigned, Connection*> waiting_;
    std::unordered_map<unsigned, Room> rooms_;
    std::vector<Connection*> unflushed_;
    std::vector<std::unique_ptr<Buffer>> spare_;
};

Connection::~Connection()
{
    event_del(&readable);
    event_del(&writable);
    ::close(descriptor);
}

enum class Progress { some, none, gone };

struct Moved {
    Progress progress;
    std::size_t size = 0;
};

Moved moved_tls(Connection& with, bool done, std::size_t size)
{
    if (done) {
        return {Progress::some, size};
    }
    const int error = SSL_get_error(with.ssl.get(), 0);
    const bool later = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    return {later ? Progress::none : Progress::gone};
}

Moved moved_plain(ssize_t size)
{
    if (size > 0) {
        return {Progress::some, static_cast<std::size_t>(size)};
    }
    return {size < 0 && errno == EAGAIN ? Progress::none : Progress::gone};
}

Moved read_some(Connection& from, char* into, std::size_t room)
{
    if (!from.ssl) {
        return moved_plain(::recv(from.descriptor, into, room, 0));
    }
    ERR_clear_error();
    std::size_t size = 0;
    const bool done = SSL_read_ex(from.ssl.get(), into, room, &size) == 1;
    return moved_tls(from, done, size);
}

Moved write_some(Connection& to, const char* bytes, std::size_t count)
{
    if (!to.ssl) {
        return moved_plain(::send(to.descriptor, bytes, count, MSG_NOSIGNAL));
    }
    ERR_clear_error();
    std::size_t size = 0;
    const bool done = SSL_write_ex(to.ssl.get(), bytes, count, &size) == 1;
    return moved_tls(to, done, size);
}

Relay::Relay()
{
    event_config* config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    base_.reset(event_base_new_with_config(config));
    event_config_free(config);
    if (!base_) {
        throw std::runtime_error("libevent has no base");
    }
}

void Relay::use_certificate(const std::string& certificate, const std::string& key)
{
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* context = tls_.get();
    const bool loaded = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                        SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) == 1 &&
                        SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
    if (!loaded) {
        throw std::runtime_error("the certificate or its key cannot be used");
    }
    SSL_CTX_set_mode(
        context,
        SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
}

void Relay::listen(uint16_t port, bool secure)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* name = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(descriptor, name, sizeof address) != 0 || ::listen(descriptor, SOMAXCONN) != 0) {
        fail("listen");
    }
    auto& listener = *listeners_.emplace_back(std::make_unique<Listener>(*this, secure));
    event_assign(
        &listener.readable, base_.get(), descriptor, EV_READ | EV_PERSIST, on_accept, &listener);
    event_add(&listener.readable, nullptr);
}

void Relay::run()
{
    while (event_base_loop(base_.get(), EVLOOP_ONCE) == 0) {
        flush_all();
    }
    throw std::runtime_error("the event loop ended");
}

void Relay::on_accept(int descriptor, short, void* context)
{
    auto& listener = *static_cast<Listener*>(context);
    const int accepted = ::accept4(descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
        listener.relay.accept(accepted, listener.secure);
    } else if (errno != EAGAIN && errno != ECONNABORTED) {
        fail("accept");
    }
}

void Relay::accept(int descriptor, bool secure)
{
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto* connection = std::make_unique<Connection>(*this).release(); // close() takes it back
    connection->descriptor = descriptor;
    if (secure) {
        connection->ssl.reset(SSL_new(tls_.get()));
        SSL_set_fd(connection->ssl.get(), descriptor);
        SSL_set_accept_state(connection->ssl.get());
        connection->handshaking = true;
    }
    const short always = EV_READ | EV_PERSIST;
    event_assign(&connection->readable, base_.get(), descriptor, always, on_readable, connection);
    event_assign(&connection->writable, base_.get(), descriptor, EV_WRITE, on_writable, connection);
    event_add(&connection->readable, nullptr);
}

void Relay::on_readable(int, short, void* context)
{
    auto& connection = *static_cast<Connection*>(context);
    Relay& relay = connection.relay;
    if (connection.handshaking) {
        ERR_clear_error();
        const int done = SSL_do_handshake(connection.ssl.get());
        connection.handshaking = done != 1;
        const int error = SSL_get_error(connection.ssl.get(), done);
        if (done != 1 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
            relay.close(connection);
        }
        return;
    }
    if (connection.room != nullptr) {
        relay.read_for_all(connection);
    } else if (connection.greeted) {
        relay.read(connection);
    } else {
        relay.greet(connection);
    }
}

void Relay::on_writable(int, short, void* context)
{
    auto& connection = *static_cast<Connection*>(context);
    connection.blocked = false;
    connection.relay.flush(connection);
}

void Relay::greet(Connection& from)
{
    std::array<char, 64> line;
    const Moved moved = read_some(from, line.data(), line.size());
    if (moved.progress == Progress::none) {
        return;
    }
    const std::string_view text{line.data(), moved.size};
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    unsigned number = 0;
    // Such a short first write arrives whole over loopback.
    if ((word != "HELLO" && word != "ROOM") || !text.ends_with('\n') ||
        std::from_chars(text.data() + space + 1, text.end(), number).ec != std::errc{}) {
        close(from);
        return;
    }
    from.greeted = true;
    word == "ROOM" ? enter(from, number) : pair(from, number);
    constexpr auto answer = std::string_view{"OK\n"};
    write_some(from, answer.data(), answer.size());
}

void Relay::pair(Connection& from, unsigned number)
{
    const auto [place, first] = waiting_.try_emplace(number, &from);
    if (first) {
        return;
    }
    from.partner = place->second;
    place->second->partner = &from;
    waiting_.erase(place);
}

void Relay::enter(Connection& from, unsigned number)
{
    from.room = &rooms_[number];
    from.room->push_back(&from);
}

// The load has so little under way that a buffer is never full.
void Relay::read_for_all(Connection& from)
{
    std::array<char, 16 * 1024> bytes;
    const Moved moved = read_some(from, bytes.data(), bytes.size());
    if (moved.progress == Progress::gone) {
        close(from);
        return;
    }
    for (Connection* const to : *from.room) {
        Buffer& out = buffer(*to);
        if (out.room() < moved.size) {
            throw std::runtime_error("one who reads too slowly");
        }
        std::copy_n(bytes.data(), moved.size, out.bytes.data() + out.end);
        out.end += moved.size;
        flush_later(*to);
    }
}

void Relay::flush_later(Connection& to)
{
    if (!to.unflushed && !to.blocked) {
        to.unflushed = true;
        unflushed_.push_back(&to);
    }
}

void Relay::read(Connection& from)
{
    if (from.partner == nullptr) { // nobody to write to: this can only be the end
        char byte = 0;
        if (read_some(from, &byte, 1).progress != Progress::none) {
            close(from);
        }
        return;
    }
    Connection& to = *from.partner;
    Buffer& out = buffer(to);
    while (out.room() > 0) {
        const std::size_t room = out.room();
        const Moved moved = read_some(from, out.bytes.data() + out.end, room);
        if (moved.progress == Progress::gone) {
            close(from);
            return;
        }
        out.end += moved.size;
        const bool drained = from.ssl ? moved.progress == Progress::none : moved.size < room;
        if (drained) {
            break;
        }
    }
    flush_later(to);
    if (out.room() == 0) {
        event_del(&from.readable); // until `to` has taken some
    }
}

void Relay::flush(Connection& to)
{
    to.unflushed = false;
    if (!to.out) {
        return;
    }
    Buffer& out = *to.out;
    const bool full = out.room() == 0;
    while (out.size() > 0) {
        const Moved moved = write_some(to, out.bytes.data() + out.begin, out.size());
        if (moved.progress == Progress::gone) {
            close(to);
            return;
        }
        if (moved.progress == Progress::none) {
            to.blocked = true;
            event_add(&to.writable, nullptr);
            return;
        }
        out.begin += moved.size;
    }
    release(to);
    if (full && to.partner != nullptr) {
        event_add(&to.partner->readable, nullptr);
        // What TLS has decrypted already makes no socket readable.
        if (to.partner->ssl && SSL_pending(to.partner->ssl.get()) > 0) {
            event_active(&to.partner->readable, EV_READ, 0);
        }
    }
}

void Relay::flush_all()
{
    for (std::size_t at = 0; at < unflushed_.size(); ++at) {
        if (unflushed_[at] != nullptr) {
            flush(*unflushed_[at]);
        }
    }
    unflushed_.clear();
}

void Relay::close(Connection& gone)
{
    for (auto& [number, connection] : waiting_) {
        if (connection == &gone) {
            waiting_.erase(number);
            break;
        }
    }
    for (auto& connection : unflushed_) {
        connection = connection == &gone ? nullptr : connection;
    }
    if (gone.partner != nullptr) {
        gone.partner->partner = nullptr;
    }
    if (gone.room != nullptr) {
        std::erase(*gone.room, &gone);
    }
    const std::unique_ptr<Connection> owned{&gone};
}

Buffer& Relay::buffer(Connection& to)
{
    if (!to.out && !spare_.empty()) {
        to.out = std::move(spare_.back());
        spare_.pop_back();
    } else if (!to.out) {
        to.out = std::make_unique_for_overwrite<Buffer>();
    }
    return *to.out;
}

void Relay::release(Connection& to)
{
    to.out->begin = 0;
    to.out->end = 0;
    spare_.push_back(std::move(to.out));
}

void raise_descriptor_limit()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

uint16_t port_number(const char* text)
{
    return static_cast<uint16_t>(std::stoul(text));
}

void serve(int argc, char** argv)
{
    constexpr option long_options[] = {
        {"port", required_argument, nullptr, 'p'},
        {"tls-port", required_argument, nullptr, 't'},
        {"certificate", required_argument, nullptr, 'c'},
        {"key", required_argument, nullptr, 'k'},
        {nullptr, 0, nullptr, 0},
    };
    uint16_t port = 0, tls_port = 0;
    std::string certificate, key;
    int letter = 0;
    while ((letter = ::getopt_long(argc, argv, "", long_options, nullptr)) >= 0) {
        switch (letter) {
        case 'p':
            port = port_number(optarg);
            break;
        case 't':
            tls_port = port_number(optarg);
            break;
        case 'c':
            certificate = optarg;
            break;
        case 'k':
            key = optarg;
            break;
        default:
            throw std::runtime_error(
                "usage: relay --port N [--tls-port N --certificate FILE --key FILE]");
        }
    }
    raise_descriptor_limit();
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
    Relay relay;
    relay.listen(port, false);
    if (tls_port != 0) {
        relay.use_certificate(certificate, key);
        relay.listen(tls_port, true);
    }
    relay.run();
}

} // namespace
} // namespace sarang::bench

int main(int argc, char** argv)
{
    try {
        sarang::bench::serve(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "relay: %s\n", error.what());
    }
    return 1;
}
