// SPDX-License-Identifier: Apache-2.0

#include "session.h"

#include <array>
#include <cstdio>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>

namespace sarang::bench {
namespace {

constexpr auto greeting = std::string_view{"OK\n"};

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// The text between the first tag and the next one.
std::string_view content(std::string_view stanza)
{
    const auto from = stanza.find('>') + 1;
    const auto to = stanza.find('<', from);
    return to == std::string_view::npos ? std::string_view{} : stanza.substr(from, to - from);
}

[[noreturn]] void unexpected(std::string_view stanza)
{
    throw std::runtime_error("unexpected: " + std::string{stanza.substr(0, 500)});
}

bool is_answer(std::string_view stanza, std::string_view id)
{
    if (!stanza.starts_with("<iq") || !contains(stanza, id)) {
        return false;
    }
    if (contains(stanza, "type='error'") || contains(stanza, "type=\"error\"")) {
        unexpected(stanza);
    }
    return true;
}

} // namespace

std::string user_name(unsigned number)
{
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "u%05u", number);
    return name.data();
}

Session::Session(const Surroundings& around, unsigned number)
    : around_{around}
    , number_{number}
    , user_{user_name(number)}
    , jid_{user_ + '@' + around.target.domain + '/' + around.target.resource}
{}

void Session::open()
{
    const auto source = static_cast<uint8_t>(2 + number_ % around_.target.sources);
    pipe_.connect(around_.target.port, source);
    events_ = EPOLLIN | EPOLLOUT;
    around_.loop.add(*this, events_);
}

void Session::event(uint32_t events)
{
    try {
        react(events);
    } catch (const std::exception& error) {
        throw std::runtime_error(user_ + ": " + error.what());
    }
}

void Session::send(std::string_view bytes)
{
    out_.append(bytes);
    if (!queued_) {
        queued_ = true;
        around_.loop.flush_later(*this);
    }
}

