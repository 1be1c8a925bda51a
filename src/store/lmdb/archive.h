// SPDX-License-Identifier: Apache-2.0
// Archive: the ArchiveStore over an LMDB environment. What comes is one row of the journal for each
// turn of a shard, and in memory; later it is folded into blocks of its owners.
#pragma once

#include "store/archive_store.h"
#include "store/lmdb/archive_follower.h"
#include "store/lmdb/archive_pages.h"
#include "store/lmdb/archive_shard.h"
#include "store/lmdb/engine.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sarang::lmdb {

class Archive final : public ArchiveStore {
public:
    /// `writing` is used on the writer alone, as long as that runs.
    Archive(Engine& engine, BlockCodec& writing, const LmdbOptions& options, const Clock& clock);

    /// Takes up what the journal holds. Blocks; before any shard uses it.
    Result<void> open();

    /// Hands over what waits and begins nothing more.
    Task<void> close();
    /// Done when the shards have seen all that the writer answered.
    Task<void> settle();

    /// Has changes told to one who must outlive all use; before any shard uses it.
    void follow(ArchiveFollower& follower);

    /// Calls `work` with the ArchiveReader of an owner on a worker. It owns what it uses.
    template <class Work>
    Task<std::invoke_result_t<Work&, ArchiveReader&>> read_aside(std::string owner, Work work)
    {
        auto deed = [tail = here().view(owner), owner = std::move(owner), work = std::move(work)](
                        ReadTransaction& transaction) {
            BlockCodec codec;
            ArchiveReader reader{transaction, codec, owner, tail};
            return work(reader);
        };
        auto reading = engine_.read_aside(std::move(deed));
        co_return co_await reading;
    }

    const Environment::Ptr& environment() const { return engine_.environment(); }

    /// What an owner had in rows of the journal below one is void.
    Task<void> forget(std::string owner, std::uint64_t row);

    Result<Appended> append(const ArchiveDraft& draft) override;

    bool behind() const override { return engine_.worker().behind(); }

    ArchiveId beginning() const override { return beginning_; }

    void on_settled(std::function<void(const Settlement&)> listener) override;
    Task<Result<ArchivePage>> read(ArchiveQuery query) override;
    Task<Result<std::vector<ArchiveEntry>>>
    find(std::string owner, std::vector<ArchiveId> ids) override;
    Task<Result<ArchiveExtent>> extent(std::string owner) override;
    Task<Result<std::vector<ArchiveEntry>>>
    find_message(std::string owner, std::string with, std::string message_id) override;
    Task<Result<std::vector<ArchiveEntry>>>
    find_references(std::string owner, std::string message_id, std::size_t limit) override;
    Task<Result<InboxPage>> inbox(InboxQuery query) override;
    Task<Result<std::optional<Conversation>>>
    conversation(std::string owner, std::string with) override;
    Task<Result<bool>> mark_read(std::string owner, std::string with, ArchiveId through) override;
    Task<Result<bool>> replace(std::string owner, ArchiveId id, std::string stanza) override;
    Task<Result<std::uint64_t>> remove_before(std::string owner, ArchiveId bound) override;
    Task<Result<std::uint64_t>> expire(std::string host, Clock::Wall before) override;
    Task<Result<ArchiveCheck>> check(std::string owner, ArchiveId after) override;
    Task<Result<ArchiveRepair>>
    repair(std::string owner, ArchiveRepair so_far, SoundStanza sound) override;

    /// Has all that is settled of an owner put into blocks.
    Task<Result<void>> fold(std::string owner) { return here().fold(std::move(owner)); }

private:
    ArchiveShard& here();
    Result<std::optional<ArchiveId>> position(const std::string& owner, const std::string& with);

    template <class Work>
    using Answer = Task<std::invoke_result_t<Work&, ArchiveReader&>>;

    template <class Work>
    Answer<Work> read_here(std::string owner, Work work);
    Task<void> blank(std::string owner, ArchiveEntry entry);
    Task<Result<void>> fold_for_repair(std::string owner);
    Task<Result<bool>> put_in_place(std::string owner, ArchiveId id, std::string stanza);
    Engine& engine_;
    BlockCodec& writing_;
    const Clock& clock_;
    ArchiveFollower* follower_ = nullptr; ///< or none
    ArchiveId beginning_ = ArchiveId::none;
    std::vector<std::unique_ptr<ArchiveShard>> shards_;
};

} // namespace sarang::lmdb
