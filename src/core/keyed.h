// SPDX-License-Identifier: Apache-2.0
// Store<T>: a module's typed view of the keyed store: one value of type T for each owner.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"
#include "store/keyed_store.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sarang {

class Host;

/// How a T is kept. Specialise it:
///     static std::string encode(const T&);                    // first byte: version
///     static std::optional<T> decode(std::string_view bytes); // nothing when malformed
template <class T>
struct Codec;

/// The keyed store of a host's server.
SARANG_API KeyedStore& keyed_values(Host& host);

template <class T>
class Store {
public:
    Store(Host& host, std::string name)
        : host_{&host}
        , name_{std::move(name)}
    {}

    const std::string& name() const { return name_; }

    // The owner's view must live until the task is done.

    /// Nothing when nothing is kept.
    Task<Result<std::optional<T>>> load(std::string_view owner) const
    {
        std::optional<std::string> bytes = co_await ok(keyed_values(*host_).get(owner, name_));
        if (!bytes) {
            co_return std::optional<T>{};
        }
        std::optional<T> value = Codec<T>::decode(*bytes);
        if (!value) {
            co_return fail(Condition::internal_server_error, {}, "malformed value of " + name_);
        }
        co_return std::move(value);
    }

    Task<Result<void>> save(std::string_view owner, T value) const
    {
        std::string bytes = Codec<T>::encode(value);
        Task<Result<void>> put = keyed_values(*host_).put(owner, name_, std::move(bytes));
        Result<void> result = co_await put;
        co_return std::move(result);
    }

    /// Whether there was one.
    Task<Result<bool>> erase(std::string_view owner) const
    {
        return keyed_values(*host_).erase(owner, name_);
    }

private:
    Host* host_;
    std::string name_;
};

} // namespace sarang
