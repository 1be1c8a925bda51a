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

} // namespace

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
    const ArchivePager::Stores stores{storage().archive(), storage().search()};
    ArchivePager pager{stores, *ids_, owner, bounds};
    const ArchiveResult found = co_await ok(pager.find(asked));
    deliver(resource, asked, found);
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

} // namespace sarang
