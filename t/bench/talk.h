// SPDX-License-Identifier: Apache-2.0
// One-to-one messages between pairs of sessions.

#pragma once

#include <random>
#include <sys/types.h>
#include <vector>

#include "crowd.h"
#include "measuring.h"
#include "numbered.h"

namespace sarang::bench {

class Talk final : public MessageListener {
public:
    struct Plan {
        unsigned window = 0; // closed loop: so many messages in flight a pair
        double rate = 0;     // open loop: so many messages a second in all ...
        unsigned burst = 1;  // ... and so many of them at a time
        Nanoseconds warm = 0;
        Nanoseconds measure = 0;
        pid_t server = 0;
    };

    // The first 2 * `pairs` sessions of `crowd` have to be logged in.
    Talk(Crowd& crowd, unsigned pairs);

    // Throws unless every message arrives, once and in order.
    Outcome run(const Plan& plan);

    void message(const Session& session, std::string_view stanza) override;

private:
    struct Pair {
        NumberedStanza stanza;
        uint64_t sent = 0;
        uint64_t received = 0;
    };

    void send(unsigned pair, Nanoseconds stamp);
    void send_due(Nanoseconds time);
    void fill_windows();
    void talk_until(Nanoseconds time);
    void drain();

    Crowd& crowd_;
    std::vector<Pair> pairs_;
    Nanoseconds epoch_;
    std::mt19937_64 random_{20120131}; // a fixed seed: each server sees the same arrivals
    Plan plan_;
    Measuring measuring_;
    bool sending_ = false;
    Nanoseconds due_ = 0;
    unsigned turn_ = 0; // the pair that sends next in an open loop
    uint64_t sent_ = 0;
    uint64_t received_ = 0;
};

} // namespace sarang::bench
