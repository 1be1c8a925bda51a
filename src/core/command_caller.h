// SPDX-License-Identifier: Apache-2.0
// CommandCaller: who calls a command, by one of the faces: what he may do, and the way to him.
#pragma once

#include "base/api.h"
#include "base/crypto.h"
#include "base/result.h"
#include "base/task.h"
#include "core/command_spec.h"
#include "core/json.h"

#include <string>
#include <vector>

namespace sarang {

/// Outlives the call.
class SARANG_API CommandCaller {
public:
    virtual ~CommandCaller() = default;

    /// For the log, as in "uid 0".
    virtual std::string name() const = 0;
    virtual bool may(Permission permission) const = 0;

    /// Sends one row of an answer too long to be made whole. Waits while the reader is slow; an
    /// error when he is gone.
    virtual Task<Result<void>> send(Json row) = 0;
    /// Asks for a password; a fresh one is asked for twice where a person types it.
    virtual Task<Result<Secret>> password(std::string prompt, bool fresh) = 0;
    /// The next lines of a file that the caller reads ("-": his standard input), without their
    /// line ends; none when it is at its end.
    virtual Task<Result<std::vector<std::string>>> lines(std::string file) = 0;
};

} // namespace sarang
