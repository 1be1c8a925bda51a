// SPDX-License-Identifier: Apache-2.0
// The generator's one epoll loop: each turn handles what is there and then
// flushes once what the turn has written.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <sys/epoll.h>
#include <vector>

#include "clock.h"

namespace sarang::bench {

class Session;

class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void add(Session& session, uint32_t events);
    void change(Session& session, uint32_t events);

    void flush_later(Session& session) { unflushed_.push_back(&session); }

    // Waits until something happens, at the latest until `deadline`.
    void turn(Nanoseconds deadline);

    // One buffer for all reads: what a session cannot use yet it keeps itself.
    std::span<char> scratch() { return scratch_; }

private:
    void control(int operation, Session& session, uint32_t events);
    void flush();

    int epoll_;
    // Few per turn, so that an answer does not wait for a thousand others.
    std::array<epoll_event, 64> events_;
    std::vector<Session*> unflushed_;
    std::vector<char> scratch_;
};

} // namespace sarang::bench
