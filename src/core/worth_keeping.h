// SPDX-License-Identifier: Apache-2.0
// Which messages are worth bringing to somebody later.
#pragma once

#include "base/api.h"
#include "xml/stanza.h"

namespace sarang {

/// Whether a message holds more than chat states and what says how it is to be treated.
SARANG_API bool worth_keeping(const Stanza& message);

} // namespace sarang
