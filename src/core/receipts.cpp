// SPDX-License-Identifier: Apache-2.0
#include "core/receipts.h"

#include <utility>
#include <vector>

namespace sarang {

Receipts::Hold::Hold(Receipts& receipts, const SessionId& sender, std::size_t round)
    : receipts_{&receipts}
    , sender_{sender}
    , round_{round}
{}

Receipts::Hold::Hold(Hold&& other) noexcept
    : receipts_{std::exchange(other.receipts_, nullptr)}
    , sender_{other.sender_}
    , round_{other.round_}
{}

Receipts::Hold& Receipts::Hold::operator=(Hold&& other) noexcept
{
    std::swap(receipts_, other.receipts_);
    std::swap(sender_, other.sender_);
    std::swap(round_, other.round_);
    return *this;
}

Receipts::Hold::~Hold()
{
    if (receipts_ != nullptr) {
        receipts_->settle(sender_, round_);
    }
}

Receipts::Hold Receipts::hold(const SessionId& sender)
{
    if (sender == SessionId{}) {
        return {};
    }
    Sent& sent = unsettled_[sender];
    if (sent.rounds.empty() || sent.rounds.back().then != nullptr) {
        sent.rounds.emplace_back();
    }
    ++sent.rounds.back().held;
    return Hold{*this, sender, sent.first + sent.rounds.size() - 1};
}

void Receipts::when_settled(const SessionId& sender, std::function<void()> then)
{
    const auto found = unsettled_.find(sender);
    if (found == unsettled_.end()) {
        then();
        return;
    }
    std::deque<Round>& rounds = found->second.rounds;
    if (rounds.back().then != nullptr) {
        rounds.emplace_back();
    }
    rounds.back().then = std::move(then);
}

void Receipts::settle(const SessionId& sender, std::size_t round)
{
    const auto found = unsettled_.find(sender);
    Sent& sent = found->second;
    --sent.rounds[round - sent.first].held;
    std::vector<std::function<void()>> over;
    while (!sent.rounds.empty() && sent.rounds.front().held == 0) {
        if (sent.rounds.front().then != nullptr) {
            over.push_back(std::move(sent.rounds.front().then));
        }
        sent.rounds.pop_front();
        ++sent.first;
    }
    if (sent.rounds.empty()) {
        unsettled_.erase(found);
    }
    for (const auto& then : over) {
        then();
    }
}

} // namespace sarang
