// SPDX-License-Identifier: Apache-2.0
// What becomes of messages on their way: they are kept, named, and known again.
#include "core/service/roster.h"
#include "store/storage.h"

#include <chrono>
#include <utility>

#include "modules/mam/mam.h"
#include "modules/mam/rules.h"

namespace sarang {
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
    const ArchiveId before = storage().archive().beginning(); // the clock may have been set back
    for (const ArchiveEntry& entry : *found) {
        if (time_of(entry.id) >= since && entry.id <= before &&
            is_archived_as(message, entry.stanza)) {
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
    const Stanza& message = keeping.stanza;
    Result<Appended> appended = append(user.jid(), message, with, role_of(message, user.jid()));
    const bool buries = burial && appended;
    if (burial && !buries) {
        spawn(end_burial(user.jid(), *burial));
    }
    if (!appended) {
        return Verdict::bounce(std::move(appended).error());
    }
    keeping.ticket = appended->ticket;
    keeping.entry = appended->id;
    if (appended->id != ArchiveId::none) {
        const std::string_view owner = user.jid().str();
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

Result<Appended>
ArchiveModule::append(const Jid& owner, const Stanza& message, const Jid& with, EntryRole role)
{
    if (!ids_) {
        return fail(Condition::resource_constraint, {}, "a message came before the archive's key");
    }
    write_archived(archived_, message);
    const std::string message_id = message_id_of(message);
    const std::string refers_to = reference_of(message);
    ArchiveDraft draft;
    draft.owner = owner.str();
    draft.host = host().domain();
    draft.bucket = bucket_of(draft.owner);
    draft.with = with.bare_str();
    draft.with_resource = with.resource();
    draft.message_id = message_id;
    draft.refers_to = refers_to;
    draft.stanza = archived_;
    draft.role = role;
    return storage().archive().append(draft);
}

} // namespace sarang
