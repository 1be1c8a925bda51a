// SPDX-License-Identifier: Apache-2.0
// Values: the KeyedStore over an LMDB environment.
#pragma once

#include "store/keyed_store.h"
#include "store/lmdb/engine.h"

namespace sarang::lmdb {

class Values final : public KeyedStore {
public:
    explicit Values(Engine& engine)
        : engine_{engine}
    {}

    Task<Result<std::optional<std::string>>>
    get(std::string_view owner, std::string_view name) override;
    Task<Result<void>>
    put(std::string_view owner, std::string_view name, std::string value) override;
    Task<Result<std::string>>
    put_first(std::string_view owner, std::string_view name, std::string value) override;
    Task<Result<bool>> erase(std::string_view owner, std::string_view name) override;
    Task<Result<std::vector<std::string>>> names(std::string_view owner) override;

private:
    Engine& engine_;
};

} // namespace sarang::lmdb
