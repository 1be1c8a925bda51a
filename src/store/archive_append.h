// SPDX-License-Identifier: Apache-2.0
// What is given to an archive, and how that comes out (store/archive_store.h). Values.
#pragma once

#include "base/api.h"
#include "base/error.h"
#include "store/archive_entry.h"
#include "store/inbox.h"

#include <cstdint>
#include <string_view>

namespace sarang {

/// An entry to be kept; views need only live for the call.
struct ArchiveDraft {
    std::string_view owner; ///< bare JID
    std::string_view host;  ///< its domain, which retention is set for
    std::uint16_t bucket = 0;
    std::string_view with; ///< the other party's bare JID, by which it is found
    std::string_view with_resource;
    std::string_view message_id; ///< by which later ones refer to it (XEP-0359 §3.4); or none
    std::string_view refers_to;  ///< the message_id that this one refers to: a reaction, say
    std::string_view stanza;
    EntryRole role = EntryRole::none;
};

/// Counts a shard's appends. They settle in this order.
enum class AppendTicket : std::uint64_t { none = 0 };

struct Appended {
    ArchiveId id = ArchiveId::none;
    AppendTicket ticket = AppendTicket::none;
};

enum class AppendOutcome : std::uint8_t {
    durable,
    refused,   ///< nothing was kept: the disk is full, or too much waits
    failed,    ///< nothing was kept: the disk is broken
    not_owner, ///< nothing was kept: the bucket is another node's by now
    in_doubt,  ///< it may have been kept
};

/// The stanza error that tells a sender of it. Requires an outcome other than durable.
SARANG_API Error append_error(AppendOutcome outcome);

/// How all appends settled that were unsettled till now, up to `through`.
struct Settlement {
    AppendTicket through;
    AppendOutcome outcome;
};

} // namespace sarang
