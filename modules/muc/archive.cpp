// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/archive.h"

#include "base/scope.h"

#include <functional>
#include <utility>
#include <vector>

#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/rewriting.h"
#include "modules/muc/showing.h"
#include "modules/muc/subject.h"

namespace sarang::muc {
std::string author_of(const Room& room, const Occupant& speaker, const Jid& session)
{
    return plain_user_xml(room.rank_of(speaker), session.str());
}

void strip_author(Stanza& kept)
{
    if (!kept.has(user_ns, "x")) {
        return;
    }
    std::vector<Element> children;
    for (std::size_t i = 0; i < kept.payload->size(); ++i) {
        if (kept.payload->child(i).ns != user_ns) {
            children.push_back(kept.payload->element(i));
        }
    }
    kept.payload = Payload::make(children);
}

bool belongs_to_history(const Stanza& message)
{
    return !is_subject_change(message) && !message.has(retract_ns, "retracted");
}

Result<void> may_read_archive(const Room& room, const Jid& who)
{
    const Affiliation affiliation = room.affiliation_of(who);
    if (affiliation == Affiliation::outcast) {
        return fail(Condition::forbidden, "You are banned from this room");
    }
    if (room.locked && affiliation != Affiliation::owner) {
        return fail(Condition::item_not_found, "This room is not open yet");
    }
    if (affiliation >= Affiliation::member) {
        return {};
    }
    if (room.config.members_only) {
        return fail(Condition::forbidden, "This room is for members only");
    }
    if (!room.config.password.empty() && room.occupants.by_session(who) == nullptr) {
        return fail(Condition::forbidden, "This room takes a password: enter it first");
    }
    return {};
}

bool may_know_authors(const Room& room, const Jid& who)
{
    if (room.config.non_anonymous) {
        return true;
    }
    const Rank rank = room.rank_of(who);
    const Role role =
        room.occupants.by_session(who) != nullptr
            ? rank.role
            : initial_role(rank.affiliation, room.config.moderated, room.config.members_only);
    return role == Role::moderator;
}

Stanza shown_again(const ArchivedMessage& kept)
{
    Stanza message = kept.message;
    strip_author(message);
    message.payload =
        Rewriting{}.keep(message.payload).add(stanza_id_ns, "stanza-id", kept.stamp).payload();
    return message;
}

ArchiveService* Muc::archive_of(const Room& room)
{
    return room.config.archived ? host().service<ArchiveService>() : nullptr;
}

// A room without its past is better than none.
Task<void> Muc::load_history(Room& room)
{
    ArchiveService* const archive = archive_of(room);
    if (archive == nullptr) {
        co_return;
    }
    std::function<bool(const Stanza&)> wanted = belongs_to_history;
    Task<Result<std::vector<ArchivedMessage>>> reading =
        archive->last(room.jid, room.config.history, std::move(wanted));
    const Result<std::vector<ArchivedMessage>> past = co_await reading;
    if (!past) {
        log().error(
            "cannot read the history of {}: {}", field("room", room.jid.str()), past.error().cause);
        co_return;
    }
    for (const ArchivedMessage& kept : *past) {
        room.history.add(shown_again(kept), time_of(kept.id), room.history_bounds());
    }
}

Result<void> Muc::ask_archive(const Room& room, Stanza request, Element child, Receipts::Hold hold)
{
    if (!room.exists) {
        return fail(Condition::item_not_found, "There is no such room");
    }
    if (archive_of(room) == nullptr) {
        return fail(Condition::service_unavailable, "This room keeps no archive");
    }
    if (auto allowed = may_read_archive(room, request.from); !allowed) {
        return allowed;
    }
    if (asked_ >= waiting_bounds().most) {
        return fail(Condition::resource_constraint, "Too much at once");
    }
    ArchiveReader reader;
    reader.owner = room.jid;
    reader.asker = request.from;
    if (!may_know_authors(room, request.from)) {
        reader.show = [](Stanza& message) {
            strip_author(message);
            return true;
        };
    }
    reader.send = [this, from = room.jid, to = request.from](Ref<Payload> result) {
        Stanza message;
        message.from = from;
        message.to = to;
        message.payload = std::move(result);
        router().route(std::move(message));
    };
    spawn(read_archive(std::move(request), std::move(child), std::move(reader), std::move(hold)));
    return {};
}

// The room may change or go meanwhile: who asked was allowed what he is shown.
Task<void> Muc::read_archive(Stanza request, Element child, ArchiveReader reader, Receipts::Hold)
{
    ++asked_;
    const OnExit done{[this] { --asked_; }};
    ArchiveService* const archive = host().service<ArchiveService>();
    Result<Element> answer = fail(Condition::service_unavailable);
    if (archive != nullptr) {
        Task<Result<Element>> answering = archive->answer(request, child, reader);
        answer = co_await answering;
    }
    if (!answer) {
        router().bounce(request, answer.error());
        co_return;
    }
    Stanza reply = request.reply(Type::result);
    reply.payload = Payload::make(*answer);
    router().route(std::move(reply));
}

} // namespace sarang::muc
