// SPDX-License-Identifier: Apache-2.0

#include "talk.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace sarang::bench {
namespace {

constexpr Nanoseconds drain_limit = 60 * per_second;

} // namespace

Talk::Talk(Crowd& crowd, unsigned pairs)
    : crowd_{crowd}
    , epoch_{now()}
{
    for (unsigned pair = 0; pair < pairs; ++pair) {
        pairs_.push_back({NumberedStanza{crowd.session(2 * pair + 1).jid(), "chat"}});
    }
    crowd.listen(*this);
}

Outcome Talk::run(const Plan& plan)
{
    plan_ = plan;
    measuring_ = Measuring{plan.server};
    sending_ = true;
    const Nanoseconds start = now();
    due_ = start;
    fill_windows();
    talk_until(start + plan.warm);
    measuring_.start(received_);
    talk_until(now() + plan.measure);
    measuring_.stop(received_);
    sending_ = false;
    drain();
    Outcome outcome = measuring_.outcome();
    outcome.total = received_;
    return outcome;
}

void Talk::message(const Session& session, std::string_view stanza)
{
    const Numbered numbered = number_of(stanza);
    const unsigned number = session.number() / 2;
    if (session.number() % 2 == 0 || number >= pairs_.size()) {
        throw std::runtime_error("a message came to its sender: " + std::string{stanza});
    }
    Pair& pair = pairs_[number];
    if (numbered.number != ++pair.received) {
        throw std::runtime_error(
            "message " + std::to_string(pair.received) + " was due, " +
            std::to_string(numbered.number) + " came");
    }
    ++received_;
    const Nanoseconds time = now();
    measuring_.delay(time - epoch_ - numbered.stamp);
    if (sending_ && plan_.window > 0) {
        send(number, time);
    }
}

void Talk::send(unsigned number, Nanoseconds stamp)
{
    Pair& pair = pairs_[number];
    ++sent_;
    crowd_.session(2 * number).send(pair.stanza.with(++pair.sent, stamp - epoch_));
}

// Poisson arrivals of bursts, stamped with the time at which they were due: a server that
// stalls is charged for all who would have sent meanwhile.
void Talk::send_due(Nanoseconds time)
{
    std::uniform_real_distribution<double> uniform{0.0, 1.0};
    while (due_ <= time) {
        for (unsigned count = 0; count < plan_.burst; ++count) {
            send(turn_, due_);
        }
        measuring_.lag(time - due_);
        turn_ = turn_ + 1 < pairs_.size() ? turn_ + 1 : 0;
        const double gap = -std::log(1.0 - uniform(random_)) * plan_.burst / plan_.rate;
        due_ += static_cast<Nanoseconds>(gap * static_cast<double>(per_second)) + 1;
    }
}

void Talk::fill_windows()
{
    const Nanoseconds time = now();
    for (unsigned pair = 0; pair < pairs_.size(); ++pair) {
        for (unsigned count = 0; count < plan_.window; ++count) {
            send(pair, time);
        }
    }
}

void Talk::talk_until(Nanoseconds until)
{
    while (true) {
        const Nanoseconds time = now();
        if (time >= until) {
            return;
        }
        Nanoseconds wake = until;
        if (plan_.rate > 0) {
            send_due(time);
            wake = std::min(wake, due_);
        }
        crowd_.turn(wake);
    }
}

void Talk::drain()
{
    const Nanoseconds until = now() + drain_limit;
    while (received_ < sent_) {
        if (now() >= until) {
            throw std::runtime_error(
                std::to_string(sent_ - received_) + " of " + std::to_string(sent_) +
                " messages never came");
        }
        crowd_.turn(until);
    }
}

} // namespace sarang::bench
