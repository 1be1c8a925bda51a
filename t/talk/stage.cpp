// SPDX-License-Identifier: Apache-2.0
#include "stage.h"

#include <algorithm>
#include <cctype>
#include <chrono>

namespace sarang {
namespace {

char lower(char c)
{
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool goes_on(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_';
}

void replace_all(std::string& text, const std::string& what, const std::string& by)
{
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
        text.replace(at, what.size(), by);
    }
}

// Puts the suffix behind the local part wherever the account is named, in whatever case.
void add_suffix(std::string& text, const std::string& account, const std::string& suffix)
{
    const auto same = [](char a, char b) { return lower(a) == lower(b); };
    auto at = text.begin();
    for (;;) {
        at = std::search(at, text.end(), account.begin(), account.end(), same);
        if (at == text.end()) {
            return;
        }
        if (at != text.begin() && goes_on(*std::prev(at))) {
            ++at;
            continue;
        }
        const auto local = static_cast<std::ptrdiff_t>(account.find('@'));
        at = text.insert(at + local, suffix.begin(), suffix.end());
    }
}

std::string suffix_of(std::size_t number)
{
    return '-' + std::to_string(number);
}

std::set<std::string> accounts_of(const Dialogue& dialogue)
{
    std::set<std::string> accounts;
    for (const Part& part : dialogue.cast) {
        accounts.insert(part.account);
    }
    return accounts;
}

constexpr std::string_view room_host = "@rooms.localhost";

// The bare JIDs of rooms in a text.
void find_rooms(const std::string& text, std::set<std::string>& rooms)
{
    for (std::size_t at = 0; (at = text.find(room_host, at)) != std::string::npos; ++at) {
        std::size_t begin = at;
        while (begin > 0 && goes_on(text[begin - 1])) {
            --begin;
        }
        rooms.insert(text.substr(begin, at - begin) + std::string{room_host});
    }
}

} // namespace

Stage::Stage(TestDaemon& daemon, const Dialogue& dialogue, std::size_t number)
    : daemon_{daemon}
    , dialogue_{dialogue}
    , suffix_{suffix_of(number)}
    , context_{xmpp_ctx_new(nullptr, nullptr)}
{
    for (const Part& part : dialogue.cast) {
        take_part(part.name, part);
    }
    bool about_affiliations = false;
    for (const Step& step : dialogue.steps) {
        find_rooms(step.text, rooms_);
        about_affiliations |= step.text.find(affiliations_ns) != std::string::npos;
    }
    for (auto& [name, client] : clients_) {
        if (!about_affiliations) {
            client.ignore_affiliations();
        }
    }
}

std::string Stage::accounts(const Dialogue& dialogue, std::size_t number)
{
    std::map<std::string, std::string> passwords;
    for (const Part& part : dialogue.cast) {
        std::string account = part.account;
        add_suffix(account, part.account, suffix_of(number));
        passwords.emplace(account, part.password);
    }
    std::string lines;
    for (const auto& [account, password] : passwords) {
        lines += account + '\t' + password + '\n';
    }
    return lines;
}

void Stage::play()
{
    for (const Step& step : dialogue_.steps) {
        line_ = step.line;
        play(step);
    }
    end();
}

void Stage::play(const Step& step)
{
    Client& who = client(step.who);
    if (step.deed != Deed::connect && step.deed != Deed::befriend && step.deed != Deed::ignore &&
        who.state() == Client::State::away) {
        fail(step.who + " is not connected");
    }
    switch (step.deed) {
    case Deed::connect:
        connect(who);
        break;
    case Deed::disconnect:
        disconnect(who);
        break;
    case Deed::be_cut_off:
        who.cut_off();
        break;
    case Deed::be_dismissed:
        be_dismissed(who, step.text);
        break;
    case Deed::send:
        who.send(sendable(step.text));
        break;
    case Deed::receive:
        receive(who, step.text);
        break;
    case Deed::receive_in_any_order:
        receive_in_any_order(who, step.text);
        break;
    case Deed::receive_nothing:
        receive_nothing(who);
        break;
    case Deed::ignore:
        who.ignore(step.text);
        break;
    case Deed::befriend:
        befriend(step.who, step.text);
        break;
    case Deed::open_room:
        open_room(who, step.text);
        break;
    case Deed::enter_room:
        enter_room(who, step.text);
        break;
    }
}

Client& Stage::client(const std::string& name)
{
    return clients_.at(name);
}

Client& Stage::take_part(const std::string& name, const Part& part)
{
    return clients_
        .try_emplace(name, *context_, suffixed(part.account), part.resource, part.password)
        .first->second;
}

void Stage::connect(Client& client)
{
    client.connect(daemon_.port(), daemon_.certificate());
    until([&] { return client.state() != Client::State::connecting; });
    if (!client.online()) {
        fail("the log-in fails " + client.farewell());
    }
    client.listen();
}

void Stage::disconnect(Client& client)
{
    client.disconnect();
    if (!until([&] { return client.state() == Client::State::ended; })) {
        fail("the server does not close its stream");
    }
    if (!client.farewell().empty()) {
        fail("the stream ended with " + client.farewell());
    }
    client.forget();
}

void Stage::be_dismissed(Client& client, const std::string& condition)
{
    if (!until([&] { return client.state() == Client::State::ended; })) {
        fail("the stream goes on");
    }
    if (client.farewell() != condition) {
        fail("the stream ended with " + client.farewell() + " instead");
    }
    client.forget();
}

void Stage::receive(Client& client, const std::string& text)
{
    const std::vector<XmlNode> expected = patterns(text);
    if (expected.size() != 1) {
        fail("one stanza at a time, or in any order");
    }
    const XmlNode came = next(client, text);
    if (const auto wrong = mismatch(expected.front(), came, variables_)) {
        fail(*wrong + "\nexpected:\n" + text + "came:\n    " + came.str());
    }
}

void Stage::receive_in_any_order(Client& client, const std::string& text)
{
    std::vector<XmlNode> expected = patterns(text);
    while (!expected.empty()) {
        const XmlNode came = next(client, text);
        std::string why;
        const auto found = std::find_if(expected.begin(), expected.end(), [&](const XmlNode& one) {
            const auto wrong = mismatch(one, came, variables_);
            why += wrong ? '\n' + *wrong : "";
            return !wrong;
        });
        if (found == expected.end()) {
            fail("it fits none of those that are left:" + why + "\ncame:\n    " + came.str());
        }
        expected.erase(found);
    }
}

void Stage::receive_nothing(Client& client)
{
    settle();
    if (!client.inbox().empty()) {
        fail("nothing was expected, came:\n    " + client.inbox().front().str());
    }
}

// With sessions of their own, which are gone when the dialogue goes on.
void Stage::befriend(const std::string& one, const std::string& other)
{
    const auto part = [&](const std::string& name) {
        const auto& cast = dialogue_.cast;
        const auto found = std::find_if(
            cast.begin(), cast.end(), [&](const Part& any) { return any.name == name; });
        Part hidden = *found;
        hidden.resource = "befriends";
        return hidden;
    };
    Client& first = take_part(one + " befriends", part(one));
    Client& second = take_part(other + " befriends", part(other));
    connect(first);
    connect(second);
    subscribe(first, second);
    subscribe(second, first);
    disconnect(first);
    disconnect(second);
    clients_.erase(one + " befriends");
    clients_.erase(other + " befriends");
}

void Stage::subscribe(Client& one, Client& other)
{
    one.send("<presence type='subscribe' to='" + escape_xml(other.account()) + "'/>");
    settle();
    other.send("<presence type='subscribed' to='" + escape_xml(one.account()) + "'/>");
    settle();
}

void Stage::end()
{
    expect_no_more();
    for (const Part& part : dialogue_.cast) {
        const Client& client = this->client(part.name);
        if (client.state() == Client::State::ended) {
            fail("the stream of " + part.name + " ended: " + client.farewell());
        }
    }
}

void Stage::expect_no_more()
{
    settle();
    for (const Part& part : dialogue_.cast) {
        const std::deque<XmlNode>& inbox = client(part.name).inbox();
        if (!inbox.empty()) {
            fail(part.name + " received what nobody expected:\n    " + inbox.front().str());
        }
    }
}

void Stage::forget_what_came()
{
    settle();
    for (auto& [name, client] : clients_) {
        client.inbox().clear();
    }
}

XmlNode Stage::next(Client& client, const std::string& awaited)
{
    std::deque<XmlNode>& inbox = client.inbox();
    until([&] { return !inbox.empty() || !client.online(); });
    if (inbox.empty()) {
        const std::string why = client.online() ? "" : " and the stream ended " + client.farewell();
        fail("nothing came" + why + ", expected:\n" + awaited);
    }
    XmlNode came = std::move(inbox.front());
    inbox.pop_front();
    return came;
}

// Proof, without a clock, that all consequences have arrived: stanzas of one sender to one
// recipient never overtake each other, so what comes back from each account, each session and each
// room to each client was behind them. The second round is behind what the first one met on its
// way.
void Stage::settle()
{
    const std::set<std::string> accounts = accounts_of(dialogue_);
    for (int round = 0; round < 2; ++round) {
        for (auto& [name, asking] : clients_) {
            if (!asking.online()) {
                continue;
            }
            for (const std::string& account : accounts) {
                asking.probe(suffixed(account));
            }
            for (const std::string& room : rooms_) {
                asking.probe(suffixed(room));
            }
            for (const auto& [other, asked] : clients_) {
                if (asked.online()) {
                    asking.probe(asked.jid());
                }
            }
        }
        const bool answered = until([&] {
            return std::all_of(clients_.begin(), clients_.end(), [](const auto& one) {
                return one.second.unanswered() == 0;
            });
        });
        if (!answered) {
            fail("a request was not answered");
        }
    }
}

std::vector<XmlNode> Stage::patterns(const std::string& text)
{
    auto elements = parse_xml(context_.get(), addressed(text));
    if (!elements || elements->empty()) {
        fail("what is expected is not well-formed:\n" + text);
    }
    return std::move(*elements);
}

std::string Stage::sendable(const std::string& text) const
{
    std::string xml = addressed(text);
    for (const auto& [name, value] : variables_) {
        replace_all(xml, '\'' + name + '\'', '\'' + escape_xml(value) + '\'');
        replace_all(xml, '>' + name + '<', '>' + escape_xml(value) + '<');
    }
    return xml;
}

std::string Stage::addressed(const std::string& text) const
{
    std::string xml = suffixed(text);
    for (const auto& [name, client] : clients_) {
        replace_all(xml, '{' + name + '}', escape_xml(client.jid()));
    }
    return xml;
}

std::string Stage::suffixed(std::string text) const
{
    for (const std::string& account : accounts_of(dialogue_)) {
        add_suffix(text, account, suffix_);
    }
    replace_all(text, std::string{room_host}, suffix_ + std::string{room_host});
    return text;
}

template <class Condition>
bool Stage::until(Condition holds)
{
    const auto deadline = std::chrono::steady_clock::now() + patience();
    while (!holds()) {
        if (!daemon_.drain()) {
            fail("the daemon has ended");
        }
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        constexpr unsigned long milliseconds = 100; // at most, until a socket has news
        xmpp_run_once(context_.get(), milliseconds);
    }
    return true;
}

void Stage::fail(const std::string& what) const
{
    std::string plain = what;
    replace_all(plain, suffix_ + '@', "@");
    throw TalkFailure{line_, plain};
}

} // namespace sarang
