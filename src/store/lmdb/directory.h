// SPDX-License-Identifier: Apache-2.0
// DirectoryLock: a directory for one process alone, and the files in it.
#pragma once

#include "base/result.h"

#include <string>
#include <utility>

namespace sarang::lmdb {

/// An open file descriptor, closed with its owner.
class OpenFile {
public:
    explicit OpenFile(int file)
        : file_{file}
    {}

    OpenFile(OpenFile&& other) noexcept
        : file_{std::exchange(other.file_, -1)}
    {}

    OpenFile& operator=(OpenFile other) noexcept
    {
        std::swap(file_, other.file_);
        return *this;
    }

    ~OpenFile();

    int file() const { return file_; }

    bool valid() const { return file_ >= 0; }

private:
    int file_;
};

class DirectoryLock {
public:
    /// Makes the directory (0700) when it is missing; fails when another process, or another
    /// part of this one, has it.
    static Result<DirectoryLock> take(const std::string& path);

    int file() const { return directory_.file(); }

    /// Makes durable what was created, renamed or removed in it.
    Result<void> sync() const;

private:
    explicit DirectoryLock(OpenFile directory)
        : directory_{std::move(directory)}
    {}

    OpenFile directory_;
};

} // namespace sarang::lmdb
