// SPDX-License-Identifier: Apache-2.0
// Recorder: the owner of a connection in tests. It notes what happens on the connection's shard,
// and the test's thread waits for it.
#pragma once

#include "net/connection.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace sarang {

class Recorder final : public ConnectionEvents {
public:
    // What else to do, on the shard.
    std::function<void(std::string_view)> then_bytes;
    std::function<void()> then_established;
    std::function<void()> then_drained;
    std::function<void()> then_closed;

    /// Used on its shard alone.
    std::unique_ptr<Connection> connection;

    void on_bytes(std::string_view bytes) override
    {
        note([&] { bytes_ += bytes; });
        call(then_bytes, bytes);
    }

    void on_connected() override
    {
        note([&] { connected_ = true; });
    }

    void on_tls_established() override
    {
        note([&] { established_ = true; });
        call(then_established);
    }

    void on_drained() override
    {
        note([&] { ++drained_; });
        call(then_drained);
    }

    void on_closed(CloseReason reason, std::string_view detail) override
    {
        connection.reset();
        call(then_closed);
        note([&] {
            detail_ = detail;
            closed_ = reason;
        });
    }

    void await_connected()
    {
        await([&] { return connected_; });
    }

    void await_established()
    {
        await([&] { return established_; });
    }

    void await_drained()
    {
        await([&] { return drained_ != 0; });
    }

    std::string await_bytes(std::size_t size)
    {
        await([&] { return bytes_.size() >= size; });
        return bytes();
    }

    CloseReason await_closed()
    {
        await([&] { return closed_.has_value(); });
        return *closed_;
    }

    std::string bytes()
    {
        const std::lock_guard lock{mutex_};
        return bytes_;
    }

    std::string detail()
    {
        const std::lock_guard lock{mutex_};
        return detail_;
    }

private:
    template <class Deed>
    void note(Deed deed)
    {
        const std::lock_guard lock{mutex_};
        deed();
        changed_.notify_all();
    }

    // A copy: what is called may set another one.
    template <class... Args>
    static void call(std::function<void(Args...)> then, std::type_identity_t<Args>... args)
    {
        if (then) {
            then(args...);
        }
    }

    template <class Condition>
    void await(Condition condition)
    {
        std::unique_lock lock{mutex_};
        BOOST_REQUIRE(changed_.wait_for(lock, std::chrono::seconds{30}, condition));
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::string bytes_;
    std::string detail_;
    bool connected_ = false;
    bool established_ = false;
    int drained_ = 0;
    std::optional<CloseReason> closed_;
};

} // namespace sarang
