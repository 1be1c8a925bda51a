// SPDX-License-Identifier: Apache-2.0

#include "loop.h"

#include <cerrno>
#include <ctime>
#include <sys/prctl.h>
#include <system_error>
#include <unistd.h>

#include "session.h"

namespace sarang::bench {
namespace {

constexpr std::size_t scratch_size = 64 * 1024;

[[noreturn]] void fail(const char* what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

} // namespace

Loop::Loop()
    : epoll_{::epoll_create1(EPOLL_CLOEXEC)}
    , scratch_(scratch_size)
{
    if (epoll_ < 0) {
        fail("epoll_create1");
    }
    // The default slack of 50 µs would blur the pace of an open loop.
    ::prctl(PR_SET_TIMERSLACK, 1UL);
}

Loop::~Loop()
{
    ::close(epoll_);
}

void Loop::add(Session& session, uint32_t events)
{
    control(EPOLL_CTL_ADD, session, events);
}

void Loop::change(Session& session, uint32_t events)
{
    control(EPOLL_CTL_MOD, session, events);
}

void Loop::turn(Nanoseconds deadline)
{
    flush();
    const Nanoseconds start = now();
    const Nanoseconds wait = deadline > start ? deadline - start : 0;
    const timespec timeout{
        static_cast<time_t>(wait / per_second), static_cast<long>(wait % per_second)};
    const int count =
        ::epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
    if (count < 0 && errno != EINTR) {
        fail("epoll_pwait2");
    }
    for (int at = 0; at < count; ++at) {
        const epoll_event& event = events_[static_cast<std::size_t>(at)];
        static_cast<Session*>(event.data.ptr)->event(event.events);
    }
    flush();
}

void Loop::control(int operation, Session& session, uint32_t events)
{
    epoll_event event{};
    event.events = events;
    event.data.ptr = &session;
    if (::epoll_ctl(epoll_, operation, session.descriptor(), &event) != 0) {
        fail("epoll_ctl");
    }
}

void Loop::flush()
{
    for (Session* session : unflushed_) {
        session->flush();
    }
    unflushed_.clear();
}

} // namespace sarang::bench
