// SPDX-License-Identifier: Apache-2.0

#include "measuring.h"

#include <unistd.h>

#include "probe.h"

namespace sarang::bench {
namespace {

double seconds(Nanoseconds time)
{
    return static_cast<double>(time) / static_cast<double>(per_second);
}

} // namespace

void Measuring::start(uint64_t received)
{
    before_ = reading(received);
    running_ = true;
}

void Measuring::stop(uint64_t received)
{
    after_ = reading(received);
    running_ = false;
}

void Measuring::delay(Nanoseconds time)
{
    if (running_) {
        delays_.add(time);
    }
}

void Measuring::lag(Nanoseconds time)
{
    if (running_) {
        lags_.add(time);
    }
}

Outcome Measuring::outcome() const
{
    Outcome outcome;
    outcome.messages = after_.received - before_.received;
    outcome.seconds = seconds(after_.time - before_.time);
    outcome.server_cpu = seconds(after_.server - before_.server);
    outcome.generator_cpu = seconds(after_.generator - before_.generator);
    outcome.p50 = delays_.at(0.50);
    outcome.p99 = delays_.at(0.99);
    outcome.worst = delays_.largest();
    outcome.lag = lags_.at(0.99);
    return outcome;
}

Measuring::Reading Measuring::reading(uint64_t received) const
{
    Reading reading;
    reading.time = now();
    reading.server = server_ > 0 ? cpu_time(server_) : 0;
    reading.generator = cpu_time(::getpid());
    reading.received = received;
    return reading;
}

} // namespace sarang::bench
