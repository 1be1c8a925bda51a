// SPDX-License-Identifier: Apache-2.0
// KeyedStore: (owner, name) -> bytes, for the small state of modules; beneath core's Store<T>.
// A value is what its codec made of it, the first byte being the codec's version.
// Errors and lifetimes as in store/account_store.h.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class SARANG_API KeyedStore {
public:
    virtual ~KeyedStore() = default;

    virtual Task<Result<std::optional<std::string>>>
    get(std::string_view owner, std::string_view name) = 0;

    virtual Task<Result<void>>
    put(std::string_view owner, std::string_view name, std::string value) = 0;

    /// Keeps `value` unless there is one already; the value that is kept now.
    virtual Task<Result<std::string>>
    put_first(std::string_view owner, std::string_view name, std::string value) = 0;

    /// Whether there was one.
    virtual Task<Result<bool>> erase(std::string_view owner, std::string_view name) = 0;

    /// The names of all values of an owner, sorted.
    virtual Task<Result<std::vector<std::string>>> names(std::string_view owner) = 0;
};

} // namespace sarang
