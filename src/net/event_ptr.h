// SPDX-License-Identifier: Apache-2.0
// libevent's handles, wrapped once.
#pragma once

#include "base/scope.h"

struct event;
struct event_base;

extern "C" {
void event_free(event* handle);
void event_base_free(event_base* handle);
}

namespace sarang {

using EventPtr = Owned<event, event_free>;
using EventBasePtr = Owned<event_base, event_base_free>;

} // namespace sarang
