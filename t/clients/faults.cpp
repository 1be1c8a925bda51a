// SPDX-License-Identifier: Apache-2.0
// A disk that fails on demand, to be preloaded: while the file that $SARANG_FAULTS names is there,
// it says what fails, and with which errno: "write 28", "sync 5", "root 5". The root is what LMDB
// writes last, in the first two pages of its file. "refuse TEXT": the first time that what has
// that text is written, that fails. "kill TEXT": the process is killed once it has
// written the root of what has that text. "full TEXT": the disk is full from then on. And a clock
// that was set: by $SARANG_CLOCK seconds.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <sys/uio.h>

#include "../fake/preload.h"

namespace {

constexpr off_t root_pages = 8192;

// The text was written, its root was not. Global, since it stands behind C functions.
constinit std::atomic<bool> doomed{false};
// The text was to be written, once.
constinit std::atomic<bool> refused{false};
// Its root was, and there is no more room.
constinit std::atomic<bool> full{false};

struct Order {
    std::string deed;
    std::string how;
};

Order order()
{
    const char* const path = std::getenv("SARANG_FAULTS");
    std::FILE* const file = path != nullptr ? std::fopen(path, "re") : nullptr;
    if (file == nullptr) {
        return {};
    }
    char deed[16] = {};
    char how[128] = {};
    const bool read = std::fscanf(file, "%15s %127s", deed, how) == 2;
    std::fclose(file);
    return read ? Order{deed, how} : Order{};
}

// Sets errno, if that is to fail now.
bool fails(const Order& now, std::string_view deed)
{
    const bool no_room = deed == "write" && now.deed == "full" && full;
    if (now.deed != deed && !no_room) {
        return false;
    }
    errno = no_room ? ENOSPC : std::atoi(now.how.c_str());
    return true;
}

// Whether it may be written.
bool look(const Order& now, const void* bytes, std::size_t size)
{
    const std::string_view text{static_cast<const char*>(bytes), size};
    const bool named = !now.how.empty() && text.find(now.how) != std::string_view::npos;
    doomed = doomed || (named && (now.deed == "kill" || now.deed == "full"));
    if (named && now.deed == "refuse" && !refused.exchange(true)) {
        errno = EIO;
        return false;
    }
    return true;
}

} // namespace

extern "C" {

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, timespec* time)
{
    using Function = int(clockid_t, timespec*);
    auto* const real = sarang::original<Function>("clock_gettime");
    const int failed = real(clock, time);
    const char* const offset = std::getenv("SARANG_CLOCK");
    if (clock == CLOCK_REALTIME && failed == 0 && offset != nullptr) {
        time->tv_sec += std::atol(offset);
    }
    return failed;
}

__attribute__((visibility("default"))) ssize_t
pwrite(int file, const void* bytes, std::size_t size, off_t offset)
{
    using Function = ssize_t(int, const void*, std::size_t, off_t);
    auto* const real = sarang::original<Function>("pwrite");
    if (!sarang::on_disk(file)) {
        return real(file, bytes, size, offset);
    }
    const Order now = order();
    const bool root = offset < root_pages;
    if (fails(now, "write") || (root && fails(now, "root"))) {
        return -1;
    }
    if (!look(now, bytes, size)) {
        return -1;
    }
    const ssize_t written = real(file, bytes, size, offset);
    if (root && doomed && now.deed == "full") {
        full = true;
    } else if (root && doomed && now.deed == "kill") {
        std::raise(SIGKILL);
    }
    return written;
}

__attribute__((visibility("default"))) ssize_t writev(int file, const iovec* parts, int count)
{
    auto* const real = sarang::original<ssize_t(int, const iovec*, int)>("writev");
    if (!sarang::on_disk(file)) {
        return real(file, parts, count);
    }
    const Order now = order();
    if (fails(now, "write")) {
        return -1;
    }
    for (int i = 0; i < count; ++i) {
        if (!look(now, parts[i].iov_base, parts[i].iov_len)) {
            return -1;
        }
    }
    return real(file, parts, count);
}

__attribute__((visibility("default"))) int fdatasync(int file)
{
    return fails(order(), "sync") ? -1 : sarang::original<int(int)>("fdatasync")(file);
}

} // extern "C"
