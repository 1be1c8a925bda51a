// SPDX-License-Identifier: Apache-2.0
// The sessions of a run: logs them in, so many at a time, and keeps them.

#pragma once

#include <deque>

#include "session.h"

namespace sarang::bench {

class MessageListener {
public:
    virtual ~MessageListener() = default;
    virtual void message(const Session& session, std::string_view stanza) = 0;
    virtual void answer(const Session& session, std::string_view stanza);

    virtual void presence(const Session&, std::string_view) {}
};

class Crowd final : public Observer {
public:
    // Every wait of the run ends with an error at the time `give_up`.
    Crowd(const Target& target, Loop& loop, ScramKeyring& keyring, Nanoseconds give_up);

    // Logs in until `count` sessions are ready, `parallel` at a time.
    void grow(unsigned count, unsigned parallel);
    void idle(Nanoseconds time);
    // One turn of the loop, at the latest until `deadline`.
    void turn(Nanoseconds deadline);

    void listen(MessageListener& listener) { listener_ = &listener; }

    Session& session(unsigned number) { return sessions_[number]; }

    void ready() override { ++ready_; }

    void message(const Session& session, std::string_view stanza) override;
    void answer(const Session& session, std::string_view stanza) override;
    void presence(const Session& session, std::string_view stanza) override;

private:
    Session::Surroundings around_;
    Nanoseconds give_up_;
    MessageListener* listener_ = nullptr;
    std::deque<Session> sessions_; // a deque never moves them
    unsigned ready_ = 0;
};

} // namespace sarang::bench
