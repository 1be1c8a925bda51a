// SPDX-License-Identifier: Apache-2.0
// One client of a dialogue: a session by libstrophe, over TLS, and what came through it.
#pragma once

#include "base/scope.h"

#include <strophe.h>

#include <cstddef>
#include <deque>
#include <set>
#include <string>

#include "xml.h"

namespace sarang {

using ContextPtr = Owned<xmpp_ctx_t, xmpp_ctx_free>;

class Client {
public:
    enum class State { away, connecting, online, ended };

    /// `address` is a bare JID, and a full one if the resource is not the server's to choose.
    Client(xmpp_ctx_t& context, std::string account, std::string resource, std::string password);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    ~Client() { connection_.reset(); }

    /// Begins to log in, with the certificate in the file as the only one to trust.
    void connect(unsigned short port, const std::string& certificate);
    /// From here on stanzas are kept; what came before was part of the log-in.
    void listen();
    void disconnect();
    void cut_off();
    void send(const std::string& xml);

    /// Those that came already as well.
    void ignore(const std::string& stanza);

    /// The messages by which rooms tell of affiliations of those who are not there.
    void ignore_affiliations() { ignores_affiliations_ = true; }

    /// Asks for an answer that cannot but come, behind all that was sent there before.
    void probe(const std::string& to);

    State state() const { return state_; }

    bool online() const { return state_ == State::online; }

    std::size_t unanswered() const { return probes_.size(); }

    const std::string& account() const { return account_; }

    /// The full JID that is bound, or will be.
    std::string jid() const;

    /// The condition of the stream error, or why else it ended.
    const std::string& farewell() const { return farewell_; }

    std::deque<XmlNode>& inbox() { return inbox_; }

    void forget() { state_ = State::away; }

private:
    static void
    on_change(xmpp_conn_t*, xmpp_conn_event_t event, int, xmpp_stream_error_t* error, void* self);
    static int on_stanza(xmpp_conn_t*, xmpp_stanza_t* stanza, void* self);
    static int distrust(const xmpp_tlscert_t*, const char* why);
    bool is_probe(const XmlNode& stanza);

    xmpp_ctx_t& context_;
    std::string account_;
    std::string resource_;
    std::string password_;
    Owned<xmpp_conn_t, xmpp_conn_release> connection_;
    State state_ = State::away;
    std::string farewell_;
    std::deque<XmlNode> inbox_;
    std::set<std::string> ignored_;
    bool ignores_affiliations_ = false;
    std::set<std::string> probes_; ///< ids of those that wait for their answer
    unsigned probed_ = 0;
};

} // namespace sarang
