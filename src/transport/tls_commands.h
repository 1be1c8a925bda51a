// SPDX-License-Identifier: Apache-2.0
// The commands on certificates: `tls list`, `tls reload`. On shard 0.
#pragma once

#include "base/task.h"
#include "core/command.h"
#include "core/registration.h"
#include "transport/c2s.h"

#include <vector>

namespace sarang {

class TlsCommands {
public:
    TlsCommands(CommandRegistry& registry, C2s& c2s);

private:
    Task<Result<Json>> list(CommandCall& call);
    Task<Result<Json>> reload(CommandCall& call);

    C2s& c2s_;
    std::vector<Registration> registered_;
};

} // namespace sarang
