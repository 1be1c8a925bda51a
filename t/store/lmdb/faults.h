// SPDX-License-Identifier: Apache-2.0
// Faults: makes the disk fail or stall on demand, by standing before the system calls that LMDB
// writes with.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sarang {

/// While one lives, the process's disk is broken in some way.
class Faults {
public:
    Faults();
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;
    ~Faults();

    /// Writes fail with this error, once `spared` of them went through.
    void fail_writes(int error, unsigned spared = 0);
    /// Writes stop half-way, as on a disk that fills up.
    void cut_writes();
    /// Syncs fail with this error.
    void fail_syncs(int error);
    /// Holes in files are refused with this error.
    void refuse_holes(int error);
    /// Syncs wait until they are released; then they may still fail.
    void stall_syncs();
    void release_syncs();
    /// All is well again.
    void mend();

    /// Syncs so far, since the process began.
    static std::uint64_t syncs();
};

} // namespace sarang
