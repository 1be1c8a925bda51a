// SPDX-License-Identifier: Apache-2.0
// What owners of archives that are no accounts, rooms, do with them.
#include "store/storage.h"

#include <algorithm>
#include <utility>

#include "modules/mam/mam.h"
#include "modules/mam/rules.h"

namespace sarang {

// What a room keeps is nobody's to have read: it has no part in an inbox of the room's. That of a
// member is told of it by the room.
Result<std::optional<Kept>>
ArchiveModule::keep(const Jid& owner, const Jid& with, const Stanza& message)
{
    if (!worth_archiving_in_room(message)) {
        return std::optional<Kept>{};
    }
    const Result<Appended> appended = append(owner, message, with, EntryRole::none);
    if (!appended) {
        return fail(appended.error());
    }
    const std::string_view room = owner.str();
    std::string name = ids_->show(room, appended->id);
    std::string stamp = stamp_of(room, name);
    const bool to_be_read = role_of(message, owner) == EntryRole::sent;
    return std::optional{
        Kept{appended->ticket, appended->id, std::move(stamp), std::move(name), to_be_read}};
}

std::string
ArchiveModule::result(const Jid& owner, const ArchivedMessage& message, std::string_view query_id)
{
    const ArchiveEntry entry{message.id, {}, {}, archived(message.message)};
    return result(owner, entry, query_id);
}

ArchivedMessage ArchiveModule::read(const Jid& owner, ArchiveId id, Stanza message)
{
    const std::string name{owner.str()};
    return {id, stamp_of(name, ids_->show(name, id)), std::move(message)};
}

Task<Result<std::vector<ArchivedMessage>>>
ArchiveModule::last(Jid owner, std::size_t most, std::function<bool(const Stanza&)> wanted)
{
    constexpr unsigned most_pages = 4;
    const auto hold = enter();
    std::vector<ArchivedMessage> found;
    if (!hold || most == 0) {
        co_return found;
    }
    co_await ok(load_key());
    ArchiveQuery query;
    query.owner = owner.str();
    query.backwards = true;
    query.limit = most;
    bool more = true;
    for (unsigned pages = 0; more && pages < most_pages; ++pages) {
        ArchivePage page = co_await ok(storage().archive().read(query));
        std::ranges::reverse(page.entries);
        for (const ArchiveEntry& entry : page.entries) {
            std::optional<Stanza> message = archived_message(entry.stanza);
            if (found.size() < most && message && wanted(*message)) {
                found.push_back(read(owner, entry.id, std::move(*message)));
            }
        }
        more = !page.complete && found.size() < most;
        query.before = page.through;
    }
    std::ranges::reverse(found);
    co_return found;
}

Task<Result<std::vector<ArchivedMessage>>> ArchiveModule::find(Jid owner, std::string name)
{
    const auto hold = enter();
    std::vector<ArchivedMessage> found;
    co_await ok(load_key());
    const std::string archive{owner.str()};
    const std::optional<ArchiveId> id = ids_->read(archive, name);
    if (!hold || !id) {
        co_return found;
    }
    std::vector<ArchiveId> ids{*id};
    std::vector<ArchiveEntry> entries = co_await ok(storage().archive().find(archive, ids));
    std::optional<Stanza> message =
        entries.empty() ? std::nullopt : archived_message(entries.front().stanza);
    if (!message) {
        co_return found;
    }
    const std::string message_id = message_id_of(*message);
    found.push_back(read(owner, *id, std::move(*message)));
    if (!message_id.empty()) {
        entries = co_await ok(corrections(archive, message_id));
        for (const ArchiveEntry& entry : entries) {
            found.push_back(read(owner, entry.id, archived_message(entry.stanza).value()));
        }
    }
    co_return found;
}

Task<Result<void>> ArchiveModule::replace(Jid owner, ArchiveId id, Stanza message)
{
    const auto hold = enter();
    std::string archive{owner.str()};
    std::string stanza = archived(message);
    co_await ok(storage().archive().replace(std::move(archive), id, std::move(stanza)));
    co_return Result<void>{};
}

Task<Result<void>> ArchiveModule::forget(Jid owner)
{
    const auto hold = enter();
    const std::string archive{owner.str()};
    const ArchiveExtent extent = co_await ok(storage().archive().extent(archive));
    if (extent.entries > 0) {
        co_await ok(storage().archive().remove_before(archive, ArchiveId::none));
    }
    co_return Result<void>{};
}

} // namespace sarang
