// SPDX-License-Identifier: Apache-2.0
// Accounts: the AccountStore over an LMDB environment.
#pragma once

#include "store/account_store.h"
#include "store/lmdb/engine.h"

namespace sarang::lmdb {

class Archive;
class Search;

class Accounts final : public AccountStore {
public:
    /// What is in the archive's memory and in the search index goes with an account.
    Accounts(Engine& engine, Archive& archive, Search& search)
        : engine_{engine}
        , archive_{archive}
        , search_{search}
    {}

    Task<Result<void>> create(Account account) override;
    Task<Result<void>>
    replace_credentials(std::string_view owner, std::vector<ScramKeys> credentials) override;
    Task<Result<std::optional<Account>>> find(std::string_view owner) override;
    Task<Result<void>> remove(std::string_view owner) override;
    Task<Result<AccountPage>>
    list(std::string_view host, std::uint64_t after, std::size_t limit) override;
    Task<Result<std::uint64_t>> count(std::string_view host) override;

private:
    Task<void> forget_rest(std::string owner);

    Engine& engine_;
    Archive& archive_;
    Search& search_;
};

} // namespace sarang::lmdb
