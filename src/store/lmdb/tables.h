// SPDX-License-Identifier: Apache-2.0
// The tables of the environment. Keys hold no text: an owner has an integer id, found by the hash
// of his name (owners); what else has a name stands under (owner, hash of the name, n), n telling
// apart those whose hashes collide. Integers in keys are big-endian, so that they sort.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sarang::lmdb {

enum class Table : std::uint8_t {
    meta,          ///< name of a counter or setting -> integer
    owners,        ///< hash, n -> id and name of an owner
    hosts,         ///< hash, n -> id and name of a host, number of its accounts
    host_accounts, ///< host, owner -> name of the owner
    accounts,      ///< owner -> account
    rosters,       ///< owner -> version, number of removals, oldest version to ask changes for
    roster_items,  ///< owner, hash of contact, n -> item and its version
    roster_gone,   ///< owner, version -> contact that was removed
    offline_heads, ///< owner -> last position, number of stanzas
    offline,       ///< owner, position -> stanza
    offline_keys,  ///< owner, hash of idempotency key, n -> that key
    offline_order, ///< owner, position -> row in offline_keys
    values,        ///< owner, hash of name, n -> name and value

    archive_journal, ///< number -> records that came, of any owners (archive_record.h)
    archive_voids,   ///< hash, n -> name of an owner, first row of the journal that holds for him
    archive_heads,   ///< owner -> what is known of his archive
    archive_blocks,  ///< owner, first id -> entries (archive_block.h)
    archive_with,    ///< owner, hash of the other party, first id -> ids (archive_chunk.h)
    archive_refs,    ///< owner, hash of a message_id, id of what refers to it -> nothing
    archive_expiry,  ///< host, first id, owner -> nothing
    archive_gone,  ///< owner whose blocks and what leads to them are still to be erased -> nothing
    archive_aside, ///< table, key of a row that was damaged there -> that row

    inbox_heads, ///< owner -> totals of his conversations
    inbox,       ///< owner, hash of the other party, n -> conversation (archive_inbox_row.h)
    inbox_order, ///< owner, 0 (all) or 1 (unread), last message's id -> row in inbox

    // Of the search index, an environment of its own.
    search_heads,    ///< owner -> how far his archive is indexed (search_index.h)
    search_segments, ///< owner, first id -> number, last id, numbers of entries, postings
    search_terms,    ///< segment, hash of a term, first id -> ids (search_chunk.h)
    search_gone,     ///< segment whose terms are void, and are being erased -> nothing

    rooms,             ///< hash, n -> name and id of a room, what is kept of it (room_rows.h)
    room_order,        ///< host, 0 (all) or 1 (listed), room -> its name and title
    room_totals,       ///< host -> numbers of its rooms
    room_affiliations, ///< room, hash of an account, n -> its name and what it has there
    room_accounts,     ///< hash of an account, host, room where it has something -> nothing
    room_gone,         ///< room whose affiliations are still to be erased -> its host
    room_past,         ///< hash, n -> name and id of a room that was erased of late
    room_past_order,   ///< number of an erasure -> row in room_past
};

inline constexpr std::array table_names{
    "meta",
    "owners",
    "hosts",
    "host_accounts",
    "accounts",
    "rosters",
    "roster_items",
    "roster_gone",
    "offline_heads",
    "offline",
    "offline_keys",
    "offline_order",
    "values",
    "archive_journal",
    "archive_voids",
    "archive_heads",
    "archive_blocks",
    "archive_with",
    "archive_refs",
    "archive_expiry",
    "archive_gone",
    "archive_aside",
    "inbox_heads",
    "inbox",
    "inbox_order",
    "search_heads",
    "search_segments",
    "search_terms",
    "search_gone",
    "rooms",
    "room_order",
    "room_totals",
    "room_affiliations",
    "room_accounts",
    "room_gone",
    "room_past",
    "room_past_order",
};

inline constexpr std::size_t table_count = table_names.size();

} // namespace sarang::lmdb
