// SPDX-License-Identifier: Apache-2.0
// The commands by which hats are made, given and taken (XEP-0317 §3.2 to §3.7).
#pragma once

#include <span>

#include "modules/muc/adhoc.h"

namespace sarang::muc {

std::span<const AdHocCommand> hat_commands();

} // namespace sarang::muc
