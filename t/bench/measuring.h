// SPDX-License-Identifier: Apache-2.0
// What a phase of a run costs and how long its messages take.

#pragma once

#include <cstdint>
#include <sys/types.h>

#include "histogram.h"

namespace sarang::bench {

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

class Measuring {
public:
    // Of `server` the CPU time is not asked for where it is 0.
    explicit Measuring(pid_t server = 0)
        : server_{server}
    {}

    // So many messages had been received when the measured time began and ended.
    void start(uint64_t received);
    void stop(uint64_t received);

    bool running() const { return running_; }

    void delay(Nanoseconds time);
    void lag(Nanoseconds time);

    // Requires that it was stopped.
    Outcome outcome() const;

private:
    struct Reading {
        Nanoseconds time = 0;
        Nanoseconds server = 0;
        Nanoseconds generator = 0;
        uint64_t received = 0;
    };

    Reading reading(uint64_t received) const;

    pid_t server_;
    bool running_ = false;
    Reading before_;
    Reading after_;
    Histogram delays_;
    Histogram lags_;
};

} // namespace sarang::bench
