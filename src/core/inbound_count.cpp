// SPDX-License-Identifier: Apache-2.0
#include "core/inbound_count.h"

#include <algorithm>

namespace sarang {

void InboundCount::refuse(std::size_t inside)
{
    if (std::min<std::uint64_t>(inside, submitted_) == 0) {
        forget_passed(submitted_);
        ++refused_;
        return;
    }
    if (!runs_) {
        runs_ = std::make_unique<std::vector<Run>>();
    }
    if (runs_->empty() || runs_->back().after != submitted_) {
        runs_->push_back({submitted_, 0});
    }
    ++runs_->back().count;
}

std::uint32_t InboundCount::passed(std::size_t inside)
{
    const std::uint64_t done = submitted_ - std::min<std::uint64_t>(inside, submitted_);
    forget_passed(done);
    return static_cast<std::uint32_t>(done) + refused_;
}

std::uint32_t InboundCount::received() const
{
    std::uint32_t all = static_cast<std::uint32_t>(submitted_) + refused_;
    if (runs_) {
        for (const Run& run : *runs_) {
            all += run.count;
        }
    }
    return all;
}

void InboundCount::forget_passed(std::uint64_t done)
{
    if (!runs_) {
        return;
    }
    std::erase_if(*runs_, [this, done](const Run& run) {
        const bool passed = run.after <= done;
        refused_ += passed ? run.count : 0;
        return passed;
    });
    if (runs_->empty()) {
        runs_.reset();
    }
}

} // namespace sarang
