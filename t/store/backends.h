// SPDX-License-Identifier: Apache-2.0
// The databases that the suite of this folder runs against, one and the same for all.
#pragma once

#include "store/lmdb/storage.h"

#include <boost/mpl/list.hpp>

#include <memory>

#include "../fake/clock.h"
#include "machine.h"
#include "temporary.h"

namespace sarang {

/// The embedded one.
class LmdbBackend {
public:
    Result<std::unique_ptr<Storage>> open(Machine& machine, const Clock& clock)
    {
        LmdbOptions options;
        options.directory = directory_ / "store";
        options.map_size = std::uint64_t{1} << 30; // sanitizers have little address space
        options.shards = machine.shards().size();
        options.index_delay = std::chrono::milliseconds{1};
        options.searched_text = [](std::string_view stanza) { return std::string{stanza}; };
        return open_lmdb(options, machine.workers(), clock);
    }

    const TemporaryDirectory& directory() const { return directory_; }

private:
    TemporaryDirectory directory_;
};

using Backends = boost::mpl::list<LmdbBackend>;

/// A storage that is empty at first.
template <class Backend>
class Kept : public Machine {
public:
    Kept() { open(); }

    ~Kept() { close(); }

    /// Closes it, and opens it again with what it holds.
    void reopen()
    {
        close();
        open();
    }

    /// Does something to the files of the closed one.
    template <class Deed>
    void while_closed(Deed deed)
    {
        close();
        deed();
        open();
    }

    Storage& storage() { return *storage_; }

    AccountStore& accounts() { return storage_->accounts(); }

    RosterStore& rosters() { return storage_->rosters(); }

    OfflineStore& offline() { return storage_->offline(); }

    RoomStore& rooms() { return storage_->rooms(); }

    KeyedStore& values() { return storage_->values(); }

    ArchiveStore& archive() { return storage_->archive(); }

    ManualClock& time() { return time_; }

    const TemporaryDirectory& directory() const { return backend_.directory(); }

private:
    void open()
    {
        auto storage = backend_.open(*this, time_);
        if (!storage) {
            BOOST_FAIL(storage.error().cause);
        }
        storage_ = std::move(*storage);
    }

    void close()
    {
        wait(storage_->close());
        storage_.reset();
    }

    Backend backend_;
    ManualClock time_;
    std::unique_ptr<Storage> storage_;
};

} // namespace sarang
