// SPDX-License-Identifier: Apache-2.0
// For what stands before functions of the C library.
#pragma once

#include <dlfcn.h>
#include <sys/stat.h>

namespace sarang {

/// The function that it stands before.
template <class Function>
Function* original(const char* name)
{
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// A file, not a socket or a pipe.
inline bool on_disk(int file)
{
    struct stat found = {};
    return ::fstat(file, &found) == 0 && S_ISREG(found.st_mode);
}

} // namespace sarang
