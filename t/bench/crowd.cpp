// SPDX-License-Identifier: Apache-2.0

#include "crowd.h"

#include <algorithm>
#include <stdexcept>

namespace sarang::bench {

Crowd::Crowd(const Target& target, Loop& loop, ScramKeyring& keyring, Nanoseconds give_up)
    : around_{target, loop, keyring, *this}
    , give_up_{give_up}
{}

void Crowd::grow(unsigned count, unsigned parallel)
{
    while (ready_ < count) {
        while (sessions_.size() < count && sessions_.size() - ready_ < parallel) {
            const auto number = static_cast<unsigned>(sessions_.size());
            sessions_.emplace_back(around_, number).open();
        }
        turn(give_up_);
    }
}

void Crowd::idle(Nanoseconds time)
{
    const Nanoseconds until = now() + time;
    while (now() < until) {
        turn(until);
    }
}

void Crowd::turn(Nanoseconds deadline)
{
    if (now() >= give_up_) {
        throw std::runtime_error(
            "out of time with " + std::to_string(ready_) + " sessions logged in");
    }
    around_.loop.turn(std::min(deadline, give_up_));
}

void MessageListener::answer(const Session&, std::string_view stanza)
{
    throw std::runtime_error("unexpected: " + std::string{stanza});
}

void Crowd::answer(const Session& session, std::string_view stanza)
{
    if (listener_ == nullptr) {
        throw std::runtime_error("an answer that nobody asked for: " + std::string{stanza});
    }
    listener_->answer(session, stanza);
}

void Crowd::presence(const Session& session, std::string_view stanza)
{
    if (listener_ != nullptr) {
        listener_->presence(session, stanza);
    }
}

void Crowd::message(const Session& session, std::string_view stanza)
{
    if (listener_ == nullptr) {
        throw std::runtime_error("a message that nobody sent: " + std::string{stanza});
    }
    listener_->message(session, stanza);
}

} // namespace sarang::bench
