// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/accounts.h"

#include "base/bytes.h"
#include "base/log.h"
#include "store/lmdb/archive.h"
#include "store/lmdb/archive_head.h"
#include "store/lmdb/owners.h"
#include "store/lmdb/records.h"
#include "store/lmdb/search.h"

#include <algorithm>

namespace sarang::lmdb {
namespace {

constexpr std::size_t account_size = 512; // about

std::optional<Account> account_of(ReadTransaction& transaction, std::uint64_t id)
{
    const auto bytes = transaction.get(Table::accounts, Key{id});
    if (!bytes) {
        return std::nullopt;
    }
    auto account = decode_account(*bytes);
    if (!account) {
        transaction.corrupt();
    }
    return account;
}

const Log log{"store"};

Failure no_account()
{
    return fail(Condition::item_not_found, "There is no such account");
}

// The first row of the archive's journal that is the new account's.
Result<std::uint64_t> create_account(WriteTransaction& transaction, const Account& account)
{
    const auto known = find_owner(transaction, account.owner);
    if (known && transaction.get(Table::accounts, Key{*known})) {
        return fail(Condition::conflict, "The account exists already");
    }
    if (known) {
        erase_owned(transaction, *known);
        erase_owner(transaction, account.owner);
    }
    const std::uint64_t id = need_owner(transaction, account.owner);
    const HostRecord host = add_account(transaction, account.host);
    transaction.put(Table::host_accounts, Key{host.id}.u64(id), account.owner);
    transaction.put(Table::accounts, Key{id}, encode(account));
    // A namesake may have kept something after he was removed, while his sessions were ended.
    const bool may_be_held = known || transaction.any(Table::archive_journal, Key{});
    return may_be_held ? void_journal(transaction, account.owner) : 0;
}

Result<void> replace_keys(
    WriteTransaction& transaction, std::string_view owner, const std::vector<ScramKeys>& keys)
{
    const auto id = find_owner(transaction, owner);
    const auto bytes = id ? transaction.get(Table::accounts, Key{*id}) : std::nullopt;
    if (!bytes) {
        return no_account();
    }
    auto account = decode_account(*bytes);
    if (!account) {
        transaction.damaged("an account, which is made anew with its new password");
        account = Account{};
        account->host = host_of_account(transaction, owner).value_or(std::string{});
    }
    account->credentials = keys;
    transaction.put(Table::accounts, Key{*id}, encode(*account));
    return {};
}

// From which row of the archive's journal on nothing is the account's any more.
Result<std::uint64_t> remove_account(WriteTransaction& transaction, std::string_view owner)
{
    const auto id = find_owner(transaction, owner);
    const auto account = id ? account_of(transaction, *id) : std::nullopt;
    if (!account) {
        return no_account();
    }
    if (const auto host = find_host(transaction, account->host)) {
        transaction.erase(Table::host_accounts, Key{host->id}.u64(*id));
        subtract_account(transaction, account->host);
    }
    erase_owned(transaction, *id);
    erase_owner(transaction, owner);
    return void_journal(transaction, owner);
}

AccountPage
page_of(ReadTransaction& transaction, std::uint64_t host, std::uint64_t after, std::size_t limit)
{
    AccountPage page;
    std::uint64_t last = 0;
    Cursor cursor{transaction, Table::host_accounts, Key{host}};
    for (bool more = cursor.seek(Key{host}.u64(after + 1)); more; more = cursor.next()) {
        if (page.owners.size() >= std::max<std::size_t>(limit, 1)) {
            page.next = last;
            break;
        }
        page.owners.emplace_back(cursor.value());
        last = BytesReader{cursor.key_rest()}.u64();
    }
    return page;
}

} // namespace

Task<Result<void>> Accounts::create(Account account)
{
    const std::string owner = account.owner;
    auto work = [account = std::move(account)](WriteTransaction& transaction) {
        return create_account(transaction, account);
    };
    auto creation = engine_.write(account_size, std::move(work));
    const std::uint64_t row = co_await ok(std::move(creation));
    co_await archive_.forget(owner, row);
    Task<void> forgetting = forget_rest(owner);
    co_await forgetting;
    co_return Result<void>{};
}

Task<Result<void>>
Accounts::replace_credentials(std::string_view owner, std::vector<ScramKeys> credentials)
{
    auto work = [owner = std::string{owner},
                 credentials = std::move(credentials)](WriteTransaction& transaction) {
        return replace_keys(transaction, owner, credentials);
    };
    return engine_.write(account_size, std::move(work));
}

Task<Result<std::optional<Account>>> Accounts::find(std::string_view owner)
{
    auto work = [owner](ReadTransaction& transaction) -> Result<std::optional<Account>> {
        const auto id = find_owner(transaction, owner);
        auto account = id ? account_of(transaction, *id) : std::nullopt;
        if (account) {
            account->owner = owner;
        }
        return account;
    };
    return engine_.read(work);
}

Task<Result<void>> Accounts::remove(std::string_view owner)
{
    const std::string name{owner};
    auto work = [name](WriteTransaction& transaction) { return remove_account(transaction, name); };
    auto removal = engine_.write(account_size, std::move(work));
    const std::uint64_t row = co_await ok(std::move(removal));
    co_await archive_.forget(name, row);
    Task<void> forgetting = forget_rest(name);
    co_await forgetting;
    co_return Result<void>{};
}

// The deed is done by then: nothing leads to what is left of the archive, which is erased at the
// next start else, nor from what is left of the index.
Task<void> Accounts::forget_rest(std::string owner)
{
    Result<bool> more = true;
    while (more && *more) {
        auto work = [](WriteTransaction& transaction) -> Result<bool> {
            return erase_some(transaction);
        };
        Task<Result<bool>> erasing = engine_.write(0, work);
        more = co_await erasing;
    }
    if (!more) {
        log.error("what a removed account had is erased at the next start: {}", more.error().cause);
    }
    Task<Result<void>> forgetting = search_.forget(owner);
    const Result<void> forgotten = co_await forgetting;
    if (!forgotten) {
        log.error("cannot forget a search index: {}", forgotten.error().cause);
    }
}

Task<Result<AccountPage>>
Accounts::list(std::string_view host, std::uint64_t after, std::size_t limit)
{
    auto work = [host = std::string{host}, after, limit](
                    ReadTransaction& transaction) -> Result<AccountPage> {
        const auto record = find_host(transaction, host);
        return record ? page_of(transaction, record->id, after, limit) : AccountPage{};
    };
    return engine_.read_aside(std::move(work));
}

Task<Result<std::uint64_t>> Accounts::count(std::string_view host)
{
    auto work = [host](ReadTransaction& transaction) -> Result<std::uint64_t> {
        return find_host(transaction, host).value_or(HostRecord{}).accounts;
    };
    return engine_.read(work);
}

} // namespace sarang::lmdb
