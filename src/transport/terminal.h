// SPDX-License-Identifier: Apache-2.0
// Passwords from a person at a terminal, or from standard input where there is none.
#pragma once

#include "base/api.h"
#include "base/crypto.h"
#include "base/result.h"

#include <istream>
#include <string>

namespace sarang {

/// Asks on standard error and reads from standard input without echo; a fresh one twice. Fails
/// where standard input is no terminal.
SARANG_API Result<Secret> ask_password(const std::string& prompt, bool fresh);

/// The first line of `input`.
SARANG_API Result<Secret> read_password(std::istream& input);

} // namespace sarang
