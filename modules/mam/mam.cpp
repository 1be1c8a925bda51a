// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/mam.h"

#include "core/date_time.h"
#include "core/server_shard.h"
#include "core/service/roster.h"
#include "core/settlements.h"
#include "net/shard.h"
#include "store/secrets.h"
#include "store/storage.h"

#include <chrono>
#include <utility>

#include "modules/mam/rules.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

constexpr auto extended_ns = "urn:xmpp:mam:2#extended"sv;
constexpr auto groupchat_field_ns = "urn:xmpp:mam:2#groupchat-field"sv;
constexpr auto ordered_ns = "urn:xmpp:order-by:1@urn:xmpp:mam:2"sv;
constexpr auto tombstone_ns = "urn:xmpp:message-retract:1#tombstone"sv;

constexpr Milliseconds expire_interval = 10min;
constexpr std::size_t corrections_of_one = 100;

// A page goes to who has taken the ones before, but for this.
constexpr std::size_t untaken = 64 * 1024;

std::string stamp_of(std::string_view owner, std::string_view id)
{
    Element stanza_id{sid_ns, "stanza-id"};
    stanza_id.set("by", owner).set("id", id);
    return stanza_id.str(ns::client);
}

bool corrects(const ArchiveEntry& entry)
{
    const std::optional<Stanza> message = archived_message(entry.stanza);
    return message && message->has("urn:xmpp:message-correct:0", "replace");
}

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
    on(hooks().keep_outgoing, &ArchiveModule::keep_sent, priority::keep);
    on(hooks().keep_incoming, &ArchiveModule::keep_received, priority::keep);
    every(expire_interval, [this] { begin_to_expire(); });
}

void ArchiveModule::announce()
{
    for (const std::string_view ns :
         {mam_ns,
          extended_ns,
          groupchat_field_ns,
          sid_ns,
          order_ns,
          ordered_ns,
          retract_ns,
          tombstone_ns,
          archive_ns}) {
        account_feature(ns);
    }
}

Task<Verdict> ArchiveModule::load(const UserEvent&)
{
    if (ids_) {
        co_return Verdict::pass();
    }
    const std::string name = "archive " + std::string{host().domain()};
    Task<Result<Secret>> loading = secret(storage().values(), name);
    const Result<Secret> key = co_await loading;
    if (!key) {
        co_return Verdict::bounce(key.error());
    }
    ids_.emplace(*key);
    co_return Verdict::pass();
}

