// SPDX-License-Identifier: Apache-2.0
// Login: what passes on a client's stream before a resource is bound (RFC 6120 §5 to §7):
// STARTTLS, SASL, bind. Belongs to its ClientStream and ends when it has done its work.
#pragma once

#include "base/task.h"
#include "core/sasl.h"
#include "core/user.h"
#include "net/shard.h"
#include "xml/element.h"
#include "xml/jid.h"
#include "xml/stream_parser.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sarang {

class ClientStream;
class Host;

class Login final : private TurnEnd {
public:
    explicit Login(ClientStream& stream);
    ~Login();
    Login(const Login&) = delete;
    Login& operator=(const Login&) = delete;

    void opened(const StreamHeader& header);
    void receive(ParsedStanza&& stanza);
    void receive(Element&& element);

    /// Who has logged in; the empty Jid while nobody has.
    const Jid& user() const { return user_; }

    /// The stream stands on its user's home shard now.
    void arrived();

private:
    void on_turn_end() override;

    // A step may wait for something; until it is done, nothing more is read.
    void begin(Task<void> step);
    Task<void> run(Task<void> step);
    void finish_step();

    void offer();
    void add_mechanisms(Element& features);
    void start_tls();
    void authenticate(const Element& element);
    void respond(const Element& element);
    SaslContext context();
    Task<void> start_exchange(std::string mechanism, std::optional<std::string> initial);
    Task<void> go_on(std::string response);
    Task<void> answer(SaslStep step);
    void succeed(const SaslSuccess& success);
    Task<void> refuse(SaslFailure failure, bool guessed = false);
    Task<void> bind(std::string id, std::string resource);
    Task<Result<void>> make_session(std::string id, std::string resource);
    Task<Result<User::Pin>> current_user();
    Task<Result<Jid>> choose_name(User& user, std::string resource);
    Task<void> ask_modules(Element element);
    void resume(Resource& resource);
    static Task<void> replace(User& user, Resource& older);
    static Resource* first_away(const User& user);
    void answer_bind(const std::string& id, Result<Jid> full);

    ClientStream& stream_;
    Host* host_ = nullptr;
    Jid user_; ///< once logged in
    std::unique_ptr<SaslExchange> exchange_;
    unsigned tries_ = 0;
    bool held_ = false; ///< a step waits
    bool leaving_ = false;
    bool bound_ = false;
    std::optional<Clock::Wall> lost_since_; ///< a session that the client asked for
    Running step_;
};

} // namespace sarang
