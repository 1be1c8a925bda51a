// SPDX-License-Identifier: Apache-2.0
#include "net/shards.h"

#include <algorithm>
#include <csignal>
#include <future>
#include <sched.h>
#include <string>

namespace sarang {
namespace {

/// All that can be sent to a process, but not what a fault of the thread itself raises.
sigset_t signals_of_others()
{
    sigset_t signals;
    sigfillset(&signals);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF}) {
        sigdelset(&signals, fault);
    }
    return signals;
}

} // namespace

unsigned usable_cpus()
{
    cpu_set_t cpus;
    if (::sched_getaffinity(0, sizeof cpus, &cpus) == 0) {
        return static_cast<unsigned>(std::max(CPU_COUNT(&cpus), 1));
    }
    return std::max(std::thread::hardware_concurrency(), 1U);
}

namespace detail {

std::thread start_thread(const std::string& name, std::function<void()> body)
{
    const sigset_t blocked = signals_of_others();
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    std::thread thread{std::move(body)};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_setname_np(thread.native_handle(), name.substr(0, 15).c_str());
    return thread;
}

} // namespace detail

Shards::Shards(const Clock& clock, Options options)
    : clock_{clock}
{
    const unsigned count = options.count != 0 ? options.count : usable_cpus();
    for (unsigned i = 0; i < count; ++i) {
        shards_.push_back(std::make_unique<Shard>(*this, i, options.mailbox));
    }
    for (const auto& sender : shards_) {
        for (const auto& target : shards_) {
            sender->meet(*target);
        }
    }
}

Shards::~Shards()
{
    stop();
    // Mail may hold what belongs to another shard: all of it goes before any shard does.
    for (const auto& shard : shards_) {
        shard->drop_guests();
    }
    for (const auto& shard : shards_) {
        shard->drop_mail();
    }
}

void Shards::start()
{
    for (const auto& shard : shards_) {
        threads_.push_back(detail::start_thread(
            "shard-" + std::to_string(shard->index()), [&shard] { shard->run(); }));
    }
}

void Shards::stop()
{
    if (threads_.empty()) {
        return;
    }
    for (const auto& shard : shards_) {
        shard->post([&shard] { shard->stopping_ = true; });
    }
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

void Shards::call_and_wait(unsigned index, const std::function<void()>& deed)
{
    std::promise<void> done;
    shard(index).post([&deed, &done] {
        try {
            deed();
            done.set_value();
        } catch (...) {
            done.set_exception(std::current_exception());
        }
    });
    done.get_future().get();
}

} // namespace sarang
