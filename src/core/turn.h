// SPDX-License-Identifier: Apache-2.0
// Turn: has those who would change the same thing of an account, its roster say, do so one after
// the other, in the order in which they came.
#pragma once

#include "base/oneshot.h"
#include "xml/jid.h"

#include <coroutine>
#include <list>
#include <map>

namespace sarang {

class Turn;

/// Who waits for whom, by account.
using Turns = std::map<Jid, std::list<Turn*>>;

/// A place in the account's queue, from its making to its end; a local variable of the coroutine
/// that waits for it: `Turn turn{turns_, account}; co_await turn;`
class Turn {
public:
    /// `turns` outlives it.
    Turn(Turns& turns, const Jid& account)
        : turns_{turns}
        , queue_{turns.try_emplace(account).first}
        , place_{queue_->second.insert(queue_->second.end(), this)}
    {
        call_first();
    }

    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    ~Turn()
    {
        queue_->second.erase(place_);
        if (queue_->second.empty()) {
            turns_.erase(queue_);
        } else {
            call_first();
        }
    }

    // Awaited once: then it is this one's turn, until it ends.

    bool await_ready() const noexcept { return come_.await_ready(); }

    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiter)
    {
        come_.await_suspend(waiter);
    }

    void await_resume() const noexcept {}

private:
    void call_first()
    {
        Turn& first = *queue_->second.front();
        if (!first.called_) {
            first.called_ = true;
            first.come_.accept(true);
        }
    }

    Turns& turns_;
    Turns::iterator queue_;
    std::list<Turn*>::iterator place_;
    bool called_ = false;
    Oneshot<bool> come_;
};

} // namespace sarang
