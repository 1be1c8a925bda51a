// SPDX-License-Identifier: Apache-2.0
// An archive's entry as XML: what is kept of a message, what is left of one that was retracted, and
// how clients are shown it (XEP-0313 §4.2, XEP-0424 §5).
#pragma once

#include "core/archive_ids.h"
#include "store/archive_store.h"
#include "xml/stanza.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// The whole message as it goes on; it declares its own namespace.
std::string archived(const Stanza& message);
/// The same in the place of what is in `out`, whose room is used again.
void write_archived(std::string& out, const Stanza& message);

/// The message again; nothing for what archived() did not make.
std::optional<Stanza> archived_message(std::string_view stanza);

/// Whether this is the entry of the same message, which its sender sends again: perhaps by another
/// session of his, and with the time of the first time (XEP-0198 §4).
bool is_archived_as(const Stanza& message, std::string_view entry);

struct Retraction {
    Jid from;       ///< who retracts, by his bare address
    std::string id; ///< of the message that retracts
    Clock::Wall time;

    bool operator==(const Retraction&) const = default;
};

/// What is put in the place of a message that its sender has retracted. Nothing where it may not
/// be: another wrote it, or it is gone already.
std::optional<std::string> tombstone(std::string_view stanza, const Retraction& retraction);

/// An entry of a page, with those that refer to it where that was asked for.
struct ArchiveHit {
    ArchiveEntry entry;
    std::vector<ArchiveEntry> references;
    bool more = false; ///< there are others that refer to it

    std::size_t size() const;

    /// What `show` leaves of its messages; false where that is nothing of the entry itself.
    bool narrow(const std::function<bool(Stanza& message)>& show);
};

/// The payload of a message that brings an entry to a client; with what refers to it, where that
/// was asked for.
class ResultWriter {
public:
    ResultWriter(ArchiveIds& ids, std::string_view owner, std::optional<std::string_view> query_id)
        : ids_{ids}
        , owner_{owner}
        , query_id_{query_id}
    {}

    Ref<Payload> payload(const ArchiveHit& hit);

    /// The same as XML.
    std::string result(const ArchiveHit& hit);

private:
    void write_references(std::string& out, const ArchiveHit& hit);

    ArchiveIds& ids_;
    std::string_view owner_;
    std::optional<std::string_view> query_id_;
};

} // namespace sarang
