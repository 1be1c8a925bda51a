// SPDX-License-Identifier: Apache-2.0
// What becomes of messages on their way: kept, named, and gone once they are retracted.
#include "core/server.h"
#include "core/server_shard.h"
#include "core/service/roster.h"
#include "core/settlements.h"
#include "store/storage.h"
#include "xml/writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "modules/mam/mam.h"
#include "modules/mam/rules.h"

namespace sarang {
namespace {

constexpr std::size_t references_of_retracted = 10'000; // receipts, reactions, corrections

std::string stamp_of(std::string_view owner, std::string_view id)
{
    std::string stamp = "<stanza-id xmlns='urn:xmpp:sid:0'";
    write_attribute(stamp, "by", owner);
    write_attribute(stamp, "id", id);
    return stamp += "/>";
}

bool corrects(const ArchiveEntry& entry)
{
    const std::optional<Stanza> message = archived_message(entry.stanza);
    return message && message->has("urn:xmpp:message-correct:0", "replace");
}

} // namespace

Verdict ArchiveModule::strip(Passage& passage)
{
    if (passage.stanza.kind == Kind::message) {
        strip_stanza_ids(passage.stanza, passage.user.jid());
    }
    return Verdict::pass();
}

Task<Verdict> ArchiveModule::recall_sent(Keeping& keeping)
{
    const Jid to = keeping.stanza.to;
    if (!to.same_bare(keeping.user.jid())) {
        Task<void> recalling = recall(keeping, to);
        co_await recalling;
    }
    co_return Verdict::pass();
}

Task<Verdict> ArchiveModule::recall_received(Keeping& keeping)
{
    Task<void> recalling = recall(keeping, keeping.stanza.from);
    co_await recalling;
    co_return Verdict::pass();
}

// What came since this life of the server began was not taken by the crash: it is another message
// that looks the same.
Task<void> ArchiveModule::recall(Keeping& keeping, Jid with)
{
    const Stanza& message = keeping.stanza;
    const std::string id = message_id_of(message);
    if (!ids_ || id.empty() || keeping.user.transient() || !worth_archiving(message)) {
        co_return;
    }
    const std::string owner{keeping.user.jid().str()};
    Task<Result<std::vector<ArchiveEntry>>> finding =
        storage().archive().find_message(owner, std::string{with.bare_str()}, id);
    const Result<std::vector<ArchiveEntry>> found = co_await finding;
    if (!found) {
        log().error(
            "a message that may be kept twice {}: {}",
            field("account", owner),
            found.error().cause);
        co_return;
    }
    const Clock::Wall since{std::chrono::milliseconds{static_cast<std::int64_t>(message.again)}};
    const Clock::Wall before = host().server().server().started_at();
    for (const ArchiveEntry& entry : *found) {
        const Clock::Wall time = time_of(entry.id);
        if (time >= since && time < before && is_archived_as(message, entry.stanza)) {
            keeping.known = true;
            keeping.entry = entry.id;
            keeping.stamp = stamp_of(owner, ids_->show(owner, entry.id));
        }
    }
}

Verdict ArchiveModule::keep_sent(Keeping& keeping)
{
    // What is sent to oneself is kept when it comes: once in one archive.
    const Jid& to = keeping.stanza.to;
    return to.same_bare(keeping.user.jid()) ? Verdict::pass() : keep(keeping, to);
}

Verdict ArchiveModule::keep_received(Keeping& keeping)
{
    return keep(keeping, keeping.stanza.from);
}

Verdict ArchiveModule::keep(Keeping& keeping, const Jid& with)
{
    User& user = keeping.user;
    if (user.transient() || !worth_archiving(keeping.stanza) || !wanted(user, with)) {
        return Verdict::pass();
    }
    const std::optional<Burial> burial = burial_for(keeping.stanza, with);
    if (burial) {
        note_burial(user, *burial);
    }
    Result<Appended> appended = append(keeping, with);
    const bool buries = burial && appended && !appended->repeated;
    if (burial && !buries) {
        spawn(end_burial(user.jid(), *burial));
    }
    if (!appended) {
        return Verdict::bounce(std::move(appended).error());
    }
    keeping.ticket = appended->ticket;
    keeping.entry = appended->id;
    if (appended->id != ArchiveId::none) {
        const std::string owner{user.jid().str()};
        keeping.stamp = stamp_of(owner, ids_->show(owner, appended->id));
    }
    if (buries) {
        spawn(bury(user.jid(), *burial, appended->ticket));
    }
    return Verdict::pass();
}

bool ArchiveModule::wanted(User& user, const Jid& with)
{
    static const ArchivePreferences none;
    const ArchivePreferences* const kept = user.find(preferences_);
    const ArchivePreferences& wishes = kept != nullptr ? *kept : none;
    if (const auto listed = wishes.listed(with)) {
        return *listed;
    }
    const ArchiveDefault standard = wishes.standard.value_or(*default_);
    if (standard != ArchiveDefault::roster) {
        return standard == ArchiveDefault::always;
    }
    const RosterService* const roster = host().service<RosterService>();
    const Contact* const contact = roster != nullptr ? roster->contact(user, with.bare()) : nullptr;
    return contact != nullptr && contact->listed;
}

Result<Appended> ArchiveModule::append(const Keeping& keeping, const Jid& with)
{
    if (!ids_) {
        return fail(Condition::resource_constraint, {}, "a message came before the archive's key");
    }
    const std::string stanza = archived(keeping.stanza);
    const std::string message_id = message_id_of(keeping.stanza);
    const std::string refers_to = reference_of(keeping.stanza);
    ArchiveDraft draft;
    draft.owner = keeping.user.jid().str();
    draft.host = host().domain();
    draft.bucket = bucket_of(draft.owner);
    draft.with = with.bare_str();
    draft.with_resource = with.resource();
    draft.message_id = message_id;
    draft.refers_to = refers_to;
    draft.stanza = stanza;
    draft.role = role_of(keeping.stanza, keeping.user.jid());
    return storage().archive().append(draft);
}

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
        if (!replaced) { // it stays noted, for the next time
            log().error(
                "cannot retract a message {}: {}",
                field("account", account.str()),
                replaced.error().cause);
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
            log().error(
                "cannot retract a message {}: {}",
                field("account", account.str()),
                retracted.error().cause);
            continue;
        }
        Task<void> ending = end_burial(account, burial);
        co_await ending;
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

// The message, and what it was corrected to.
Task<Result<void>> ArchiveModule::replace_all(const Jid& account, const Burial& burial)
{
    ArchiveStore& archive = storage().archive();
    const std::string owner{account.str()};
    std::vector<ArchiveEntry> found =
        co_await ok(archive.find_message(owner, burial.with, burial.message_id));
    std::vector<ArchiveEntry> later =
        co_await ok(archive.find_references(owner, burial.message_id, references_of_retracted));
    std::erase_if(later, [&burial](const ArchiveEntry& entry) {
        return entry.with != burial.with || !corrects(entry);
    });
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
