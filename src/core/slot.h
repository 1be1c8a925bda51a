// SPDX-License-Identifier: Apache-2.0
// Slots: state of a module that hangs on a user or a resource. A module declares a Slot in its
// constructor; the value is made when first needed, takes no byte while absent, and is freed with
// its owner or with the module, whichever goes first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace sarang {

/// What a Slot of one host and shard is known by.
using SlotId = std::uint32_t;

/// Where an owner keeps its slots' values.
class Slots {
public:
    using Dispose = void (*)(void* value);

    Slots() = default;
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;

    ~Slots()
    {
        // Last made, first freed: a later slot may lean on an earlier one.
        while (!values_.empty()) {
            drop(values_.back().id);
        }
    }

    void* find(SlotId id) const
    {
        const auto at = place(id);
        return at != values_.end() ? at->value : nullptr;
    }

    void put(SlotId id, void* value, Dispose dispose) { values_.push_back({id, dispose, value}); }

    void drop(SlotId id)
    {
        const auto at = place(id);
        if (at != values_.end()) {
            const Value gone = *at;
            values_.erase(at);
            gone.dispose(gone.value);
        }
    }

private:
    struct Value {
        SlotId id;
        Dispose dispose;
        void* value;
    };

    std::vector<Value>::const_iterator place(SlotId id) const
    {
        return std::find_if(values_.begin(), values_.end(), [id](const Value& v) { return v.id == id; });
    }

    std::vector<Value> values_;
};

/// A typed key: `user[blocked_]`. `Owner` is User or Resource.
template <class Owner, class T>
class Slot {
public:
    explicit Slot(SlotId id)
        : id_{id}
    {
    }

    SlotId id() const { return id_; }

    /// The value, made now if it was absent.
    T& in(Slots& slots) const
    {
        if (T* value = find(slots)) {
            return *value;
        }
        T* value = std::make_unique<T>().release();
        slots.put(id_, value, [](void* gone) { std::default_delete<T>{}(static_cast<T*>(gone)); });
        return *value;
    }

    T* find(const Slots& slots) const { return static_cast<T*>(slots.find(id_)); }
    void drop(Slots& slots) const { slots.drop(id_); }

private:
    SlotId id_;
};

} // namespace sarang
