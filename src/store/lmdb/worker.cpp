// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/worker.h"

#include "base/log.h"
#include "net/shards.h"

#include <pthread.h>
#include <utility>

namespace sarang::lmdb {
namespace {

const Log log{"store"};

} // namespace

Worker::Worker(const Environment& environment, Bounds bounds)
    : environment_{environment}
    , bounds_{bounds}
    , thread_{sarang::detail::start_thread("store", [this] { work(); })}
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

bool Worker::gather(Jobs& jobs)
{
    std::unique_lock lock{mutex_};
    gathered_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    jobs.swap(waiting_);
    waiting_bytes_ = 0;
    return !jobs.empty();
}

void Worker::work()
{
    Jobs jobs;
    while (gather(jobs)) {
        commit(jobs);
        jobs.clear();
    }
}

void Worker::commit(Jobs& jobs)
{
    const std::uint64_t size = jobs.size();
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
