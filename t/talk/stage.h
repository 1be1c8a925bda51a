// SPDX-License-Identifier: Apache-2.0
// Where a dialogue is played: its clients are libstrophe's, each with a session at the daemon. One
// thread; nothing waits but in until(), which lets the library work.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client.h"
#include "daemon.h"
#include "dialogue.h"
#include "xml.h"

namespace sarang {

class Stage {
public:
    /// `number` sets the dialogue's accounts apart from those of all others.
    Stage(TestDaemon& daemon, const Dialogue& dialogue, std::size_t number);

    /// Throws TalkFailure where it goes wrong.
    void play();

    /// Lines for TestDaemon::import().
    static std::string accounts(const Dialogue& dialogue, std::size_t number);

private:
    void play(const Step& step);
    Client& client(const std::string& name);
    Client& take_part(const std::string& name, const Part& part);
    void connect(Client& client);
    void disconnect(Client& client);
    void be_dismissed(Client& client, const std::string& condition);
    void receive(Client& client, const std::string& text);
    void receive_in_any_order(Client& client, const std::string& text);
    void receive_nothing(Client& client);
    void befriend(const std::string& one, const std::string& other);
    void subscribe(Client& one, Client& other);
    void open_room(Client& client, const std::string& text);
    void enter_room(Client& client, const std::string& text);
    std::set<std::string> enter(Client& client, const std::string& occupant, const std::string& x);
    void configure(Client& client, const std::string& room, const std::string& fields);
    void end();

    XmlNode next(Client& client, const std::string& awaited);
    void settle();
    void expect_no_more();
    void forget_what_came();
    std::vector<XmlNode> patterns(const std::string& text);
    std::string sendable(const std::string& text) const;
    std::string addressed(const std::string& text) const;
    std::string suffixed(std::string text) const;

    template <class Condition>
    bool until(Condition holds);

    [[noreturn]] void fail(const std::string& what) const;

    TestDaemon& daemon_;
    const Dialogue& dialogue_;
    std::string suffix_;
    std::set<std::string> rooms_; ///< those that are named, without the suffix
    ContextPtr context_;
    std::map<std::string, Client> clients_;
    Variables variables_;
    std::size_t line_ = 0;
};

} // namespace sarang
