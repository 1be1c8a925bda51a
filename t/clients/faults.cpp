// SPDX-License-Identifier: Apache-2.0
// A disk that fails on demand, to be preloaded: while the file that $SARANG_FAULTS names is there,
// it says what fails, and with which errno: "write 28", "sync 5", "root 5". The root is what LMDB
// writes last, in the first two pages of its file.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace {

constexpr off_t root_pages = 8192;

template <class Function>
Function* original(const char* name)
{
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool on_disk(int file)
{
    struct stat found = {};
    return ::fstat(file, &found) == 0 && S_ISREG(found.st_mode);
}

// Sets errno, if that is to fail now.
bool fails(const char* deed)
{
    const char* const path = std::getenv("SARANG_FAULTS");
    std::FILE* const file = path != nullptr ? std::fopen(path, "re") : nullptr;
    if (file == nullptr) {
        return false;
    }
    char named[16] = {};
    int error = 0;
    const bool read = std::fscanf(file, "%15s %d", named, &error) == 2;
    std::fclose(file);
    if (!read || std::strcmp(named, deed) != 0) {
        return false;
    }
    errno = error;
    return true;
}

} // namespace

extern "C" {

__attribute__((visibility("default"))) ssize_t
pwrite(int file, const void* bytes, std::size_t size, off_t offset)
{
    if (on_disk(file) && (fails("write") || (offset < root_pages && fails("root")))) {
        return -1;
    }
    using Function = ssize_t(int, const void*, std::size_t, off_t);
    return original<Function>("pwrite")(file, bytes, size, offset);
}

__attribute__((visibility("default"))) ssize_t writev(int file, const iovec* parts, int count)
{
    if (on_disk(file) && fails("write")) {
        return -1;
    }
    return original<ssize_t(int, const iovec*, int)>("writev")(file, parts, count);
}

__attribute__((visibility("default"))) int fdatasync(int file)
{
    return fails("sync") ? -1 : original<int(int)>("fdatasync")(file);
}

} // extern "C"
