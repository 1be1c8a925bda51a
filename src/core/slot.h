// SPDX-License-Identifier: Apache-2.0
// Slots: state of a module that hangs on a user or a resource. A module declares a Slot in its
// constructor; the value is made when first needed, takes no byte while absent, and is freed with
// its owner or with the module, whichever goes first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

    /// Keeps a value as bytes while its module is exchanged for another.
    void park(std::string_view name, std::string bytes)
    {
        if (!parked_) {
            parked_ = std::make_unique<Parked>();
        }
        parked_->insert_or_assign(std::string{name}, std::move(bytes));
    }

    /// Takes such bytes back.
    std::optional<std::string> unpark(std::string_view name)
    {
        const auto node = parked_ ? parked_->extract(std::string{name}) : Parked::node_type{};
        if (parked_ && parked_->empty()) {
            parked_.reset();
        }
        return node ? std::optional{node.mapped()} : std::nullopt;
    }

private:
    using Parked = std::map<std::string, std::string>;

    struct Value {
        SlotId id;
        Dispose dispose;
        void* value;
    };

    std::vector<Value>::const_iterator place(SlotId id) const
    {
        return std::find_if(
            values_.begin(), values_.end(), [id](const Value& v) { return v.id == id; });
    }

    std::vector<Value> values_;
    std::unique_ptr<Parked> parked_;
};

/// A typed key: `user[blocked_]`. `Owner` is User or Resource.
template <class Owner, class T>
class Slot {
public:
    explicit Slot(SlotId id)
        : id_{id}
    {}

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
