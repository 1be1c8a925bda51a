// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/mam.h"

#include "net/shard.h"
#include "store/secrets.h"
#include "store/storage.h"

#include <chrono>
#include <utility>

#include "modules/mam/rules.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr auto groupchat_field_ns = "urn:xmpp:mam:2#groupchat-field"sv;
constexpr auto tombstone_ns = "urn:xmpp:message-retract:1#tombstone"sv;

constexpr Milliseconds expire_interval = 10min;
constexpr Milliseconds bury_interval = 10s; // what has failed

} // namespace

ArchiveModule::ArchiveModule(Host& host)
    : Module{host}
    , max_page_{options().integer("max_page", 100, {1, 1000}, "entries of one page")}
    , page_size_{options().size(
          "page_size",
          std::size_t{256} << 10U,
          {std::size_t{16} << 10U, std::size_t{16} << 20U},
          "a page ends with the entry that makes it as large as this")}
    , keep_{options().duration(
          "keep", Milliseconds::max(), {24h, Milliseconds::max()}, "how long entries are kept")}
    , default_{options().choice<ArchiveDefault>(
          "default",
          ArchiveDefault::always,
          {{"always", ArchiveDefault::always},
           {"never", ArchiveDefault::never},
           {"roster", ArchiveDefault::roster}},
          "whose messages are kept, unless a user says otherwise")}
    , kept_preferences_{store<ArchivePreferences>("preferences")}
    , preferences_{slot<ArchivePreferences>(kept_preferences_)}
    , kept_burials_{store<Burials>("burials")}
    , burials_{slot<Burials>(kept_burials_)}
{
    announce();
    iq(Iq::get, Scope::account, mam_ns, "query", &ArchiveModule::form);
    iq(Iq::set, Scope::account, mam_ns, "query", &ArchiveModule::answer);
    iq(Iq::get, Scope::account, mam_ns, "metadata", &ArchiveModule::metadata);
    iq(Iq::get, Scope::account, mam_ns, "prefs", &ArchiveModule::preferences);
    iq(Iq::set, Scope::account, mam_ns, "prefs", &ArchiveModule::set_preferences);
    on(hooks().load_async, &ArchiveModule::load);
    on(hooks().from_account, &ArchiveModule::strip, priority::strip);
    on(hooks().to_account, &ArchiveModule::strip, priority::strip);
    on(hooks().recall_outgoing_async, &ArchiveModule::recall_sent, priority::keep);
    on(hooks().recall_incoming_async, &ArchiveModule::recall_received, priority::keep);
    on(hooks().keep_outgoing, &ArchiveModule::keep_sent, priority::keep);
    on(hooks().keep_incoming, &ArchiveModule::keep_received, priority::keep);
    provide<ArchiveService>(*this);
    every(expire_interval, [this] { begin_to_expire(); });
    every(bury_interval, [this] { bury_again(); });
}

void ArchiveModule::announce()
{
    for (const std::string_view ns :
         {mam_ns,
          extended_ns,
          groupchat_field_ns,
          sid_ns,
          order_ns,
          fulltext_ns,
          ordered_ns,
          retract_ns,
          tombstone_ns,
          archive_ns}) {
        account_feature(ns);
    }
}

// What a crash has cut off is taken up with the first thing that happens to the account.
Task<Verdict> ArchiveModule::load(const UserEvent& event)
{
    Task<Result<void>> loading = load_key();
    const Result<void> loaded = co_await loading;
    if (!loaded) {
        co_return Verdict::bounce(loaded.error());
    }
    const Burials* const left = event.user.find(burials_);
    if (left != nullptr && !left->empty()) {
        spawn(bury_left(event.user.jid(), *left));
    }
    co_return Verdict::pass();
}

Task<Result<void>> ArchiveModule::load_key()
{
    if (ids_) {
        co_return Result<void>{};
    }
    const std::string name = "archive " + std::string{host().domain()};
    Task<Result<Secret>> loading = secret(storage().values(), name);
    const Result<Secret> key = co_await loading;
    if (!key) {
        co_return fail(key.error());
    }
    ids_.emplace(*key);
    co_return Result<void>{};
}

// One shard sees to it for the whole host.
void ArchiveModule::begin_to_expire()
{
    const bool mine = host().shard().index() == router().placement().shard_of(host().domain());
    if (mine && !expiring_ && *keep_ != Milliseconds::max()) {
        spawn(expire());
    }
}

Task<void> ArchiveModule::expire()
{
    constexpr auto pause = 100ms;
    expiring_ = true;
    const std::string domain{host().domain()};
    const Clock::Wall before = host().clock().wall() - *keep_;
    std::uint64_t removed = 0;
    do {
        Task<Result<std::uint64_t>> expiring = storage().archive().expire(domain, before);
        const Result<std::uint64_t> part = co_await expiring;
        if (!part) {
            log().error("cannot remove what is too old: {}", part.error().cause);
        }
        removed = part.value_or(0U);
        co_await host().shard().sleep(pause);
    } while (removed > 0 && enter());
    expiring_ = false;
}

} // namespace sarang

SARANG_MODULE(sarang::ArchiveModule)
