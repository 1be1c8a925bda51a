// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/engine.h"

namespace sarang::lmdb {

Engine::Engine(
    Environment::Ptr environment, const LmdbOptions& options, WorkerPool& workers, IdleWork* idle)
    : environment_{std::move(environment)}
    , workers_{workers}
    , worker_{*environment_, Worker::Bounds{options.queue_jobs, options.queue_bytes}, idle}
{
    readers_.reserve(options.shards);
    for (std::size_t i = 0; i < options.shards; ++i) {
        readers_.emplace_back(*environment_);
    }
}

Task<void> Engine::close()
{
    const auto nothing = [](WriteTransaction&) -> Result<void> { return {}; };
    using Last = WriteJobOf<std::remove_const_t<decltype(nothing)>>;
    Oneshot<Result<void>> reply;
    std::unique_ptr<WriteJob> last = std::make_unique<Last>(Shard::current(), 0, nothing, reply);
    if (worker_.offer_last(last) == Worker::Offer::taken) {
        static_cast<void>(co_await reply);
    }
}

Reader& Engine::reader()
{
    return readers_[Shard::current().index()];
}

Failure Engine::refusal(Worker::Offer offer)
{
    if (offer == Worker::Offer::closed) {
        return fail(Condition::service_unavailable, {}, "the database is closing");
    }
    return fail(Condition::resource_constraint, {}, "too many writes wait for the disk");
}

} // namespace sarang::lmdb
