// SPDX-License-Identifier: Apache-2.0
// What the benches of the store alone measure, and how they print it.
#pragma once

#include <cstdio>
#include <ctime>
#include <fmt/core.h>
#include <string>

namespace sarang::bench {

inline double seconds(clockid_t clock)
{
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

inline void row(const std::string& what, double value, const char* unit)
{
    fmt::print("{:<52} {:>12.3f} {}\n", what, value, unit);
    std::fflush(stdout);
}

/// Of the whole process, for one of many calls; the first one warms up.
template <class Deed>
double cpu_each(int times, Deed deed)
{
    deed();
    const double before = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < times; ++i) {
        deed();
    }
    return (seconds(CLOCK_PROCESS_CPUTIME_ID) - before) / times;
}

} // namespace sarang::bench
