// SPDX-License-Identifier: Apache-2.0
// What owners of archives that are no accounts, rooms, do with them.
#include "store/storage.h"

#include <algorithm>
#include <utility>

#include "modules/mam/mam.h"
#include "modules/mam/rules.h"

namespace sarang {

// What a room keeps is nobody's to have read: it has no part in an inbox.
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
    const std::string name{owner.str()};
    return std::optional{
        Kept{appended->ticket, appended->id, stamp_of(name, ids_->show(name, appended->id))}};
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

} // namespace sarang
