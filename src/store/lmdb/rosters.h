// SPDX-License-Identifier: Apache-2.0
// Rosters: the RosterStore over an LMDB environment.
#pragma once

#include "base/clock.h"
#include "store/lmdb/engine.h"
#include "store/roster_store.h"

namespace sarang::lmdb {

class Rosters final : public RosterStore {
public:
    /// A roster's versions are times of change, or rise by one where that is more: so they also
    /// rise beyond those that an account of the same name had before, or that a backup lacks.
    Rosters(Engine& engine, const Clock& clock)
        : engine_{engine}
        , clock_{clock}
    {}

    Task<Result<Roster>> load(std::string_view owner) override;
    Task<Result<std::uint64_t>> put(std::string_view owner, RosterItem item) override;
    Task<Result<std::uint64_t>> remove(std::string_view owner, std::string_view contact) override;
    Task<Result<std::optional<RosterChanges>>>
    changes_since(std::string_view owner, std::uint64_t version) override;

private:
    std::uint64_t now() const;

    Engine& engine_;
    const Clock& clock_;
};

} // namespace sarang::lmdb
