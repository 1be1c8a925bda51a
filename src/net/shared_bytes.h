// SPDX-License-Identifier: Apache-2.0
// SharedBytes: bytes within some reference-counted object, kept alive by a reference to it, so
// that one payload is written to many sockets without a copy.
#pragma once

#include "base/refcount.h"

#include <cstddef>
#include <string_view>
#include <utility>

namespace sarang {

class SharedBytes {
public:
    /// Requires that `bytes` lie within `owner` and that it is not empty.
    template <class T>
    SharedBytes(std::string_view bytes, const Ref<T>& owner)
        : bytes_{bytes}
        , owner_{owner.get()}
        , drop_{[](const void* object) {
            const auto* counted = static_cast<const T*>(object);
            if (counted->release()) {
                T::dispose(counted);
            }
        }}
    {
        owner->retain();
    }

    SharedBytes(SharedBytes&& other) noexcept
        : bytes_{other.bytes_}
        , owner_{std::exchange(other.owner_, nullptr)}
        , drop_{other.drop_}
    {}

    SharedBytes& operator=(SharedBytes&& other) noexcept
    {
        std::swap(bytes_, other.bytes_);
        std::swap(owner_, other.owner_);
        std::swap(drop_, other.drop_);
        return *this;
    }

    ~SharedBytes()
    {
        if (owner_ != nullptr) {
            drop_(owner_);
        }
    }

    std::string_view bytes() const { return bytes_; }

    std::size_t size() const { return bytes_.size(); }

private:
    std::string_view bytes_;
    const void* owner_;
    void (*drop_)(const void*);
};

} // namespace sarang
