// SPDX-License-Identifier: Apache-2.0
// AccountStore: who may log in, and with what. Keys and salts are kept, never a password.
// Usable from any shard; a task resumes where it was awaited. What is passed by view must live
// until then. All of store/ answers resource-constraint when it is full or busy (nothing was
// done, try later), internal-server-error when the disk failed (in `cause`), and
// remote-server-timeout when a database went away and a write is in doubt: repeat it.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/result.h"
#include "base/scram.h"
#include "base/task.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// What RFC 5802 §3 has a server keep for one mechanism.
struct ScramKeys {
    Hash hash = Hash::sha256;
    std::uint32_t iterations = 0;
    std::string salt; ///< raw bytes
    scram::Keys keys;

    bool operator==(const ScramKeys&) const = default;
};

struct Account {
    std::string owner; ///< bare JID, normalised
    std::string host;  ///< its domain; the store does not take JIDs apart
    std::vector<ScramKeys> credentials;
    Clock::Wall created;

    bool operator==(const Account&) const = default;
};

struct AccountPage {
    std::vector<std::string> owners;
    std::uint64_t next = 0; ///< cursor for the page that follows; 0 when this was the last one
};

class SARANG_API AccountStore {
public:
    virtual ~AccountStore() = default;

    /// `conflict` when the account exists. A new account owns nothing: what was kept under its
    /// name before is dropped, so that nobody inherits from a namesake.
    virtual Task<Result<void>> create(Account account) = 0;

    /// `item-not-found` when there is no such account.
    virtual Task<Result<void>>
    replace_credentials(std::string_view owner, std::vector<ScramKeys> credentials) = 0;

    virtual Task<Result<std::optional<Account>>> find(std::string_view owner) = 0;

    /// Removes the account and all that is kept for its owner, or nothing; `item-not-found` when
    /// there is no such account.
    virtual Task<Result<void>> remove(std::string_view owner) = 0;

    /// The accounts of a host in order of creation, at most `limit`, after a cursor (0: first).
    virtual Task<Result<AccountPage>>
    list(std::string_view host, std::uint64_t after, std::size_t limit) = 0;

    virtual Task<Result<std::uint64_t>> count(std::string_view host) = 0;
};

} // namespace sarang
