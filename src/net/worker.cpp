// SPDX-License-Identifier: Apache-2.0
#include "net/worker.h"

#include "net/shards.h"

#include <exception>

namespace sarang {
namespace detail {
namespace {

class Return final : public Mail {
public:
    explicit Return(std::unique_ptr<Job> job)
        : job_{std::move(job)}
    {}

    void open(Shard&) override { job_->conclude(); }

private:
    std::unique_ptr<Job> job_;
};

void go_home(std::unique_ptr<Job> job)
{
    Shard& home = job->home();
    home.post(std::unique_ptr<Mail>{std::make_unique<Return>(std::move(job))});
}

} // namespace

Job::Job(Shard& home)
    : home_{home}
{}

Job::~Job() = default;

Failure pool_stopped()
{
    return fail(Condition::service_unavailable, "The server is stopping");
}

Failure pool_busy()
{
    return fail(
        Condition::resource_constraint, "The server is busy", "the queue of workers is full");
}

Failure work_threw()
{
    try {
        throw;
    } catch (const std::exception& caught) {
        return fail(Condition::internal_server_error, {}, caught.what());
    } catch (...) {
        return fail(Condition::internal_server_error, {}, "unknown exception");
    }
}

} // namespace detail

WorkerPool::WorkerPool(Options options)
    : options_{std::move(options)}
    , ring_(options_.queue)
{
    for (unsigned i = 0; i < options_.threads; ++i) {
        const std::string name = options_.name.substr(0, 12) + '-' + std::to_string(i);
        threads_.push_back(detail::start_thread(name, [this] { work(); }));
    }
}

WorkerPool::~WorkerPool()
{
    stop();
}

void WorkerPool::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
    const std::lock_guard lock{mutex_};
    for (; queued_ != 0; --queued_) {
        detail::go_home(std::move(ring_[first_]));
        first_ = (first_ + 1) % ring_.size();
    }
}

std::size_t WorkerPool::queued() const
{
    const std::lock_guard lock{mutex_};
    return queued_;
}

Result<void> WorkerPool::offer(std::unique_ptr<detail::Job> job)
{
    {
        const std::lock_guard lock{mutex_};
        if (stopping_) {
            return detail::pool_stopped();
        }
        if (queued_ == ring_.size()) {
            return detail::pool_busy();
        }
        ring_[(first_ + queued_) % ring_.size()] = std::move(job);
        ++queued_;
    }
    ready_.notify_one();
    return {};
}

std::unique_ptr<detail::Job> WorkerPool::next()
{
    std::unique_lock lock{mutex_};
    ready_.wait(lock, [this] { return stopping_ || queued_ != 0; });
    if (stopping_) {
        return nullptr;
    }
    std::unique_ptr<detail::Job> job = std::move(ring_[first_]);
    first_ = (first_ + 1) % ring_.size();
    --queued_;
    return job;
}

void WorkerPool::work()
{
    while (std::unique_ptr<detail::Job> job = next()) {
        job->work();
        detail::go_home(std::move(job));
    }
}

} // namespace sarang
