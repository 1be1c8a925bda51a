// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/directory.h"

#include "store/lmdb/code.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sarang::lmdb {

OpenFile::~OpenFile()
{
    if (valid()) {
        ::close(file_);
    }
}

Result<DirectoryLock> DirectoryLock::take(const std::string& path)
{
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return code_failure(errno, "make directory " + path);
    }
    OpenFile directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory.valid()) {
        return code_failure(errno, "open directory " + path);
    }
    // Of the open file, unlike LMDB's own locks: it also keeps out a second part of this process.
    if (::flock(directory.file(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return fail(Condition::conflict, {}, path + " is in use by another process");
        }
        return code_failure(errno, "lock directory " + path);
    }
    return DirectoryLock{std::move(directory)};
}

Result<void> DirectoryLock::sync() const
{
    if (::fsync(file()) != 0) {
        return code_failure(errno, "sync directory");
    }
    return {};
}

} // namespace sarang::lmdb
