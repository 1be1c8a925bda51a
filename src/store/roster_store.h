// SPDX-License-Identifier: Apache-2.0
// RosterStore: each owner's contacts with the state of their subscriptions, and a version that
// rises with every change (RFC 6121 §2.6). Errors and lifetimes as in store/account_store.h.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "base/task.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// RFC 6121 §2.1.2.5; the numbers are kept on disk.
enum class Subscription : std::uint8_t { none = 0, to = 1, from = 2, both = 3 };

struct RosterItem {
    std::string contact; ///< bare JID, normalised
    std::string name = {};
    std::vector<std::string> groups = {};
    Subscription subscription = Subscription::none;
    bool ask = false;         ///< our request is pending out
    bool approved = false;    ///< pre-approval, RFC 6121 §3.4
    bool pending_in = false;  ///< the contact's request waits for an answer
    bool listed = true;       ///< false: there is their request only, nothing the owner made
    std::string request = {}; ///< that presence stanza, if it is kept (RFC 6121 §3.1.3)

    bool operator==(const RosterItem&) const = default;
};

struct Roster {
    std::uint64_t version = 0; ///< 0: nothing was ever kept
    std::vector<RosterItem> items;
};

struct RosterChanges {
    std::uint64_t version = 0;
    std::vector<RosterItem> changed;
    std::vector<std::string> removed; ///< contacts that are in the roster no more
};

class SARANG_API RosterStore {
public:
    virtual ~RosterStore() = default;

    /// The whole roster, in no order; empty for an owner who has none.
    virtual Task<Result<Roster>> load(std::string_view owner) = 0;

    /// Adds the item or replaces the one of this contact; the new version, which is never one
    /// that this owner's roster had before, not even before a backup was restored.
    virtual Task<Result<std::uint64_t>> put(std::string_view owner, RosterItem item) = 0;

    /// The new version; `item-not-found` when there is no such contact.
    virtual Task<Result<std::uint64_t>>
    remove(std::string_view owner, std::string_view contact) = 0;

    /// What changed after a version that was given out before; nothing when that is not known any
    /// more (a bounded number of removals is remembered): then the whole roster is to be sent.
    virtual Task<Result<std::optional<RosterChanges>>>
    changes_since(std::string_view owner, std::uint64_t version) = 0;
};

} // namespace sarang
