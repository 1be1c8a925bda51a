// SPDX-License-Identifier: Apache-2.0
// Offline: the OfflineStore over an LMDB environment.
#pragma once

#include "store/lmdb/engine.h"
#include "store/offline_store.h"

namespace sarang::lmdb {

class Offline final : public OfflineStore {
public:
    explicit Offline(Engine& engine)
        : engine_{engine}
    {}

    Task<Result<OfflineOutcome>>
    append(std::string_view owner, OfflineDraft draft, std::uint64_t limit) override;
    Task<Result<std::uint64_t>> count(std::string_view owner) override;
    Task<Result<OfflinePage>>
    read(std::string_view owner, std::uint64_t after, std::size_t limit) override;
    Task<Result<std::uint64_t>>
    remove_through(std::string_view owner, std::uint64_t position) override;
    Task<Result<std::uint64_t>>
    remove(std::string_view owner, std::vector<std::uint64_t> positions) override;

private:
    Engine& engine_;
};

} // namespace sarang::lmdb
