// SPDX-License-Identifier: Apache-2.0
// What the codes of LMDB and the system mean to those who asked for something.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace sarang::lmdb {

/// The cause in words.
std::string code_text(int code, std::string_view deed);

/// Nothing was done, and it may work later: the map or the disk is full, memory is short.
bool out_of_room(int code);

/// What is stored is not what was written.
bool is_damage(int code);

/// The error for a code: resource-constraint when out of room, else internal-server-error.
Error code_error(int code, std::string_view deed);

Failure code_failure(int code, std::string_view deed);

} // namespace sarang::lmdb
