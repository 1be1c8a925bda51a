// SPDX-License-Identifier: Apache-2.0
// A C library's handle with the function that frees it.

#pragma once

#include <memory>

namespace sarang::bench {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* handle) const
    {
        Free(handle);
    }
};

template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;

} // namespace sarang::bench
