// SPDX-License-Identifier: Apache-2.0
// What an account's sessions are answered of its archive.
#include "core/date_time.h"
#include "net/shard.h"
#include "store/storage.h"

#include <chrono>
#include <utility>

#include "modules/mam/mam.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

// A page goes to who has taken the ones before, but for this.
constexpr std::size_t untaken = 64 * 1024;

// In our queue, or, where it acknowledges (XEP-0198), anywhere on the way.
bool has_untaken(const Resource& resource)
{
    const Hibernation* const state = resource.hibernation();
    return resource.pipe() != nullptr && (resource.pipe()->facts().queued > untaken ||
                                          (state != nullptr && state->queue.bytes() > untaken));
}

Element form_query()
{
    Element query{mam_ns, "query"};
    query.add(archive_form().element());
    return query;
}

} // namespace

Result<Element> ArchiveModule::form(const IqRequest&)
{
    return form_query();
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
    // To this session alone, and past all that would copy or keep it.
    ArchiveReader reader;
    reader.owner = request.user.jid();
    reader.asker = resource.jid();
    reader.send = [&resource](Ref<Payload> result) {
        Stanza message;
        message.from = resource.jid().bare();
        message.to = resource.jid();
        message.payload = std::move(result);
        resource.deliver(message);
    };
    Task<Result<Element>> paging = page(std::move(asked), reader);
    Result<Element> fin = co_await paging;
    co_return fin;
}

std::vector<std::string_view> ArchiveModule::features() const
{
    return {mam_ns, extended_ns, order_ns, fulltext_ns, ordered_ns, archive_ns};
}

Task<Result<Element>>
ArchiveModule::answer(const Stanza& request, const Element& child, const ArchiveReader& reader)
{
    const auto hold = enter();
    if (!hold) {
        co_return fail(Condition::service_unavailable);
    }
    co_await ok(load_key());
    if (child.is(mam_ns, "query") && request.type == Type::get) {
        co_return form_query();
    }
    if (child.is(mam_ns, "metadata") && request.type == Type::get) {
        Task<Result<Element>> reading = extent(std::string{reader.owner.str()});
        Result<Element> read = co_await reading;
        co_return read;
    }
    if (child.is(mam_ns, "query") && request.type == Type::set) {
        Task<Result<Element>> reading = query(child, reader);
        Result<Element> read = co_await reading;
        co_return read;
    }
    co_return fail(Condition::service_unavailable);
}

Task<Result<Element>> ArchiveModule::query(const Element& child, const ArchiveReader& reader)
{
    ArchiveRequest asked = co_await ok(ArchiveRequest::read(child));
    Turn turn{turns_, reader.asker};
    co_await turn;
    Task<Result<Element>> paging = page(std::move(asked), reader);
    Result<Element> fin = co_await paging;
    co_return fin;
}

Task<Result<Element>> ArchiveModule::page(ArchiveRequest asked, const ArchiveReader& reader)
{
    const std::string owner{reader.owner.str()};
    const ArchivePager::Bounds bounds{static_cast<std::size_t>(*max_page_), *page_size_};
    const ArchivePager::Stores stores{storage().archive(), storage().search()};
    ArchivePager pager{stores, *ids_, owner, bounds};
    ArchiveResult found = co_await ok(pager.find(asked));
    deliver(asked, found, reader);
    co_return fin(owner, found);
}

// Whoever asks for more than he reads waits; who reads nothing meets the bounds of his stream.
Task<bool> ArchiveModule::room_for_a_page(Resource& resource)
{
    constexpr auto pause = 20ms;
    while (has_untaken(resource)) {
        if (!enter()) {
            co_return false;
        }
        co_await host().shard().sleep(pause);
    }
    co_return resource.pipe() != nullptr;
}

Task<bool> ArchiveModule::ready(Resource& resource)
{
    const auto hold = enter();
    if (!hold || !ids_) {
        co_return false;
    }
    const Jid account = resource.jid().bare();
    Task<bool> waiting = room_for_a_page(resource);
    const bool room = co_await waiting;
    Turn turn{turns_, account};
    co_await turn;
    co_return room;
}

std::string ArchiveModule::name(const Jid& owner, ArchiveId id)
{
    return ids_ ? ids_->show(owner.str(), id) : std::string{};
}

std::optional<ArchiveId> ArchiveModule::named(const Jid& owner, std::string_view name)
{
    return ids_ ? ids_->read(owner.str(), name) : std::nullopt;
}

std::string
ArchiveModule::result(const Jid& owner, const ArchiveEntry& entry, std::string_view query_id)
{
    return ResultWriter{*ids_, owner.str(), query_id}.result(ArchiveHit{entry, {}, false});
}

void ArchiveModule::deliver(
    const ArchiveRequest& asked, ArchiveResult& found, const ArchiveReader& reader)
{
    ResultWriter writer{*ids_, reader.owner.str(), asked.query_id};
    for (std::size_t i = 0; i < found.hits.size(); ++i) {
        ArchiveHit& hit = found.hits[asked.flip ? found.hits.size() - 1 - i : i];
        if (!reader.show || hit.narrow(reader.show)) {
            reader.send(writer.payload(hit));
        }
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
    Task<Result<Element>> reading = extent(std::string{request.user.jid().str()});
    Result<Element> read = co_await reading;
    co_return read;
}

Task<Result<Element>> ArchiveModule::extent(std::string owner)
{
    const ArchiveExtent range = co_await ok(storage().archive().extent(owner));
    Element metadata{mam_ns, "metadata"};
    if (range.first != ArchiveId::none) {
        for (const auto& [name, id] : {std::pair{"start", range.first}, {"end", range.last}}) {
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

} // namespace sarang
