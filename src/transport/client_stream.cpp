// SPDX-License-Identifier: Apache-2.0
#include "transport/client_stream.h"

#include "base/id.h"
#include "core/resource.h"
#include "core/server_shard.h"
#include "core/user.h"
#include "transport/c2s_shard.h"
#include "transport/login.h"
#include "xml/writer.h"

namespace sarang {
namespace {

// What is worth a place in the list of slow readers.
constexpr std::size_t noteworthy_queue = 64 * 1024;

constexpr std::size_t more_while_it_reads = 2;

constexpr std::string_view stream_end = "</stream:stream>";

} // namespace

ClientStream::ClientStream(
    C2sShard& home, std::uint64_t number, Socket socket, NetworkKey network, bool direct_tls)
    : home_{&home}
    , number_{number}
    , network_{network}
    , connection_{std::make_unique<Connection>(
          home.shard(), std::move(socket), static_cast<ConnectionEvents&>(*this))}
    , parser_{home.server().parsers(), home.limits_before(), *this}
    , login_{std::make_unique<Login>(*this)}
    , log_{home.log()}
    , direct_tls_{direct_tls}
{
    connection_->user_timeout(*home.options().user_timeout);
    heard_ = home.shard().timers().now();
    silence_.schedule(home.shard().timers(), *home.options().login_time);
    if (direct_tls) {
        connection_->start_tls(home.tls());
    }
}

ClientStream::~ClientStream() = default;

void ClientStream::write(const Stanza& stanza)
{
    if (closing_ || !has_room()) {
        return;
    }
    const std::size_t size = stanza.payload ? stanza.payload->bytes().size() : 0;
    if (size < 4096 || stanza.hidden != 0) {
        write_stanza(connection_->out(), stanza, {}, lang_);
    } else {
        write_open(connection_->out(), stanza, {}, lang_);
        connection_->append(SharedBytes{stanza.payload->bytes(), stanza.payload});
        write_close(connection_->out(), stanza);
    }
    if (connection_->queued() > noteworthy_queue) {
        home_->slow(*this);
    }
}

void ClientStream::write(const Element& element)
{
    if (!closing_ && has_room()) {
        element.write(connection_->out(), ns::client);
    }
}

// There is a bound within one turn, too: a few bytes of requests may have long answers. It is wider
// as long as the client reads, since much may be for it at once. A stanza that comes while there is
// room may wait, however large.
bool ClientStream::has_room()
{
    const std::size_t factor = connection_->blocked() ? 1 : more_while_it_reads;
    if (overfull_ || connection_->queued() <= factor * *home_->options().outbound_queue) {
        return !overfull_;
    }
    overfull_ = true;
    if (feeding_) {
        parser_.stop();
    }
    home_->end_soon(*this, StreamError{StreamCondition::policy_violation, "You do not read"});
    return false;
}

void ClientStream::open(std::string_view host, std::string_view to, std::string_view lang)
{
    lang_ = lang;
    opened_ = true;
    std::string& out = connection_->out();
    out += "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams'";
    write_attribute(out, "id", random_id());
    if (!host.empty()) {
        write_attribute(out, "from", host);
    }
    if (!to.empty()) {
        write_attribute(out, "to", to);
    }
    write_attribute(out, "version", "1.0");
    write_attribute(out, "xml:lang", lang.empty() ? std::string_view{"en"} : lang);
    out += '>';
}

void ClientStream::close(const StreamError& error)
{
    if (closing_) {
        return;
    }
    if (!opened_) {
        // RFC 6120 §4.9.1.2: an error needs a stream to stand in.
        open({}, {}, {});
    }
    std::string words;
    write_stream_error(words, error);
    end_stream(words);
}

void ClientStream::close()
{
    if (!closing_) {
        end_stream({});
    }
}

// Writes the end; what comes from the client after this is nobody's.
void ClientStream::end_stream(const std::string& last_words)
{
    closing_ = true;
    resource_ = nullptr;
    if (opened_) {
        connection_->append(last_words);
        connection_->append(stream_end);
    }
    if (feeding_) {
        parser_.stop();
    }
    silence_.cancel();
    refill_.cancel();
    connection_->finish();
}

void ClientStream::end(const StreamError& error)
{
    if (resource_ == nullptr) {
        close(error);
    } else if (resource_->resumable()) {
        resource_->detach(error);
    } else {
        resource_->end(error);
    }
}

void ClientStream::drop()
{
    closing_ = true;
    connection_->abort();
    part();
    home_->remove(*this);
}

void ClientStream::pause(bool on)
{
    paused(Pause::resource, on);
}

PipeFacts ClientStream::facts() const
{
    PipeFacts facts;
    facts.transport = secured() ? (direct_tls_ ? "tls" : "starttls") : "tcp";
    facts.queued = connection_->queued();
    facts.address = connection_->socket().peer_address().str();
    if (secured()) {
        facts.cipher = std::string{connection_->tls()->version()} + " " +
                       std::string{connection_->tls()->cipher()};
    }
    return facts;
}

void ClientStream::start_tls()
{
    opened_ = false;
    connection_->start_tls(home_->tls());
    parser_.restart();
}

void ClientStream::restart()
{
    opened_ = false;
    parser_.restart();
}

void ClientStream::hold(bool on)
{
    if (on && feeding_) {
        parser_.stop();
    }
    paused(Pause::held, on);
    if (!on && !feeding_) {
        feed_held();
    }
}

void ClientStream::write_features(const Element& features)
{
    // The prefix is that of our header, as RFC 6120 §4.8.5 has it for the stream's own elements.
    std::string& out = connection_->out();
    out += "<stream:features>";
    for (const Element* feature : features.children()) {
        feature->write(out, ns::client);
    }
    out += "</stream:features>";
}

void ClientStream::end_login()
{
    login_.reset();
    if (closing_) {
        return;
    }
    parser_.use(home_->limits_after());
    if (admitted_) {
        admitted_ = false;
        home_->leave(network_);
    }
    watch_silence();
}

Jid ClientStream::account() const
{
    return login_ ? login_->user() : Jid{};
}

void ClientStream::depart()
{
    silence_.cancel();
    refill_.cancel();
    unlink();
    paused(Pause::rate, false);
    paused(Pause::congestion, false);
    connection_->detach();
}

void ClientStream::arrive(C2sShard& home, std::uint64_t number)
{
    home_ = &home;
    number_ = number;
    parser_.move_to(home.server().parsers(), *this);
    parser_.use(home.limits_before());
    connection_->attach(home.shard());
    heard_ = home.shard().timers().now();
    silence_.schedule(home.shard().timers(), *home.options().login_time);
    login_->arrived();
}

} // namespace sarang
