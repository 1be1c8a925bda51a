// SPDX-License-Identifier: Apache-2.0
// Marks what libsarang offers to the daemon, the modules and the tests; all else stays hidden.
#pragma once

#define SARANG_API __attribute__((visibility("default")))
