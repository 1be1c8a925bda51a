// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/versioning.h"

#include "base/id.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "modules/muc/muc.h"
#include "modules/muc/names.h"

namespace sarang::muc {
namespace {

// Of one message: far below the size of a stanza that anybody takes.
constexpr std::size_t most_items = 500;
constexpr std::size_t most_bytes = std::size_t{48} << 10U;

struct Row {
    Jid account;
    Affiliation affiliation;
};

Lists lists_of(const Room& room, Rank rank)
{
    Lists lists;
    for (const Affiliation affiliation :
         {Affiliation::outcast, Affiliation::member, Affiliation::admin, Affiliation::owner}) {
        if (may_read_affiliations(room.config, rank, affiliation)) {
            lists.add(affiliation);
        }
    }
    return lists;
}

std::vector<Row> all_rows(const Room& room, const Lists& lists)
{
    std::vector<Row> rows;
    for (const Affiliation affiliation :
         {Affiliation::owner, Affiliation::admin, Affiliation::member, Affiliation::outcast}) {
        if (lists.has(affiliation)) {
            for (Jid& account : room.affiliations.list(affiliation)) {
                rows.push_back({std::move(account), affiliation});
            }
        }
    }
    return rows;
}

using Changes = std::vector<AffiliationVersions::Change>;

// As it is now, one row for each account of whom there was anything to see.
std::vector<Row> rows_of(const Room& room, const Changes& changes, const Lists& lists)
{
    std::set<Jid> accounts;
    for (const auto& change : changes) {
        if (lists.has(change.before) || lists.has(change.after)) {
            accounts.insert(change.account);
        }
    }
    std::vector<Row> rows;
    for (const Jid& account : accounts) {
        rows.push_back({account, lists.shown(room.affiliations.item(account).affiliation)});
    }
    return rows;
}

// What he was before all that: who has another affiliation since had the role that goes with it.
Rank rank_then(const Room& room, const Occupant& viewer, const Changes& changes)
{
    const Rank now = room.rank_of(viewer);
    const auto first =
        std::ranges::find(changes, viewer.account, &AffiliationVersions::Change::account);
    if (first == changes.end() || room.muc.administers(viewer.account) ||
        first->before == now.affiliation) {
        return now;
    }
    return {
        first->before,
        initial_role(first->before, room.config.moderated, room.config.members_only)};
}

Stanza message_of(const Room& room, const Element& x)
{
    Stanza message;
    message.id = random_id();
    message.from = room.jid;
    message.payload = Payload::make(x);
    return message;
}

void send_page(
    Room& room, const Jid& session, const VersionStep& step, const std::vector<Row>& rows)
{
    Element x{user_ns, "x"};
    add_version(x, step);
    for (const Row& row : rows) {
        x.add("item").set("jid", row.account.str()).set("affiliation", name(row.affiliation));
    }
    Stanza message = message_of(room, x);
    message.to = session;
    room.router().route(std::move(message));
}

// In between there are versions that nobody knows: who loses the rest asks for all of it again.
void send_rows(Room& room, const Jid& session, VersionStep step, std::vector<Row> rows)
{
    const std::string last = std::move(step.until);
    std::vector<Row> page;
    std::size_t size = 0;
    for (Row& row : rows) {
        if (page.size() == most_items || size > most_bytes) {
            step.until = random_id();
            send_page(room, session, step, page);
            step.since = step.until;
            page.clear();
            size = 0;
        }
        size += row.account.str().size();
        page.push_back(std::move(row));
    }
    step.until = last;
    send_page(room, session, step, page);
}

void refuse(Room& room, const Stanza& presence)
{
    Element error = error_element(
        Error{Condition::forbidden, "You may not see who belongs to this room", {}, {}});
    error.set("by", room.jid.str());
    Stanza message;
    message.type = Type::error;
    message.id = presence.id;
    message.from = room.jid;
    message.to = presence.from;
    message.payload = Payload::make(error);
    room.router().route(std::move(message));
}

} // namespace

Lists lists_of(const Room& room, const Occupant& viewer)
{
    return lists_of(room, room.rank_of(viewer));
}

void add_version(Element& x, const VersionStep& step)
{
    Element& mav = x.add(versions_ns, "mav");
    if (!step.since.empty()) {
        mav.set("since", step.since);
    }
    mav.set("until", step.until);
}

VersionStep version_of(const Room& room, const Occupant& viewer, bool changed)
{
    const Lists lists = lists_of(room, viewer);
    if (changed) {
        if (std::optional<VersionStep> step = room.versions.last_step(lists)) {
            return std::move(*step);
        }
    }
    return {{}, room.versions.current(lists)};
}

void tell_changes(
    Room& room, const Occupant& viewer, const Stanza& presence, std::string_view since)
{
    const Lists lists = lists_of(room, viewer);
    if (lists.empty()) {
        refuse(room, presence);
        return;
    }
    VersionStep step{{}, room.versions.current(lists)};
    if (since == step.until) {
        return;
    }
    const std::optional<Changes> changes = room.versions.since(since, lists);
    if (changes && !lists_of(room, rank_then(room, viewer, *changes)).has_all(lists)) {
        refuse(room, presence);
        return;
    }
    std::vector<Row> rows = changes ? rows_of(room, *changes, lists) : std::vector<Row>{};
    if (rows.empty()) {
        send_rows(room, presence.from, std::move(step), all_rows(room, lists));
        return;
    }
    step.since = since;
    send_rows(room, presence.from, std::move(step), std::move(rows));
}

bool change_entry(Room& room, const Jid& account, AffiliationItem item)
{
    const Affiliation before = room.affiliations.item(account).affiliation;
    const Affiliation after = item.affiliation;
    room.affiliations.set(account, std::move(item));
    if (before != after) {
        room.versions.note(account.bare(), before, after);
    }
    return before != after;
}

void tell_last_change(Room& room)
{
    const AffiliationVersions::Change& change = room.versions.last();
    std::map<Lists, std::vector<Jid>> viewers;
    for (const auto& viewer : room.occupants.all()) {
        const Lists lists = lists_of(room, *viewer);
        if (!lists.empty() && viewer->account != change.account) {
            const std::vector<Jid> sessions = viewer->session_jids();
            std::vector<Jid>& group = viewers[lists];
            group.insert(group.end(), sessions.begin(), sessions.end());
        }
    }
    for (const auto& [lists, sessions] : viewers) {
        if (const auto step = room.versions.last_step(lists)) {
            Element x{user_ns, "x"};
            add_version(x, *step);
            x.add("item")
                .set("jid", change.account.str())
                .set("affiliation", name(lists.shown(change.after)))
                .set("role", name(Role::none));
            room.router().route_to_many(message_of(room, x), sessions);
        }
    }
}

} // namespace sarang::muc
