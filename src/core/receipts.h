// SPDX-License-Identifier: Apache-2.0
// Receipts: what one shard was sent by sessions, here or elsewhere, and has not settled yet. A
// stanza is settled once it was delivered, kept on disk or refused. One per shard, its thread only.
#pragma once

#include "base/api.h"
#include "core/session_id.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>

namespace sarang {

class SARANG_API Receipts {
public:
    /// A stanza that must wait; it is settled when this goes. A stanza that is seen to at once
    /// needs none.
    class SARANG_API Hold {
    public:
        Hold() = default;
        Hold(Hold&& other) noexcept;
        Hold& operator=(Hold&& other) noexcept;
        ~Hold();

        explicit operator bool() const { return receipts_ != nullptr; }

    private:
        friend class Receipts;
        Hold(Receipts& receipts, const SessionId& sender, std::size_t round);

        Receipts* receipts_ = nullptr;
        SessionId sender_;
        std::size_t round_ = 0;
    };

    Receipts() = default;
    Receipts(const Receipts&) = delete;
    Receipts& operator=(const Receipts&) = delete;

    /// Holds nothing for a stanza that no session sent. The receipts outlive the hold.
    Hold hold(const SessionId& sender);

    /// True when all that was sent here is settled.
    bool empty() const { return unsettled_.empty(); }

    /// True when all that this session sent here so far is settled.
    bool settled(const SessionId& sender) const { return !unsettled_.contains(sender); }

    /// Calls `then` once all that this session sent here so far is settled, which may be at once;
    /// what it sends later does not put that off.
    void when_settled(const SessionId& sender, std::function<void()> then);

private:
    // What was sent between one when_settled() and the next.
    struct Round {
        std::size_t held = 0;
        std::function<void()> then; ///< none while the round is open
    };

    struct Sent {
        std::deque<Round> rounds;
        std::size_t first = 0; ///< the number of rounds.front()
    };

    void settle(const SessionId& sender, std::size_t round);

    std::map<SessionId, Sent> unsettled_;
};

} // namespace sarang
