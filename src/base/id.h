// SPDX-License-Identifier: Apache-2.0
// Opaque names that nobody can guess: of streams, stanzas, resources.
#pragma once

#include "base/api.h"

#include <string>

namespace sarang {

/// 128 random bits as 22 characters of A-Z a-z 0-9 - _, fit for a URL and a resource part.
SARANG_API std::string random_id();

} // namespace sarang
