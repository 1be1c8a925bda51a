// SPDX-License-Identifier: Apache-2.0
// What the mam module offers: archives as their owners' clients see them.
#pragma once

#include "base/task.h"
#include "store/archive_store.h"
#include "xml/element.h"
#include "xml/jid.h"
#include "xml/stanza.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class Resource;

/// What was appended, and how all are told of it.
struct Kept {
    AppendTicket ticket = AppendTicket::none;
    ArchiveId entry = ArchiveId::none;
    std::string stamp;       ///< <stanza-id/> (XEP-0359)
    std::string name;        ///< the id that is in it
    bool to_be_read = false; ///< it is nothing that belongs to another message, nor a marker
};

/// A message that is in an archive.
struct ArchivedMessage {
    ArchiveId id;
    std::string stamp; ///< as Kept::stamp
    Stanza message;    ///< as it was kept
};

/// Somebody who asks of an archive that is not an account's own.
struct ArchiveReader {
    Jid owner;
    Jid asker; ///< has one page at a time
    /// Makes of a message that was kept what he may see; false: nothing of it.
    std::function<bool(Stanza& message)> show;
    /// Sends him a result.
    std::function<void(Ref<Payload> result)> send;
};

class ArchiveService {
public:
    static constexpr const char* service_name = "archive";

    /// Waits until what this session's account had retracted is gone from its archive, and until
    /// its client has taken most of what it was given. False when it is to be given no more.
    virtual Task<bool> ready(Resource& resource) = 0;

    /// To be awaited before the first keep(); a new module is not open.
    virtual Task<Result<void>> open() = 0;
    virtual bool is_open() const = 0;

    /// Appends a message to the archive of an owner that is no account, a room, by its address
    /// there. Nothing for one that is not worth it. Called on the owner's shard; it is not to be
    /// shown before the ticket has settled as durable.
    virtual Result<std::optional<Kept>>
    keep(const Jid& owner, const Jid& with, const Stanza& message) = 0;

    /// How an entry is named to clients of its owner (XEP-0359); empty while the key that is
    /// needed for it is not loaded.
    virtual std::string name(const Jid& owner, ArchiveId id) = 0;
    /// Nothing for what name() did not give for this owner. Not whether there is such an entry.
    virtual std::optional<ArchiveId> named(const Jid& owner, std::string_view name) = 0;

    /// The entry as XML, a <result/> (XEP-0313 §4.2). Requires a key: that name() gives one.
    virtual std::string
    result(const Jid& owner, const ArchiveEntry& entry, std::string_view query_id) = 0;
    /// The same of a message that was found, or of what may be shown of it.
    virtual std::string
    result(const Jid& owner, const ArchivedMessage& message, std::string_view query_id) = 0;

    /// The last messages in an archive of those that are `wanted`, in order: `most`, or fewer where
    /// much else came since. On the owner's shard.
    virtual Task<Result<std::vector<ArchivedMessage>>>
    last(Jid owner, std::size_t most, std::function<bool(const Stanza&)> wanted) = 0;

    /// The message of that name (name()), and what it was corrected to, by whomever; nothing where
    /// there is no such message. On the owner's shard.
    virtual Task<Result<std::vector<ArchivedMessage>>> find(Jid owner, std::string name) = 0;

    /// Puts another in the place of a message, which is gone for good. On the owner's shard.
    virtual Task<Result<void>> replace(Jid owner, ArchiveId id, Stanza message) = 0;

    /// Removes all of an archive. On the owner's shard.
    virtual Task<Result<void>> forget(Jid owner) = 0;

    /// What the owner of an archive that answer() sees to announces.
    virtual std::vector<std::string_view> features() const = 0;

    /// Answers a request of urn:xmpp:mam:2 to an owner that is no account, as an account's own is
    /// answered; there are no preferences. That the asker may read there is the caller's to know.
    /// On the owner's shard; all outlive the task.
    virtual Task<Result<Element>>
    answer(const Stanza& request, const Element& child, const ArchiveReader& reader) = 0;

protected:
    ~ArchiveService() = default;
};

} // namespace sarang
