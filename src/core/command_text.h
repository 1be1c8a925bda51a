// SPDX-License-Identifier: Apache-2.0
// How the result of a command looks to people: an object as names and values, an array of objects
// as a table, an array of others as lines.
#pragma once

#include "base/api.h"
#include "core/json.h"

#include <string>

namespace sarang {

/// Ends with a line end unless it is empty.
SARANG_API std::string text_of(const Json& result);
/// A row of a long answer, as one line: its values with tabs between.
SARANG_API std::string line_of(const Json& row);

} // namespace sarang
