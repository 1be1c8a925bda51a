// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/archive_tail.h"

#include <functional>
#include <utility>

namespace sarang::lmdb {
namespace {

constexpr std::size_t first_size = 64;

std::size_t hash_of(std::string_view owner)
{
    return std::hash<std::string_view>{}(owner);
}

} // namespace

TailIndex::TailIndex()
    : slots_(first_size)
{}

// The owner's slot, or the free one where he belongs.
std::size_t TailIndex::place(std::string_view owner, std::size_t hash) const
{
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].tail && (slots_[at].hash != hash || slots_[at].tail->owner != owner)) {
        at = next(at);
    }
    return at;
}

Tail* TailIndex::find(std::string_view owner) const
{
    return slots_[place(owner, hash_of(owner))].tail.get();
}

Tail& TailIndex::need(std::string_view owner)
{
    const std::size_t hash = hash_of(owner);
    std::size_t at = place(owner, hash);
    if (slots_[at].tail) {
        return *slots_[at].tail;
    }
    if (2 * (count_ + 1) > slots_.size()) {
        grow();
        at = place(owner, hash);
    }
    ++count_;
    slots_[at] = {hash, std::make_unique<Tail>()};
    slots_[at].tail->owner = owner;
    return *slots_[at].tail;
}

void TailIndex::erase(std::string_view owner)
{
    std::size_t free = place(owner, hash_of(owner));
    if (!slots_[free].tail) {
        return;
    }
    slots_[free].tail.reset();
    --count_;
    // Those behind it move up, as long as that leads none before the slot where he belongs.
    for (std::size_t at = next(free); slots_[at].tail; at = next(at)) {
        const std::size_t home = slots_[at].hash & (slots_.size() - 1);
        if (distance(home, at) >= distance(free, at)) {
            slots_[free] = std::exchange(slots_[at], Slot{});
            free = at;
        }
    }
}

void TailIndex::grow()
{
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (Slot& slot : old) {
        if (slot.tail) {
            slots_[place(slot.tail->owner, slot.hash)] = std::move(slot);
        }
    }
}

} // namespace sarang::lmdb
