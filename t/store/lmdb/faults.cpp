// SPDX-License-Identifier: Apache-2.0
#include "faults.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "../../fake/preload.h"

namespace sarang {
namespace {

// Global, since they stand behind C functions; constant-initialised, since those run early.
constinit std::atomic<int> write_error{0};
constinit std::atomic<int> sync_error{0};
constinit std::atomic<int> hole_error{0};
constinit std::atomic<unsigned> spared_writes{0};
constinit std::atomic<bool> short_writes{false};
constinit std::atomic<bool> stalled{false};
constinit std::atomic<std::uint64_t> syncs_made{0};

// The error to give for the next write, if any.
int next_write_error()
{
    const int error = write_error;
    if (error != 0 && spared_writes > 0) {
        --spared_writes;
        return 0;
    }
    return error;
}

} // namespace

Faults::Faults() = default;

Faults::~Faults()
{
    mend();
}

void Faults::fail_writes(int error, unsigned spared)
{
    spared_writes = spared;
    write_error = error;
}

void Faults::cut_writes()
{
    short_writes = true;
}

void Faults::fail_syncs(int error)
{
    sync_error = error;
}

void Faults::refuse_holes(int error)
{
    hole_error = error;
}

void Faults::stall_syncs()
{
    stalled = true;
}

void Faults::release_syncs()
{
    stalled = false;
    stalled.notify_all();
}

void Faults::mend()
{
    write_error = 0;
    sync_error = 0;
    hole_error = 0;
    short_writes = false;
    release_syncs();
}

std::uint64_t Faults::syncs()
{
    return syncs_made;
}

} // namespace sarang

extern "C" {

__attribute__((visibility("default"))) ssize_t
pwrite(int file, const void* bytes, std::size_t size, off_t offset)
{
    using Function = ssize_t(int, const void*, std::size_t, off_t);
    if (const int error = sarang::next_write_error(); error != 0) {
        errno = error;
        return -1;
    }
    const std::size_t part = sarang::short_writes ? size / 2 : size;
    return sarang::original<Function>("pwrite")(file, bytes, part, offset);
}

__attribute__((visibility("default"))) ssize_t writev(int file, const iovec* parts, int count)
{
    using Function = ssize_t(int, const iovec*, int);
    auto* const real = sarang::original<Function>("writev");
    if (!sarang::on_disk(file)) {
        return real(file, parts, count);
    }
    if (const int error = sarang::next_write_error(); error != 0) {
        errno = error;
        return -1;
    }
    return real(file, parts, sarang::short_writes ? 1 : count);
}

__attribute__((visibility("default"))) int fdatasync(int file)
{
    sarang::stalled.wait(true);
    ++sarang::syncs_made;
    if (const int error = sarang::sync_error; error != 0) {
        errno = error;
        return -1;
    }
    return sarang::original<int(int)>("fdatasync")(file);
}

__attribute__((visibility("default"))) int fallocate(int file, int mode, off_t offset, off_t size)
{
    if (const int error = sarang::hole_error; error != 0 && (mode & FALLOC_FL_PUNCH_HOLE) != 0) {
        errno = error;
        return -1;
    }
    return sarang::original<int(int, int, off_t, off_t)>("fallocate")(file, mode, offset, size);
}

} // extern "C"
