// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <cstdio>

namespace sarang {
namespace {

constexpr std::string_view probe_mark = "talk-probe-";

} // namespace

Client::Client(xmpp_ctx_t& context, std::string account, std::string resource, std::string password)
    : context_{context}
    , account_{std::move(account)}
    , resource_{std::move(resource)}
    , password_{std::move(password)}
{}

void Client::connect(unsigned short port, const std::string& certificate)
{
    const std::string address = resource_.empty() ? account_ : account_ + '/' + resource_;
    connection_.reset(xmpp_conn_new(&context_));
    state_ = State::connecting;
    farewell_.clear();
    probes_.clear();
    xmpp_conn_set_flags(
        connection_.get(), XMPP_CONN_FLAG_MANDATORY_TLS | XMPP_CONN_FLAG_DISABLE_SM);
    xmpp_conn_set_cafile(connection_.get(), certificate.c_str());
    xmpp_conn_set_certfail_handler(connection_.get(), &Client::distrust);
    xmpp_conn_set_jid(connection_.get(), address.c_str());
    xmpp_conn_set_pass(connection_.get(), password_.c_str());
    if (xmpp_connect_client(connection_.get(), "127.0.0.1", port, &Client::on_change, this) !=
        XMPP_EOK) {
        state_ = State::ended;
        farewell_ = "no connection";
    }
}

void Client::listen()
{
    xmpp_handler_add(connection_.get(), &Client::on_stanza, nullptr, nullptr, nullptr, this);
}

void Client::disconnect()
{
    xmpp_disconnect(connection_.get());
}

// Without </stream:stream>: an open connection that is released is closed as it is.
void Client::cut_off()
{
    connection_.reset();
    state_ = State::away;
    probes_.clear();
}

void Client::send(const std::string& xml)
{
    xmpp_send_raw(connection_.get(), xml.data(), xml.size());
}

void Client::ignore(const std::string& stanza)
{
    ignored_.insert(stanza);
    std::erase_if(inbox_, [&](const XmlNode& came) { return came.name == stanza; });
}

void Client::probe(const std::string& to)
{
    const std::string id = std::string{probe_mark} + std::to_string(++probed_);
    probes_.insert(id);
    send(
        "<iq type='get' id='" + id + "' to='" + escape_xml(to) +
        "'><ping xmlns='urn:xmpp:ping'/></iq>");
}

std::string Client::jid() const
{
    const char* const bound = connection_ ? xmpp_conn_get_bound_jid(connection_.get()) : nullptr;
    return bound != nullptr ? bound : account_ + '/' + resource_;
}

void Client::on_change(
    xmpp_conn_t*, xmpp_conn_event_t event, int, xmpp_stream_error_t* error, void* self)
{
    Client& client = *static_cast<Client*>(self);
    if (event == XMPP_CONN_CONNECT) {
        client.state_ = State::online;
        return;
    }
    client.state_ = State::ended;
    client.probes_.clear();
    if (error != nullptr && error->stanza != nullptr) {
        // The condition is the child that is neither <text/> nor of an application.
        for (const XmlNode& child : copy_of(error->stanza).children) {
            if (child.name != "text" && child.ns == XMPP_NS_STREAMS_IETF) {
                client.farewell_ = child.name;
            }
        }
    }
}

int Client::on_stanza(xmpp_conn_t*, xmpp_stanza_t* stanza, void* self)
{
    Client& client = *static_cast<Client*>(self);
    XmlNode node = copy_of(stanza);
    // The stream's own elements, that is errors, are seen to by the library.
    const bool is_streams = node.ns == XMPP_NS_STREAMS;
    const bool ignored = client.ignored_.contains(node.name) ||
                         (client.ignores_affiliations_ && tells_affiliation(node));
    if (!is_streams && !client.is_probe(node) && !ignored) {
        client.inbox_.push_back(std::move(node));
    }
    return 1;
}

bool Client::is_probe(const XmlNode& stanza)
{
    const std::string id{stanza.attribute("id")};
    if (stanza.name != "iq" || !id.starts_with(probe_mark)) {
        return false;
    }
    if (stanza.attribute("type") == "get") {
        send(
            "<iq type='result' id='" + id + "' to='" + escape_xml(stanza.attribute("from")) +
            "'/>");
    } else {
        probes_.erase(id);
    }
    return true;
}

int Client::distrust(const xmpp_tlscert_t*, const char* why)
{
    std::fprintf(stderr, "# the daemon's certificate: %s\n", why);
    return 0;
}

} // namespace sarang
