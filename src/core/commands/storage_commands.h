// SPDX-License-Identifier: Apache-2.0
// The commands on what is stored: `backup`, `archive compact`. On shard 0.
#pragma once

#include "base/api.h"
#include "base/task.h"
#include "core/command.h"
#include "core/registration.h"
#include "store/storage.h"

namespace sarang {

class SARANG_API StorageCommands {
public:
    StorageCommands(CommandRegistry& registry, Storage& storage);

private:
    Task<Result<Json>> backup(CommandCall& call);
    Task<Result<Json>> compact(CommandCall& call);

    Storage& storage_;
    Registration backup_;
    Registration compact_;
};

} // namespace sarang
