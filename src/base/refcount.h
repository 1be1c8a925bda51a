// SPDX-License-Identifier: Apache-2.0
// Ref<T>: an intrusive reference to an immutable object that may be shared between shards.
// The count is the only mutable part, hence atomic; the object itself never changes.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace sarang {

/// Base of what Ref<T> counts. The derived type defines `static void dispose(const T*)`.
class Refcounted {
public:
    Refcounted() = default;
    Refcounted(const Refcounted&) = delete;
    Refcounted& operator=(const Refcounted&) = delete;

    void retain() const { count_.fetch_add(1, std::memory_order_relaxed); }

    /// True when this was the last reference.
    bool release() const
    {
        // Nobody else can take one more of the only reference: most ends need no atomic change.
        return count_.load(std::memory_order_acquire) == 1 ||
               count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    }

protected:
    ~Refcounted() = default;

private:
    mutable std::atomic<std::uint32_t> count_{1};
};

template <class T>
class Ref {
public:
    Ref() = default;

    /// Takes over the one reference that a new object is born with.
    static Ref adopt(const T* object)
    {
        Ref ref;
        ref.object_ = object;
        return ref;
    }

    Ref(const Ref& other)
        : object_{other.object_}
    {
        if (object_ != nullptr) {
            object_->retain();
        }
    }

    Ref(Ref&& other) noexcept
        : object_{std::exchange(other.object_, nullptr)}
    {}

    Ref& operator=(Ref other) noexcept
    {
        std::swap(object_, other.object_);
        return *this;
    }

    ~Ref()
    {
        if (object_ != nullptr && object_->release()) {
            T::dispose(object_);
        }
    }

    explicit operator bool() const { return object_ != nullptr; }

    const T* get() const { return object_; }

    const T& operator*() const { return *object_; }

    const T* operator->() const { return object_; }

    bool operator==(const Ref& other) const { return object_ == other.object_; }

private:
    const T* object_ = nullptr;
};

} // namespace sarang