Verdict ArchiveModule::strip(Passage& passage)
{
    if (passage.stanza.kind == Kind::message) {
        strip_stanza_ids(passage.stanza, passage.user.jid());
    }
    return Verdict::pass();
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
    Result<Appended> appended = append(keeping, with);
    if (!appended) {
        return Verdict::bounce(std::move(appended).error());
    }
    keeping.ticket = appended->ticket;
    if (appended->id != ArchiveId::none) {
        const std::string owner{user.jid().str()};
        keeping.stamp = stamp_of(owner, ids_->show(owner, appended->id));
    }
    if (const auto retracted = retracted_by(keeping.stanza); retracted && !appended->repeated) {
        const Jid from = keeping.stanza.from.bare();
        const std::string id = message_id_of(keeping.stanza);
        spawn(bury(Burial{
            user.jid(),
            std::string{with.bare_str()},
            *retracted,
            Retraction{from, id, host().clock().wall()},
            appended->ticket}));
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
    return storage().archive().append(draft);
}

// XEP-0424 §5. A crash before it is done leaves the retraction in the archive, and the message.
Task<void> ArchiveModule::bury(Burial burial)
{
    Turn turn{turns_, burial.owner};
    co_await turn;
    Task<AppendOutcome> settling = host().server().settlements().outcome(burial.ticket);
    const AppendOutcome outcome = co_await settling;
    if (outcome != AppendOutcome::durable) {
        co_return;
    }
    Task<Result<void>> replacing = replace_all(burial);
    const Result<void> replaced = co_await replacing;
    if (!replaced) {
        log().error(
            "cannot retract a message {}: {}",
            field("account", burial.owner.str()),
            replaced.error().cause);
    }
}

// The message, and what it was corrected to.
Task<Result<void>> ArchiveModule::replace_all(const Burial& burial)
{
    ArchiveStore& archive = storage().archive();
    const std::string owner{burial.owner.str()};
    std::vector<ArchiveEntry> found =
        co_await ok(archive.find_message(owner, burial.with, burial.message_id));
    std::vector<ArchiveEntry> later =
        co_await ok(archive.find_references(owner, burial.message_id, corrections_of_one));
    std::erase_if(later, [&burial](const ArchiveEntry& entry) {
        return entry.with != burial.with || !corrects(entry);
    });
    found.insert(found.end(), later.begin(), later.end());
    for (ArchiveEntry& entry : found) {
        co_await ok(replace(burial, std::move(entry)));
    }
    co_return Result<void>{};
}

Task<Result<void>> ArchiveModule::replace(const Burial& burial, ArchiveEntry entry)
{
    if (auto left = tombstone(entry.stanza, burial.retraction)) {
        std::string owner{burial.owner.str()};
        std::string& stanza = *left;
        co_await ok(storage().archive().replace(std::move(owner), entry.id, std::move(stanza)));
    }
    co_return Result<void>{};
}

Result<Element> ArchiveModule::form(const IqRequest&)
{
    Element query{mam_ns, "query"};
    query.add(archive_form().element());
    return query;
}

Task<Result<Element>> ArchiveModule::answer(const IqRequest& request)
{
    ArchiveRequest asked = co_await ok(ArchiveRequest::read(request.child));
    if (!ids_ || request.resource == nullptr) {
        co_return fail(Condition::service_unavailable);
    }
    Resource& resource = *request.resource;
    Task<bool> waiting = room_for_a_page(resource);
    const bool room = co_await waiting;
    if (!room) {
        co_return fail(Condition::resource_constraint, "Take what was sent before");
    }
    Turn turn{turns_, request.user.jid()};
    co_await turn;
    const std::string owner{request.user.jid().str()};
    const ArchivePager::Bounds bounds{static_cast<std::size_t>(*max_page_), *page_size_};
    ArchivePager pager{storage().archive(), *ids_, owner, bounds};
    const ArchiveResult found = co_await ok(pager.find(asked));
    deliver(resource, asked, found);
    co_return fin(owner, found);
}

// Whoever asks for more than he reads waits; who reads nothing meets the bounds of his stream.
Task<bool> ArchiveModule::room_for_a_page(Resource& resource)
{
    constexpr auto pause = 20ms;
    while (resource.pipe() != nullptr && resource.pipe()->facts().queued > untaken) {
        if (!enter()) {
            co_return false;
        }
        co_await host().shard().sleep(pause);
    }
    co_return true;
}

// To this session alone, and past all that would copy or keep it.
void ArchiveModule::deliver(
    Resource& resource, const ArchiveRequest& asked, const ArchiveResult& found)
{
    const Jid owner = resource.jid().bare();
    ResultWriter writer{*ids_, owner.str(), asked.query_id};
    Stanza message;
    message.from = owner;
    message.to = resource.jid();
    for (std::size_t i = 0; i < found.hits.size(); ++i) {
        const std::size_t at = asked.flip ? found.hits.size() - 1 - i : i;
        message.payload = writer.payload(found.hits[at]);
        resource.deliver(message);
    }
}

Element ArchiveModule::fin(const std::string& owner, const ArchiveResult& found)
{
    Element fin{mam_ns, "fin"};
    if (found.complete) {
        fin.set("complete", "true");
    }
    fin.set("stable", "true");
    ResultSetAnswer page;
    page.count = found.count;
    if (found.first != ArchiveId::none) {
        page.first = ids_->show(owner, found.first);
        page.last = ids_->show(owner, found.last);
    }
    fin.add(page.element());
    return fin;
}

Task<Result<Element>> ArchiveModule::metadata(const IqRequest& request)
{
    if (!ids_) {
        co_return fail(Condition::service_unavailable);
    }
    const std::string owner{request.user.jid().str()};
    const ArchiveExtent extent = co_await ok(storage().archive().extent(owner));
    Element metadata{mam_ns, "metadata"};
    if (extent.first != ArchiveId::none) {
        for (const auto& [name, id] : {std::pair{"start", extent.first}, {"end", extent.last}}) {
            metadata.add(name)
                .set("id", ids_->show(owner, id))
                .set("timestamp", date_time(time_of(id)));
        }
    }
    co_return metadata;
}

Result<Element> ArchiveModule::preferences(const IqRequest& request)
{
    const ArchivePreferences* const kept = request.user.find(preferences_);
    return (kept != nullptr ? *kept : ArchivePreferences{}).element(*default_);
}

Task<Result<Element>> ArchiveModule::set_preferences(const IqRequest& request)
{
    ArchivePreferences wishes = co_await ok(ArchivePreferences::read(request.child));
    if (!request.user.transient()) {
        const std::string_view owner = request.user.jid().str();
        co_await ok(kept_preferences_.save(owner, wishes));
    }
    request.user[preferences_] = wishes;
    co_return wishes.element(*default_);
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
