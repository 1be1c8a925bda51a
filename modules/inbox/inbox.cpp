// SPDX-License-Identifier: Apache-2.0
#include "modules/inbox/inbox.h"

#include "xml/writer.h"

#include <algorithm>
#include <utility>

namespace sarang {
namespace {

constexpr auto mam_ns = "urn:xmpp:mam:2"sv;

} // namespace

Inbox::Inbox(Host& host)
    : Module{host}
    , max_page_{options().integer("max_page", 100, {1, 1000}, "conversations of one page")}
{
    account_feature(inbox_ns);
    account_feature(inbox_details_ns);
    iq(Iq::get, Scope::account, inbox_ns, "inbox", &Inbox::answer);
    on(hooks().from_account, &Inbox::assist, priority::strip);
    on(hooks().keep_outgoing, &Inbox::keep_marker, priority::keep);
    on(hooks().room_noted, &Inbox::take_notes);
    on(hooks().account_changed, &Inbox::forget_account);
    provide<ReadPositions>(*this);
}

Task<Result<Element>> Inbox::answer(const IqRequest& request)
{
    InboxRequest asked = co_await ok(InboxRequest::read(request.child));
    if (archive() == nullptr || request.resource == nullptr) {
        co_return fail(Condition::service_unavailable);
    }
    Resource& resource = *request.resource;
    Task<bool> waiting = archive()->ready(resource);
    const bool ready = co_await waiting;
    if (!ready) {
        co_return fail(Condition::resource_constraint, "Take what was sent before");
    }
    Page page{request.user.jid(), request.stanza.id, {}, {}};
    const InboxQuery query = co_await ok(query_of(page.owner, asked));
    const Jid reader = resource.jid();
    co_await ok(find(page, query, reader));
    ArchiveService* const service = archive();
    if (service == nullptr || service->name(page.owner, ArchiveId::none).empty()) {
        co_return fail(Condition::service_unavailable);
    }
    deliver(*service, resource, page);
    co_return fin(*service, page, asked.unread_only);
}

// What is found not to be his is forgotten, and counts no more in what is found then.
Task<Result<void>> Inbox::find(Page& page, const InboxQuery& query, Jid reader)
{
    constexpr unsigned most_tries = 3;
    Task<void> catching_up = catch_up();
    co_await catching_up;
    bool complete = false;
    for (unsigned tries = 0; !complete && tries < most_tries; ++tries) {
        InboxQuery again = query;
        page.found = co_await ok(storage().archive().inbox(std::move(again)));
        Task<void> asking = ask_rooms(page, query, reader);
        co_await asking;
        Task<bool> forgetting = forget_hidden(page);
        complete = co_await forgetting;
    }
    co_return Result<void>{};
}

Result<InboxQuery> Inbox::query_of(const Jid& owner, const InboxRequest& asked)
{
    InboxQuery query;
    query.owner = owner.str();
    query.unread_only = asked.unread_only;
    query.entries = asked.messages;
    query.backwards = asked.page.before.has_value();
    const auto most = static_cast<std::size_t>(*max_page_);
    query.limit = std::min(asked.page.max.value_or(most), most);
    if (auto after = bound(owner, asked.page.after, query.below); !after) {
        return std::move(after).failure();
    }
    if (auto before = bound(owner, asked.page.before, query.above); !before) {
        return std::move(before).failure();
    }
    return query;
}

// A page is named by the last messages of its conversations: it stays where it is while others go
// to the top. XEP-0059 §2.1: item-not-found for what no page named.
Result<void>
Inbox::bound(const Jid& owner, const std::optional<std::string>& name, ArchiveId& place)
{
    ArchiveService* const service = archive();
    if (!name || name->empty()) {
        return {};
    }
    const auto id = service != nullptr ? service->named(owner, *name) : std::nullopt;
    if (!id) {
        return fail(Condition::item_not_found, "There is no such place in the inbox");
    }
    place = *id;
    return {};
}

// To this session alone, and past all that would copy or keep it.
void Inbox::deliver(ArchiveService& archive, Resource& resource, const Page& page)
{
    Stanza message;
    message.from = page.owner;
    message.to = resource.jid();
    for (std::size_t i = 0; i < page.found.conversations.size(); ++i) {
        const Conversation& told = page.found.conversations[i];
        const bool of_room = !told.room_message.empty();
        if (of_room && !page.sights[i].visible) {
            continue;
        }
        std::string inside = entry(archive, page.owner, told);
        std::vector<Payload::ChildSpan> children{{0, inside.size(), inbox_ns, "entry"}};
        const std::string result = told.entry
                                       ? archive.result(page.owner, *told.entry, page.query_id)
                                       : (of_room ? page.sights[i].result : std::string{});
        if (!result.empty()) {
            children.push_back({inside.size(), result.size(), mam_ns, "result"});
            inside += result;
        }
        message.payload = Payload::make(inside, children);
        resource.deliver(message);
    }
}

std::string Inbox::entry(ArchiveService& archive, const Jid& owner, const Conversation& told)
{
    Element entry{inbox_ns, "entry"};
    entry.set("jid", told.with).set("unread", std::to_string(told.unread));
    const bool of_room = !told.room_message.empty();
    entry.set("id", of_room ? told.room_message : archive.name(owner, told.last));
    Element& details = entry.add(inbox_details_ns, "details");
    details.set("mentions", std::to_string(told.mentions));
    if (told.more) {
        details.set("more", "true");
    }
    if (of_room) {
        details.set("archive", told.with); // the ids are its own
        if (!told.room_read.empty()) {
            details.set("displayed", told.room_read);
        }
        return entry.str(ns::client);
    }
    for (const auto& [name, id] : {std::pair{"displayed", told.read}, {"seen", told.seen}}) {
        if (id != ArchiveId::none) {
            details.set(name, archive.name(owner, id));
        }
    }
    return entry.str(ns::client);
}

Element Inbox::fin(ArchiveService& archive, const Page& page, bool unread_only)
{
    const InboxTotals& totals = page.found.totals;
    Element fin{inbox_ns, "fin"};
    fin.set("total", std::to_string(totals.conversations));
    fin.set("unread", std::to_string(totals.unread_conversations));
    fin.set("all-unread", std::to_string(totals.unread));
    ResultSetAnswer answer;
    answer.count = unread_only ? totals.unread_conversations : totals.conversations;
    if (const auto& found = page.found.conversations; !found.empty()) {
        answer.first = archive.name(page.owner, found.front().message);
        answer.last = archive.name(page.owner, found.back().message);
    }
    fin.add(answer.element());
    Element& details = fin.add(inbox_details_ns, "details");
    details.set("mentions", std::to_string(totals.mentions));
    if (page.found.complete) {
        details.set("complete", "true");
    }
    return fin;
}

// XEP-0490 §5.2.3, as far as it goes without a PEP node: the element goes no further, and the
// position moves.
Verdict Inbox::assist(Passage& passage)
{
    if (passage.stanza.kind != Kind::message) {
        return Verdict::pass();
    }
    const Jid account = passage.user.jid();
    if (auto stanza_id = take_displayed(passage.stanza, account)) {
        const Jid party = passage.to.empty() ? account : passage.to.bare();
        spawn(move(account, party, std::move(*stanza_id)));
    }
    return Verdict::pass();
}

Task<void> Inbox::move(Jid account, Jid party, std::string stanza_id)
{
    Task<Result<bool>> reading = read_through(account, party, std::move(stanza_id));
    const Result<bool> done = co_await reading;
    if (!done) {
        log().error(
            "cannot keep what was read {}: {}",
            field("account", account.str()),
            done.error().cause);
    }
}

Task<Result<bool>> Inbox::read_through(Jid account, Jid party, std::string stanza_id)
{
    const auto hold = enter();
    ArchiveService* const service = archive();
    if (!hold || service == nullptr) {
        co_return false;
    }
    const auto id = service->named(account, stanza_id);
    if (!id) {
        const Jid room = party.bare();
        Task<Result<bool>> reading = read_room_through(account, room, std::move(stanza_id));
        co_return co_await reading;
    }
    std::string owner{account.str()};
    std::string with{party.bare_str()};
    std::vector<ArchiveId> ids(1, *id);
    auto found = co_await ok(storage().archive().find(owner, std::move(ids)));
    if (found.empty() || found.front().with != with) {
        co_return false;
    }
    co_return co_await ok(storage().archive().mark_read(std::move(owner), std::move(with), *id));
}

} // namespace sarang

SARANG_MODULE(sarang::Inbox)
