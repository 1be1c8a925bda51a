// SPDX-License-Identifier: Apache-2.0
// One-to-one messages between pairs of sessions: numbered, so that a loss, a
// repetition or a wrong order is an error, and stamped, so that delay is known.

#pragma once

#include <random>
#include <string>
#include <sys/types.h>
#include <vector>

#include "crowd.h"
#include "histogram.h"

namespace sarang::bench {

class Talk final : public MessageListener {
public:
    struct Plan {
        unsigned window = 0; // closed loop: so many messages in flight a pair
        double rate = 0;     // open loop: so many messages a second in all ...
        unsigned burst = 1;  // ... and so many of them at a time
        Nanoseconds warm = 0;
        Nanoseconds measure = 0;
        pid_t server = 0; // 0 = its CPU time is not asked for
    };

    struct Outcome {
        uint64_t messages = 0; // of the measured time
        uint64_t total = 0;    // all were verified
        double seconds = 0;
        double server_cpu = 0;    // seconds
        double generator_cpu = 0; // seconds
        Nanoseconds p50 = 0;
        Nanoseconds p99 = 0;
        Nanoseconds worst = 0;
        Nanoseconds lag = 0; // p99 of how late the generator itself was in an open loop
    };

    // The first 2 * `pairs` sessions of `crowd` have to be logged in.
    Talk(Crowd& crowd, unsigned pairs);

    // Throws unless every message arrives, once and in order.
    Outcome run(const Plan& plan);

    void message(const Session& session, std::string_view stanza) override;

private:
    struct Pair {
        std::string stanza;
        uint64_t sent = 0;
        uint64_t received = 0;
    };

    struct Reading {
        Nanoseconds time = 0;
        Nanoseconds server = 0;
        Nanoseconds generator = 0;
        uint64_t received = 0;
    };

    Reading reading() const;
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
    bool sending_ = false;
    bool measuring_ = false;
    Nanoseconds due_ = 0;
    unsigned turn_ = 0; // the pair that sends next in an open loop
    uint64_t sent_ = 0;
    uint64_t received_ = 0;
    Histogram delays_;
    Histogram lags_;
};

} // namespace sarang::bench