void Session::flush()
{
    queued_ = false;
    std::size_t sent = 0;
    while (sent < out_.size()) {
        const auto size = pipe_.write(std::string_view{out_}.substr(sent));
        if (size == 0) {
            break;
        }
        sent += size;
    }
    out_.erase(0, sent);
    want(out_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void Session::react(uint32_t events)
{
    if ((events & EPOLLERR) != 0) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
        throw std::system_error(error, std::generic_category(), "the connection broke");
    }
    if (step_ == Step::connect) {
        connected();
        return;
    }
    if (step_ == Step::handshake) {
        shake_hands();
        return;
    }
    if ((events & (EPOLLIN | EPOLLHUP)) != 0) {
        read();
    }
    if ((events & EPOLLOUT) != 0) {
        flush();
    }
}

void Session::connected()
{
    want(EPOLLIN);
    if (around_.target.security == Security::direct) {
        start_tls();
    } else {
        secured();
    }
}

void Session::start_tls()
{
    step_ = Step::handshake;
    pipe_.start_tls(*around_.target.tls, around_.target.domain);
    shake_hands();
}

void Session::shake_hands()
{
    switch (pipe_.handshake()) {
    case Pipe::Wait::nothing:
        want(EPOLLIN);
        secured();
        break;
    case Pipe::Wait::readable:
        want(EPOLLIN);
        break;
    case Pipe::Wait::writable:
        want(EPOLLIN | EPOLLOUT);
        break;
    }
}

void Session::secured()
{
    if (around_.target.floor) {
        step_ = Step::hello;
        const unsigned room = around_.target.room;
        const unsigned number = room > 0 ? number_ / room : number_ / 2;
        send((room > 0 ? "ROOM " : "HELLO ") + std::to_string(number) + '\n');
    } else {
        open_stream();
    }
}

void Session::open_stream()
{
    step_ = Step::features;
    scanner_ = {};
    restarted_ = true;
    send(
        "<?xml version='1.0'?><stream:stream to='" + around_.target.domain +
        "' version='1.0' xml:lang='en' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>");
}

void Session::read()
{
    const auto scratch = around_.loop.scratch();
    while (true) {
        const auto size = pipe_.read(scratch);
        if (size == 0) {
            return;
        }
        received_ += size;
        receive({scratch.data(), size});
        // Over TLS more may lie decrypted; epoll knows of the socket alone.
        if (!pipe_.secure() && size < scratch.size()) {
            return;
        }
    }
}

void Session::receive(std::string_view bytes)
{
    if (step_ == Step::hello) {
        greeted(bytes);
        return;
    }
    if (pending_.empty()) {
        cut(bytes);
        return;
    }
    std::string joined = std::move(pending_);
    pending_.clear();
    joined.append(bytes);
    cut(joined);
}

void Session::cut(std::string_view bytes)
{
    restarted_ = false;
    while (true) {
        const auto found = scanner_.next(bytes);
        if (found.unit == StreamScanner::Unit::none) {
            break;
        }
        if (found.unit == StreamScanner::Unit::end) {
            throw std::runtime_error("the server ended the stream");
        }
        if (found.unit == StreamScanner::Unit::stanza) {
            stanza(found.text);
        }
        if (restarted_) { // nothing of the old stream can follow
            return;
        }
    }
    pending_.assign(bytes.substr(scanner_.consumed()));
    scanner_.rebase();
}

void Session::greeted(std::string_view bytes)
{
    pending_.append(bytes);
    if (pending_.size() < greeting.size()) {
        return;
    }
    if (pending_ != greeting) {
        unexpected(pending_);
    }
    pending_.clear();
    // The relay sends no stream header, which the scanner waits for.
    scanner_.next("<relay>");
    scanner_.rebase();
    become_ready();
}

void Session::stanza(std::string_view text)
{
    switch (step_) {
    case Step::features:
        features(text);
        break;
    case Step::proceed:
        if (!text.starts_with("<proceed")) {
            unexpected(text);
        }
        restarted_ = true;
        start_tls();
        break;
    case Step::challenge:
        challenged(text);
        break;
    case Step::success:
        authenticated(text);
        break;
    case Step::bind:
        bound(text);
        break;
    case Step::legacy_session:
        if (is_answer(text, "bench-session")) {
            ask_roster();
        }
        break;
    case Step::roster:
        if (is_answer(text, "bench-roster")) {
            step_ = Step::presence;
            send("<presence/>");
        }
        break;
    case Step::presence:
        // RFC 6121 §4.2.2: the server sends a resource its own presence, too.
        if (text.starts_with("<presence")) {
            become_ready();
        }
        break;
    case Step::ready:
        if (text.starts_with("<message")) {
            around_.observer.message(*this, text);
        } else if (text.starts_with("<iq")) {
            around_.observer.answer(*this, text);
        } else if (text.starts_with("<presence")) {
            around_.observer.presence(*this, text);
        } else {
            unexpected(text);
        }
        break;
    default:
        unexpected(text);
    }
}

void Session::features(std::string_view text)
{
    if (!text.starts_with("<stream:features")) {
        unexpected(text);
    }
    if (around_.target.security == Security::starttls && !pipe_.secure()) {
        step_ = Step::proceed;
        send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    } else if (!authenticated_) {
        if (!contains(text, ">SCRAM-SHA-1<")) {
            unexpected(text);
        }
        step_ = Step::challenge;
        scram_.emplace(around_.keyring, user_);
        send(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>" +
            scram_->first() + "</auth>");
    } else {
        const auto session = text.find("<session");
        legacy_session_ =
            session != std::string_view::npos && !contains(text.substr(session), "<optional");
        step_ = Step::bind;
        send(
            "<iq type='set' id='bench-bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<resource>" +
            around_.target.resource + "</resource></bind></iq>");
    }
}

void Session::challenged(std::string_view text)
{
    if (!text.starts_with("<challenge")) {
        unexpected(text);
    }
    step_ = Step::success;
    send(
        "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + scram_->final(content(text)) +
        "</response>");
}

void Session::authenticated(std::string_view text)
{
    if (!text.starts_with("<success")) {
        unexpected(text);
    }
    scram_->verify(content(text));
    scram_.reset();
    authenticated_ = true;
    open_stream();
}

void Session::bound(std::string_view text)
{
    if (!is_answer(text, "bench-bind")) {
        return;
    }
    if (!contains(text, '>' + jid_ + '<')) {
        unexpected(text);
    }
    if (legacy_session_) {
        step_ = Step::legacy_session;
        send("<iq type='set' id='bench-session'>"
             "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
    } else {
        ask_roster();
    }
}

void Session::ask_roster()
{
    step_ = Step::roster;
    send("<iq type='get' id='bench-roster'><query xmlns='jabber:iq:roster'/></iq>");
}

void Session::become_ready()
{
    step_ = Step::ready;
    around_.observer.ready();
}

void Session::want(uint32_t events)
{
    if (events != events_) {
        events_ = events;
        around_.loop.change(*this, events);
    }
}

} // namespace sarang::bench
