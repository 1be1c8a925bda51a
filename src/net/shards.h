// SPDX-License-Identifier: Apache-2.0
// Shards: all of a process, and their threads. Owned by main().
#pragma once

#include "base/api.h"
#include "net/shard.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace sarang {
namespace detail {

/// Starts a thread that no signal is delivered to; the first 15 bytes of its name are shown.
std::thread start_thread(const std::string& name, std::function<void()> body);

} // namespace detail

/// CPUs that this process may run on; one at least.
SARANG_API unsigned usable_cpus();

class SARANG_API Shards {
public:
    struct Options {
        unsigned count = 0; ///< 0: as many as CPUs that this process may run on
        std::size_t mailbox = 4096;
    };

    Shards(const Clock& clock, Options options);
    Shards(const Shards&) = delete;
    Shards& operator=(const Shards&) = delete;
    /// Stops first, if need be. What is bound to shards must be gone before.
    ~Shards();

    const Clock& clock() const { return clock_; }

    unsigned size() const { return static_cast<unsigned>(shards_.size()); }

    Shard& shard(unsigned index) const { return *shards_[index]; }

    /// Starts the threads.
    void start();
    /// Has each shard finish its turn, and waits for the threads to end. Not from a shard.
    void stop();

    /// Calls `deed()` on a shard and waits for its end. Requires a thread that is no shard's, and
    /// that the shards run.
    template <class Deed>
    std::invoke_result_t<Deed&> call(unsigned index, Deed deed);

private:
    void call_and_wait(unsigned index, const std::function<void()>& deed);

    const Clock& clock_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<std::thread> threads_;
};

template <class Deed>
std::invoke_result_t<Deed&> Shards::call(unsigned index, Deed deed)
{
    using Value = std::invoke_result_t<Deed&>;
    if constexpr (std::is_void_v<Value>) {
        call_and_wait(index, [&deed] { deed(); });
    } else {
        std::optional<Value> value;
        call_and_wait(index, [&deed, &value] { value.emplace(deed()); });
        return std::move(*value);
    }
}

} // namespace sarang
