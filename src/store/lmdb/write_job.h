// SPDX-License-Identifier: Apache-2.0
// WriteJob: what a shard asks the writer to do. Made on its shard, run by the writer, and sent
// back as mail that delivers the result.
#pragma once

#include "base/oneshot.h"
#include "base/result.h"
#include "net/mailbox.h"
#include "net/shard.h"
#include "store/lmdb/environment.h"
#include "store/lmdb/transaction.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace sarang::lmdb {

class WriteJob : public Mail {
public:
    WriteJob(Shard& home, std::size_t bytes)
        : home_{home}
        , bytes_{bytes}
    {}

    /// On the writer, while it has no transaction: does what must not be part of one. Once.
    virtual void before_group(const Environment&) {}

    /// On the writer: looks, then writes; what fails for a reason of its own has written nothing.
    /// Called again when what the group did was undone.
    virtual void run(WriteTransaction& transaction) = 0;
    /// On the writer: nothing was done.
    virtual void refuse(const Error& error) = 0;

    Shard& home() const { return home_; }

    /// How much memory it holds, about.
    std::size_t bytes() const { return bytes_; }

private:
    Shard& home_;
    std::size_t bytes_;
};

/// `Work` is called with a WriteTransaction& and returns a Result.
template <class Work>
class WriteJobOf final : public WriteJob {
public:
    using Value = std::invoke_result_t<const Work&, WriteTransaction&>;

    WriteJobOf(Shard& home, std::size_t bytes, Work work, Oneshot<Value>& reply)
        : WriteJob{home, bytes}
        , work_{std::move(work)}
        , sender_{reply}
    {}

    void run(WriteTransaction& transaction) override { result_.emplace(work_(transaction)); }

    void refuse(const Error& error) override { result_.emplace(fail(error)); }

    void open(Shard&) override { sender_.deliver(std::move(*result_)); }

private:
    const Work work_;
    typename Oneshot<Value>::Sender sender_;
    std::optional<Value> result_;
};

} // namespace sarang::lmdb
