// SPDX-License-Identifier: Apache-2.0
// Owners for what is not a C++ object: C handles, and deeds to be done at the end of a scope.
#pragma once

#include <memory>
#include <utility>

namespace sarang {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* handle) const
    {
        release(handle);
    }
};

/// A C handle that is released with its owner: `using SslPtr = Owned<SSL, SSL_free>;`
template <class T, auto release>
using Owned = std::unique_ptr<T, Release<release>>;

/// Runs a deed when the scope ends, unless it was dismissed.
template <class Deed>
class [[nodiscard]] OnExit {
public:
    explicit OnExit(Deed deed)
        : deed_{std::move(deed)}
    {}

    OnExit(const OnExit&) = delete;
    OnExit& operator=(const OnExit&) = delete;

    ~OnExit()
    {
        if (armed_) {
            deed_();
        }
    }

    void dismiss() { armed_ = false; }

private:
    Deed deed_;
    bool armed_ = true;
};

} // namespace sarang
