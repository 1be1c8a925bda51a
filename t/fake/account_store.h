// SPDX-License-Identifier: Apache-2.0
// FakeAccountStore: accounts in memory, which can be told to be slow or to fail.
#pragma once

#include "store/account_store.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

class FakeAccountStore final : public AccountStore {
public:
    std::map<std::string, Account, std::less<>> accounts;
    std::optional<Error> failure; ///< what all calls answer, when set
    bool slow = false;            ///< answers come after a turn of the executor
    unsigned lookups = 0;

    Task<Result<void>> create(Account account) override
    {
        co_await ok(ready());
        std::string owner = account.owner;
        if (!accounts.try_emplace(std::move(owner), std::move(account)).second) {
            co_return fail(Condition::conflict);
        }
        co_return Result<void>{};
    }

    Task<Result<void>>
    replace_credentials(std::string_view owner, std::vector<ScramKeys> credentials) override
    {
        co_await ok(ready());
        const auto found = accounts.find(owner);
        if (found == accounts.end()) {
            co_return fail(Condition::item_not_found);
        }
        found->second.credentials = std::move(credentials);
        co_return Result<void>{};
    }

    Task<Result<std::optional<Account>>> find(std::string_view owner) override
    {
        ++lookups;
        co_await ok(ready());
        std::optional<Account> account;
        if (const auto found = accounts.find(owner); found != accounts.end()) {
            account = found->second;
        }
        co_return account;
    }

    Task<Result<void>> remove(std::string_view owner) override
    {
        co_await ok(ready());
        const auto found = accounts.find(owner);
        if (found == accounts.end()) {
            co_return fail(Condition::item_not_found);
        }
        accounts.erase(found);
        co_return Result<void>{};
    }

    // By name, not by age: the cursor is how many went before.
    Task<Result<AccountPage>>
    list(std::string_view host, std::uint64_t after, std::size_t limit) override
    {
        co_await ok(ready());
        AccountPage page;
        std::uint64_t position = 0;
        for (const auto& [owner, account] : accounts) {
            if (account.host != host || position++ < after) {
                continue;
            }
            if (page.owners.size() == limit) {
                page.next = after + limit;
                break;
            }
            page.owners.push_back(owner);
        }
        co_return page;
    }

    Task<Result<std::uint64_t>> count(std::string_view host) override
    {
        co_await ok(ready());
        std::uint64_t number = 0;
        for (const auto& [owner, account] : accounts) {
            number += account.host == host ? 1 : 0;
        }
        co_return number;
    }

private:
    Task<Result<void>> ready()
    {
        if (slow) {
            co_await yield();
        }
        if (failure) {
            co_return fail(*failure);
        }
        co_return Result<void>{};
    }
};

} // namespace sarang
