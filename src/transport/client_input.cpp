// SPDX-License-Identifier: Apache-2.0
// ClientStream's way in: what the client sends, its limits, and its end.
#include "core/host.h"
#include "core/resource.h"
#include "core/server_shard.h"
#include "core/user.h"
#include "transport/c2s_shard.h"
#include "transport/client_stream.h"
#include "transport/login.h"

namespace sarang {
namespace {

// RFC 6120 §5.4.3.3: what came in the clear behind <starttls/> is no part of the secured stream,
// and nobody honest sends more than the end of a line.
bool is_blank(std::string_view bytes)
{
    return bytes.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// A stanza in the content namespace of another kind of stream.
bool is_foreign_stanza(const Element& element)
{
    const std::string& name = element.name();
    return ns::is_content(element.ns()) &&
           (name == "message" || name == "presence" || name == "iq");
}

} // namespace

void ClientStream::on_bytes(std::string_view bytes)
{
    heard_ = home_->shard().timers().now();
    if (closing_ || overfull_) {
        return;
    }
    bytes_.take(static_cast<double>(bytes.size()), home_->byte_rate(), heard_);
    if (held_ || (pauses_ & static_cast<std::uint8_t>(Pause::held)) != 0) {
        if (!held_) {
            held_ = std::make_unique<std::string>();
        }
        held_->append(bytes);
        return;
    }
    feed(bytes);
}

void ClientStream::feed(std::string_view bytes)
{
    feeding_ = true;
    while (!bytes.empty() && !closing_ && !overfull_) {
        std::size_t consumed = 0;
        const std::optional<StreamError> error = parser_.feed(bytes, consumed);
        bytes.remove_prefix(consumed);
        if (error && !closing_) {
            end(*error);
            break;
        }
        if ((pauses_ & static_cast<std::uint8_t>(Pause::held)) != 0) {
            break;
        }
        if (connection_->tls() != nullptr && !secured()) {
            if (!is_blank(bytes)) {
                feeding_ = false;
                drop();
                return;
            }
            bytes = {};
        }
    }
    feeding_ = false;
    limit_rate();
    if (!bytes.empty() && !closing_ && !overfull_) {
        held_ = std::make_unique<std::string>(bytes);
    }
    wait_for_room();
}

void ClientStream::feed_held()
{
    while (held_ && !closing_ && (pauses_ & static_cast<std::uint8_t>(Pause::held)) == 0) {
        const std::unique_ptr<std::string> bytes = std::move(held_);
        feed(*bytes);
    }
}

void ClientStream::stream_opened(const StreamHeader& header)
{
    if (login_) {
        login_->opened(header);
    }
}

void ClientStream::stanza_parsed(ParsedStanza&& stanza)
{
    if (closing_) {
        return;
    }
    if (login_) {
        login_->receive(std::move(stanza));
    } else {
        receive(std::move(stanza));
    }
}

void ClientStream::element_parsed(Element&& element)
{
    if (closing_) {
        return;
    }
    if (is_foreign_stanza(element)) {
        end(StreamError{StreamCondition::invalid_namespace, {}});
    } else if (login_) {
        login_->receive(std::move(element));
    } else {
        stanzas_.take(1, home_->stanza_rate(), heard_);
        resource_->receive(std::move(element));
    }
}

void ClientStream::receive(ParsedStanza&& parsed)
{
    if (parsed.from && !from_is_own(*parsed.from)) {
        resource_->end(StreamError{StreamCondition::invalid_from, {}});
        return;
    }
    Stanza stanza;
    if (parsed.to) {
        Result<Jid> to = home_->server().jids().parse(*parsed.to);
        if (!to) {
            refuse_address(std::move(parsed));
            return;
        }
        stanza.to = std::move(*to);
    }
    stanza.kind = parsed.kind;
    stanza.type = parsed.type;
    stanza.from = resource_->jid();
    stanza.id = parsed.id;
    stanza.lang = parsed.lang;
    stanza.payload = std::move(parsed.payload);
    home_->count(stanza.kind);
    stanzas_.take(1, home_->stanza_rate(), heard_);
    resource_->receive(std::move(stanza));
}

bool ClientStream::from_is_own(std::string_view from) const
{
    const Jid& own = resource_->jid();
    if (from == own.str() || from == own.bare_str()) {
        return true;
    }
    const Result<Jid> jid = Jid::parse(from);
    return jid && (*jid == own || jid->str() == own.bare_str());
}

void ClientStream::refuse_address(ParsedStanza&& parsed)
{
    // The error bears no `from`: there is nobody at that address who could have sent it.
    Stanza stanza;
    stanza.kind = parsed.kind;
    stanza.type = parsed.type;
    stanza.id = parsed.id;
    stanza.from = resource_->jid();
    resource_->refuse(stanza, Error{Condition::jid_malformed, {}, {}, {}});
}

void ClientStream::stream_closed()
{
    // RFC 6120 §4.4: the answer to a closing tag is ours, behind those to what came before it.
    if (resource_ != nullptr) {
        resource_->stream_ended();
    } else {
        close();
    }
}

void ClientStream::on_tls_established()
{
    heard_ = home_->shard().timers().now();
}

void ClientStream::on_closed(CloseReason reason, std::string_view detail)
{
    log_.debug("closed {} {}", field("reason", name(reason)), field("detail", detail));
    closing_ = true;
    part();
    home_->remove(*this);
}

// Tells the resource, if there still is one, that its client is gone.
void ClientStream::part()
{
    if (admitted_) {
        admitted_ = false;
        home_->leave(network_);
    }
    if (resource_ != nullptr) {
        std::exchange(resource_, nullptr)->pipe_gone();
    }
}

void ClientStream::paused(Pause why, bool on)
{
    const auto bit = static_cast<std::uint8_t>(why);
    const auto pauses = static_cast<std::uint8_t>(on ? pauses_ | bit : pauses_ & ~bit);
    if ((pauses == 0) != (pauses_ == 0) && !closing_) {
        connection_->reading(pauses == 0);
    }
    pauses_ = pauses;
}

void ClientStream::limit_rate()
{
    const auto wait =
        std::max(bytes_.wait(home_->byte_rate()), stanzas_.wait(home_->stanza_rate()));
    if (wait.count() > 0) {
        paused(Pause::rate, true);
        refill_.schedule(home_->shard().timers(), wait);
    }
}

void ClientStream::refill()
{
    paused(Pause::rate, false);
}

// Whoever it is for: what comes in shall not grow further while a shard is behind with its mail,
// or the disk with what is to be kept.
void ClientStream::wait_for_room()
{
    if (closing_ || linked()) {
        return;
    }
    if (const std::optional<unsigned> full = home_->server().router().congested()) {
        paused(Pause::congestion, true);
        home_->shard().wait_for_relief(*full, *this);
    } else if (home_->disk_behind()) {
        paused(Pause::congestion, true);
        home_->wait_for_disk(*this);
    }
}

void ClientStream::on_relief()
{
    paused(Pause::congestion, false);
}

void ClientStream::watch_silence()
{
    const Milliseconds ping = *home_->options().ping_after;
    const Milliseconds limit = *home_->options().idle_limit;
    const auto silent = home_->shard().timers().now() - heard_;
    // From the last that was heard, so that a dead link is found in time; then again and again.
    std::chrono::nanoseconds next = silent < ping ? ping - silent : ping;
    if (limit.count() > 0) {
        next = std::min<std::chrono::nanoseconds>(next, limit - std::min(silent, {limit}));
    }
    silence_.schedule(home_->shard().timers(), next);
}

void ClientStream::tick()
{
    if (login_) {
        close(StreamError{StreamCondition::connection_timeout, "Log in sooner"});
        return;
    }
    const auto silent = home_->shard().timers().now() - heard_;
    const Milliseconds limit = *home_->options().idle_limit;
    if (limit.count() > 0 && silent >= limit) {
        resource_->detach(StreamError{StreamCondition::connection_timeout, {}});
        return;
    }
    // A dead link is found by the kernel, once there is something to be acknowledged.
    if (silent >= *home_->options().ping_after) {
        connection_->append(" ");
    }
    watch_silence();
}

} // namespace sarang
