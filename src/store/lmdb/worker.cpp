// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/worker.h"

#include "base/log.h"
#include "net/shards.h"

#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace sarang::lmdb {
namespace {

const Log log{"store"};

constexpr int niceness = 10; // of a writer that has work of its own, which is in nobody's way

} // namespace

Worker::Worker(const Environment& environment, Bounds bounds, IdleWork* idle)
    : environment_{environment}
    , bounds_{bounds}
    , idle_{idle}
    , thread_{sarang::detail::start_thread(
          idle != nullptr ? "store-idle" : "store", [this] { work(); })}
{}

Worker::~Worker()
{
    stop();
}

void Worker::stop()
{
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    gathered_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

Worker::Offer Worker::offer(std::unique_ptr<WriteJob>& job)
{
    const std::lock_guard lock{mutex_};
    if (closed_) {
        return Offer::closed;
    }
    if (full(*job)) {
        ++refused_;
        return Offer::busy;
    }
    take(job);
    return Offer::taken;
}

Worker::Offer Worker::offer_last(std::unique_ptr<WriteJob>& job)
{
    const std::lock_guard lock{mutex_};
    if (closed_) {
        return Offer::closed;
    }
    take(job);
    closed_ = true;
    return Offer::taken;
}

bool Worker::full(const WriteJob& job) const
{
    // One that is larger than the bound still goes, alone.
    return waiting_.size() >= bounds_.jobs ||
           (!waiting_.empty() && waiting_bytes_ + job.bytes() > bounds_.bytes);
}

void Worker::take(std::unique_ptr<WriteJob>& job)
{
    waiting_bytes_ += job->bytes();
    waiting_.push_back(std::move(job));
    if (waiting_.size() == 1) {
        gathered_.notify_one();
    }
}

// None when there is idle work to do, or at the end.
void Worker::gather(Jobs& jobs)
{
    const auto due = idle_ != nullptr ? idle_->due() : std::nullopt;
    const auto wanted = [this] { return closed_ || !waiting_.empty(); };
    std::unique_lock lock{mutex_};
    if (due) {
        gathered_.wait_for(lock, *due, wanted);
    } else {
        gathered_.wait(lock, wanted);
    }
    jobs.swap(waiting_);
    waiting_bytes_ = 0;
}

bool Worker::ended() const
{
    const std::lock_guard lock{mutex_};
    return closed_ && waiting_.empty();
}

void Worker::work()
{
    if (idle_ != nullptr) { // of this thread alone; should it fail, it is one like the others
        static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness));
    }
    Jobs jobs;
    while (!ended()) {
        gather(jobs);
        if (!jobs.empty()) {
            commit(jobs);
            jobs.clear();
        } else if (idle_ != nullptr && !ended()) {
            idle_->work();
        }
    }
}

void Worker::commit(Jobs& jobs)
{
    const std::uint64_t size = jobs.size();
    for (const auto& job : jobs) {
        job->before_group(environment_);
    }
    const GroupOutcome outcome = commit_group(environment_, jobs);
    if (outcome.failures > 0 && environment_.broken() && environment_.renew()) {
        log.warn("the database was opened anew after its root could not be written");
    }
    commits_.add(outcome.commits);
    writes_.add(size);
    failures_.add(outcome.failures);
    trouble_.note(outcome, environment_.map_bytes(), clock_.now());
    if (size > largest_.value()) {
        largest_.add(size - largest_.value());
    }
    for (auto& job : jobs) {
        Shard& home = job->home();
        home.post(std::move(job));
    }
}

void Worker::count(StorageStats& stats) const
{
    stats.commits = commits_.value();
    stats.writes = writes_.value();
    stats.failures = failures_.value();
    stats.largest_group = largest_.value();
    stats.trouble = trouble_text(trouble_.code(), environment_.map_bytes());
    const std::lock_guard lock{mutex_};
    stats.refused = refused_;
    stats.waiting = waiting_.size();
}

} // namespace sarang::lmdb
