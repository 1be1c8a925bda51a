// SPDX-License-Identifier: Apache-2.0
#include "transport/login.h"

#include "base/bytes.h"
#include "base/crypto.h"
#include "core/host.h"
#include "core/resource.h"
#include "core/server_shard.h"
#include "core/user.h"
#include "net/tls_session.h"
#include "store/storage.h"
#include "transport/c2s_shard.h"
#include "transport/client_stream.h"
#include "xml/ns.h"

#include <algorithm>
#include <chrono>

namespace sarang {
namespace {

// What we say of the language of a stream: the client's wish, unless it is no language tag.
std::string_view language(std::string_view wish)
{
    constexpr std::size_t longest_tag = 35;
    const bool plausible = !wish.empty() && wish.size() <= longest_tag &&
                           std::all_of(wish.begin(), wish.end(), [](char c) {
                               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                      (c >= '0' && c <= '9') || c == '-';
                           });
    return plausible ? wish : std::string_view{"en"};
}

// RFC 6120 §4.7.5: what is older than 1.0, or says nothing, knows no features.
bool is_modern(std::string_view version)
{
    const std::size_t dot = version.find('.');
    return dot != std::string_view::npos && dot > 0 && version.substr(0, dot) != "0" &&
           std::all_of(
               version.begin(), version.begin() + static_cast<std::ptrdiff_t>(dot), [](char c) {
                   return c >= '0' && c <= '9';
               });
}

// RFC 6120 §6.4.2: "=" stands for a response of no bytes, no text for no response.
struct Decoded {
    bool valid = true;
    std::optional<std::string> bytes;
};

Decoded decode(const Element& element)
{
    const std::string text = element.text();
    if (text.empty()) {
        return {};
    }
    if (text == "=") {
        return {true, std::string{}};
    }
    std::optional<std::string> bytes = base64_decode(text);
    return {bytes.has_value(), std::move(bytes)};
}

} // namespace

Login::Login(ClientStream& stream)
    : stream_{stream}
{}

Login::~Login() = default;

void Login::opened(const StreamHeader& header)
{
    const std::string_view lang = language(header.lang);
    const Result<Jid> domain = Jid::make({}, header.to);
    Host* const host = domain ? stream_.home().server().router().host(domain->str()) : nullptr;
    // RFC 6120 §4.7.2: to the bare address that the client claims, before it proves it.
    const Result<Jid> from = Jid::parse(header.from);
    stream_.open(
        host != nullptr ? host->domain() : std::string_view{},
        from ? from->bare_str() : std::string_view{},
        lang);
    if (header.content_ns != ns::client) {
        stream_.close(StreamError{StreamCondition::invalid_namespace, {}});
    } else if (!is_modern(header.version)) {
        stream_.close(StreamError{StreamCondition::unsupported_version, {}});
    } else if (header.to.empty()) {
        stream_.close(StreamError{StreamCondition::improper_addressing, "To which domain?"});
    } else if (
        host == nullptr || *host->options().accounts == Accounts::none ||
        (user_ && host != host_)) {
        stream_.close(StreamError{StreamCondition::host_unknown, {}});
    } else {
        host_ = host;
        offer();
    }
}

void Login::offer()
{
    Element features{ns::stream, "stream:features"};
    if (user_) {
        features.add(ns::bind, "bind");
        features.add(ns::session, "session").add("optional");
        for (const Element& feature : host_->stream_features()) {
            features.add(feature);
        }
    } else if (stream_.secured()) {
        add_mechanisms(features);
    } else {
        Element& starttls = features.add(ns::tls, "starttls");
        if (*stream_.home().options().require_tls) {
            starttls.add("required");
        } else {
            add_mechanisms(features);
        }
    }
    stream_.write_features(features);
}

void Login::add_mechanisms(Element& features)
{
    const SaslContext context = this->context();
    Element& mechanisms = features.add(ns::sasl, "mechanisms");
    for (const SaslMechanism mechanism : offered_mechanisms(context)) {
        mechanisms.add("mechanism").text(name(mechanism));
    }
    const auto bindings = offered_bindings(context);
    if (!bindings.empty()) {
        Element& announced = features.add(ns::sasl_channel_binding, "sasl-channel-binding");
        for (const std::string_view type : bindings) {
            announced.add("channel-binding").set("type", type);
        }
    }
}

void Login::receive(ParsedStanza&& stanza)
{
    const bool is_bind = user_ && stanza.kind == Kind::iq && stanza.type == Type::set &&
                         stanza.payload && stanza.payload->has(ns::bind, "bind");
    if (!is_bind) {
        // RFC 6120 §4.9.3.12, §7.1: nothing may be sent before.
        stream_.close(StreamError{StreamCondition::not_authorized, {}});
        return;
    }
    const std::optional<Element> request = stanza.payload->element(ns::bind, "bind");
    const Element* const resource = request->child(ns::bind, "resource");
    begin(bind(std::string{stanza.id}, resource != nullptr ? resource->text() : std::string{}));
}

void Login::receive(Element&& element)
{
    if (element.is(ns::tls, "starttls")) {
        start_tls();
    } else if (user_) {
        begin(ask_modules(std::move(element)));
    } else if (element.ns() != ns::sasl) {
        stream_.close(StreamError{StreamCondition::unsupported_stanza_type, {}});
    } else if (element.name() == "auth") {
        authenticate(element);
    } else if (element.name() == "response") {
        respond(element);
    } else if (element.name() == "abort") {
        exchange_.reset();
        begin(refuse(SaslFailure{SaslCondition::aborted, {}}));
    } else {
        stream_.close(StreamError{StreamCondition::unsupported_stanza_type, {}});
    }
}

void Login::start_tls()
{
    // RFC 6120 §5.4.2.2: a failure ends the stream.
    if (stream_.secured() || user_ || exchange_) {
        stream_.write(Element{ns::tls, "failure"});
        stream_.close();
        return;
    }
    stream_.write(Element{ns::tls, "proceed"});
    stream_.start_tls();
}

void Login::authenticate(const Element& element)
{
    Decoded initial = decode(element);
    std::string mechanism{element.attribute("mechanism")};
    if (!stream_.secured() && *stream_.home().options().require_tls) {
        begin(refuse(SaslFailure{SaslCondition::encryption_required, {}}));
    } else if (exchange_) {
        exchange_.reset();
        begin(refuse(SaslFailure{SaslCondition::malformed_request, "One at a time"}));
    } else if (!initial.valid) {
        begin(refuse(SaslFailure{SaslCondition::incorrect_encoding, {}}));
    } else {
        begin(start_exchange(std::move(mechanism), std::move(initial.bytes)));
    }
}

void Login::respond(const Element& element)
{
    Decoded response = decode(element);
    if (!exchange_) {
        begin(refuse(SaslFailure{SaslCondition::malformed_request, "Begin with auth"}));
    } else if (!response.valid) {
        exchange_.reset();
        begin(refuse(SaslFailure{SaslCondition::incorrect_encoding, {}}));
    } else {
        begin(go_on(std::move(response.bytes).value_or(std::string{})));
    }
}

SaslContext Login::context()
{
    C2sShard& home = stream_.home();
    SaslContext context{
        home.server().storage().accounts(), home.server().hashing(), home.policy(*host_)};
    context.tls = stream_.secured();
    if (context.tls) {
        const TlsSession& tls = *stream_.connection().tls();
        if (auto exporter = tls.exporter()) {
            context.bindings.push_back({"tls-exporter", std::move(*exporter)});
        }
        if (auto end_point = tls.server_end_point()) {
            context.bindings.push_back({"tls-server-end-point", std::move(*end_point)});
        }
    }
    return context;
}

Task<void> Login::start_exchange(std::string mechanism, std::optional<std::string> initial)
{
    exchange_ = std::make_unique<SaslExchange>(context());
    std::optional<std::string_view> first;
    if (initial) {
        first = *initial;
    }
    Task<SaslStep> starting = exchange_->start(mechanism, first);
    SaslStep step = co_await starting;
    if (initial) {
        wipe(*initial); // of PLAIN, it is the password
    }
    Task<void> answering = answer(std::move(step));
    co_await answering;
}

Task<void> Login::go_on(std::string response)
{
    Task<SaslStep> responding = exchange_->respond(response);
    SaslStep step = co_await responding;
    wipe(response);
    Task<void> answering = answer(std::move(step));
    co_await answering;
}

Task<void> Login::answer(SaslStep step)
{
    if (const auto* challenge = std::get_if<SaslChallenge>(&step)) {
        Element element{ns::sasl, "challenge"};
        element.text(base64_encode(challenge->bytes));
        stream_.write(element);
        co_return;
    }
    const bool guessed = exchange_->work().proofs + exchange_->work().derivations > 0;
    exchange_.reset();
    if (const auto* success = std::get_if<SaslSuccess>(&step)) {
        succeed(*success);
        co_return;
    }
    Task<void> refusing = refuse(std::move(std::get<SaslFailure>(step)), guessed);
    co_await refusing;
}

void Login::succeed(const SaslSuccess& success)
{
    user_ = Jid::make(success.user, host_->domain()).value();
    Element element{ns::sasl, "success"};
    if (!success.additional.empty()) {
        element.text(base64_encode(success.additional));
    }
    stream_.write(element);
    stream_.restart();
    C2sShard& home = stream_.home();
    home.server().counters().logins.add();
    home.succeeded(stream_.network());
    leaving_ = !home.is_home(user_);
    if (leaving_) {
        stream_.hold(true);
    }
}

void Login::arrived()
{
    leaving_ = false;
    held_ = false;
    host_ = stream_.home().server().router().host(user_.domain());
    stream_.hold(false);
}

// Only a guess at a password is held back; a mechanism that cannot be used says nothing of one.
Task<void> Login::refuse(SaslFailure failure, bool guessed)
{
    C2sShard& home = stream_.home();
    home.server().counters().failed_logins.add();
    if (guessed) {
        Task<std::chrono::milliseconds> asking = home.failed(stream_.network());
        const std::chrono::milliseconds delay = co_await asking;
        if (delay.count() > 0) {
            co_await home.shard().sleep(delay);
        }
    }
    Element element{ns::sasl, "failure"};
    element.add(name(failure.condition));
    if (!failure.text.empty()) {
        element.add("text").set(ns::xml, "lang", "en").text(failure.text);
    }
    stream_.write(element);
    if (++tries_ >= static_cast<unsigned>(*home.options().login_tries)) {
        stream_.close(StreamError{StreamCondition::policy_violation, "Too many failed log-ins"});
    }
}

void Login::begin(Task<void> step)
{
    step_ = Running{run(std::move(step))};
    if (step_.active()) {
        held_ = true;
        stream_.hold(true);
    } else {
        finish_step();
    }
}

Task<void> Login::run(Task<void> step)
{
    co_await step;
    if (held_) {
        // From the loop: what goes on may begin another step in the place of this one.
        stream_.home().shard().at_turn_end(*this);
    }
}

void Login::on_turn_end()
{
    finish_step();
}

void Login::finish_step()
{
    ClientStream& stream = stream_;
    if (leaving_) {
        // Not before the step is over: it runs on this shard.
        stream.home().send_home(stream, user_);
    }
    const bool held = std::exchange(held_, false) && !leaving_;
    if (bound_) {
        stream.end_login();
    }
    if (held) {
        stream.hold(false);
    }
}

} // namespace sarang
