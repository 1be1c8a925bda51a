// SPDX-License-Identifier: Apache-2.0
// XEP-0424: what is retracted leaves the archive, and a tombstone in its place.
#include "core/server.h"
#include "core/server_shard.h"
#include "core/settlements.h"
#include "core/turn.h"
#include "store/storage.h"

#include <algorithm>
#include <utility>

#include "modules/mam/mam.h"
#include "modules/mam/rules.h"

namespace sarang {
namespace {

constexpr std::size_t references_of_retracted = 10'000; // receipts, reactions, corrections

bool corrects(const ArchiveEntry& entry)
{
    const std::optional<Stanza> message = archived_message(entry.stanza);
    return message && message->has("urn:xmpp:message-correct:0", "replace");
}

} // namespace

// XEP-0424 §5.
std::optional<Burial> ArchiveModule::burial_for(const Stanza& stanza, const Jid& with)
{
    const std::optional<std::string> retracted = retracted_by(stanza);
    if (!retracted) {
        return std::nullopt;
    }
    const Jid from = stanza.from.bare();
    const std::string id = message_id_of(stanza);
    return Burial{std::string{with.bare_str()}, *retracted, {from, id, host().clock().wall()}};
}

// Before the retraction is appended, so that it is on disk first: the writer keeps the order.
void ArchiveModule::note_burial(User& user, const Burial& burial)
{
    Burials& burials = user[burials_];
    burials.push_back(burial);
    spawn(note_burials(user.jid(), burials));
}

Task<void> ArchiveModule::bury(Jid account, Burial burial, AppendTicket ticket)
{
    Turn turn{turns_, account};
    // Before the turn is waited for: later the ticket may have settled.
    Task<AppendOutcome> settling = host().server().settlements().outcome(ticket);
    const AppendOutcome outcome = co_await settling;
    co_await turn;
    if (outcome == AppendOutcome::durable) {
        Task<Result<void>> replacing = replace_all(account, burial);
        const Result<void> replaced = co_await replacing;
        if (!replaced) {
            not_buried(account, burial, replaced.error());
            co_return;
        }
    }
    Task<void> ending = end_burial(account, std::move(burial));
    co_await ending;
}

// Those that were noted, and whose retraction was kept.
Task<void> ArchiveModule::bury_left(Jid account, Burials left)
{
    Turn turn{turns_, account};
    co_await turn;
    for (const Burial& burial : left) {
        Task<Result<bool>> looking = is_retracted(account, burial);
        Result<bool> retracted = co_await looking;
        if (retracted && *retracted) {
            Task<Result<void>> replacing = replace_all(account, burial);
            const Result<void> replaced = co_await replacing;
            retracted = replaced ? Result<bool>{true} : Result<bool>{fail(replaced.error())};
        }
        if (!retracted) {
            not_buried(account, burial, retracted.error());
            continue;
        }
        Task<void> ending = end_burial(account, burial);
        co_await ending;
    }
}

// It stays noted: until the disk is well again, or for the next time that the account is loaded.
void ArchiveModule::not_buried(const Jid& account, const Burial& burial, const Error& error)
{
    log().error("cannot retract a message {}: {}", field("account", account.str()), error.cause);
    not_buried_[account].push_back(burial);
}

void ArchiveModule::bury_again()
{
    for (auto& [account, burials] : std::exchange(not_buried_, {})) {
        spawn(bury_left(account, std::move(burials)));
    }
}

Task<Result<bool>> ArchiveModule::is_retracted(const Jid& account, const Burial& burial)
{
    const std::string owner{account.str()};
    const std::vector<ArchiveEntry> found = co_await ok(
        storage().archive().find_references(owner, burial.message_id, references_of_retracted));
    co_return std::ranges::any_of(found, [&burial](const ArchiveEntry& entry) {
        const std::optional<Stanza> message = archived_message(entry.stanza);
        return entry.with == burial.with && message &&
               message->from.same_bare(burial.retraction.from) &&
               retracted_by(*message) == burial.message_id;
    });
}

Task<Result<std::vector<ArchiveEntry>>>
ArchiveModule::corrections(std::string owner, std::string message_id)
{
    std::vector<ArchiveEntry> found = co_await ok(
        storage().archive().find_references(owner, message_id, references_of_retracted));
    std::erase_if(found, [](const ArchiveEntry& entry) { return !corrects(entry); });
    co_return found;
}

// The message, and what it was corrected to.
Task<Result<void>> ArchiveModule::replace_all(const Jid& account, const Burial& burial)
{
    ArchiveStore& archive = storage().archive();
    const std::string owner{account.str()};
    std::vector<ArchiveEntry> found =
        co_await ok(archive.find_message(owner, burial.with, burial.message_id));
    std::vector<ArchiveEntry> later = co_await ok(corrections(owner, burial.message_id));
    std::erase_if(
        later, [&burial](const ArchiveEntry& entry) { return entry.with != burial.with; });
    found.insert(found.end(), later.begin(), later.end());
    for (ArchiveEntry& entry : found) {
        co_await ok(replace(account, burial, std::move(entry)));
    }
    co_return Result<void>{};
}

Task<Result<void>>
ArchiveModule::replace(const Jid& account, const Burial& burial, ArchiveEntry entry)
{
    if (auto left = tombstone(entry.stanza, burial.retraction)) {
        std::string owner{account.str()};
        std::string& stanza = *left;
        co_await ok(storage().archive().replace(std::move(owner), entry.id, std::move(stanza)));
    }
    co_return Result<void>{};
}

// The account may have been forgotten meanwhile: then what is noted is looked at with the next
// load.
Task<void> ArchiveModule::end_burial(Jid account, Burial burial)
{
    User* const user = host().find(account.local());
    Burials* const burials = user != nullptr ? user->find(burials_) : nullptr;
    if (burials == nullptr) {
        co_return;
    }
    std::erase(*burials, burial);
    Task<void> noting = note_burials(account, *burials);
    co_await noting;
}

Task<void> ArchiveModule::note_burials(Jid account, Burials burials)
{
    const std::string owner{account.str()};
    Result<void> noted;
    if (burials.empty()) {
        Task<Result<bool>> erasing = kept_burials_.erase(owner);
        const Result<bool> erased = co_await erasing;
        noted = erased ? Result<void>{} : Result<void>{fail(erased.error())};
    } else {
        Task<Result<void>> saving = kept_burials_.save(owner, std::move(burials));
        noted = co_await saving;
    }
    if (!noted) {
        log().error(
            "cannot note a retraction {}: {}", field("account", owner), noted.error().cause);
    }
}

} // namespace sarang
