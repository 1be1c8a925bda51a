// SPDX-License-Identifier: Apache-2.0
// What tests of files with holes begin with.
#pragma once

#include "base/scope.h"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "../temporary.h"

namespace sarang {

/// What a file takes of the disk.
inline std::uint64_t disk_bytes(const std::string& path)
{
    struct stat found = {};
    BOOST_TEST_REQUIRE(::stat(path.c_str(), &found) == 0);
    return static_cast<std::uint64_t>(found.st_blocks) * 512;
}

/// Whether the disk of these tests has holes, without which they are skipped, and say so.
inline boost::test_tools::assertion_result has_holes(boost::unit_test::test_unit_id)
{
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const OnExit closed{[file] { ::close(file); }};
    const std::string bytes(1 << 20, 'x');
    constexpr int punch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    if (::write(file, bytes.data(), bytes.size()) > 0 &&
        ::fallocate(file, punch, 0, 1 << 20) == 0) {
        return true;
    }
    std::fprintf(
        stderr,
        "SKIPPED: the file system of %s has no holes, so they are not tested\n",
        path.c_str());
    return false;
}

} // namespace sarang
