// SPDX-License-Identifier: Apache-2.0
// What the kernel says about the server, this process and the sockets of both.

#pragma once

#include <cstdint>
#include <sys/types.h>

#include "clock.h"

namespace sarang::bench {

// User and system time of all threads of a process, those that ended included.
Nanoseconds cpu_time(pid_t process);

// Resident memory of a process, read page by page where the kernel allows it.
uint64_t resident_bytes(pid_t process);

// Socket, file and epoll objects of the whole machine with the bytes in socket
// buffers; 0 where /proc/slabinfo may not be read.
uint64_t kernel_socket_bytes();

} // namespace sarang::bench
