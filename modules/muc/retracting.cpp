// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/retracting.h"

#include "base/id.h"
#include "core/date_time.h"
#include "core/service/archive.h"
#include "core/settlements.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "modules/muc/archive.h"
#include "modules/muc/inboxes.h"
#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/requests.h"
#include "modules/muc/screening.h"
#include "modules/muc/speaking.h"
#include "modules/muc/subject.h"

namespace sarang::muc {
namespace {

constexpr std::string_view correct_ns = "urn:xmpp:message-correct:0";
// As many clients still have it.
constexpr std::string_view old_moderate_ns = "urn:xmpp:message-moderate:0";
constexpr std::string_view old_retract_ns = "urn:xmpp:message-retract:0";

std::string id_in(const Stanza& message, std::string_view ns, std::string_view name)
{
    const std::optional<Element> element = message.element(ns, name);
    return element ? std::string{element->attribute("id")} : std::string{};
}

std::string author_in(const Stanza& message)
{
    return id_in(message, occupant_id_ns, "occupant-id");
}

/// What is to be taken back, as far as the room knows it.
struct Target {
    std::string id;                    ///< that the room gave it
    std::vector<ArchivedMessage> kept; ///< and what it was corrected to
    bool known = false;
    bool gone = false;
    std::string author;     ///< his occupant-id; empty: the room
    std::string message_id; ///< by which corrections refer to it

    /// Whether this goes with it.
    bool is(const Stanza& message, const Jid& room) const
    {
        return is_named(message, room, id) ||
               (!message_id.empty() && author_in(message) == author &&
                id_in(message, correct_ns, "replace") == message_id);
    }
};

bool goes_with(const Target& target, const Stanza& kept)
{
    return author_in(kept) == target.author && !kept.has(retract_ns, "retracted");
}

Task<Result<Target>> find(Room& room, std::string id)
{
    Target target;
    target.id = std::move(id);
    if (ArchiveService* const archive = room.muc.archive_of(room)) {
        target.kept = co_await ok(archive->find(room.jid, target.id));
    }
    std::optional<Stanza> subject;
    const Stanza* message = target.kept.empty() ? room.history.named(room.jid, target.id)
                                                : &target.kept.front().message;
    if (message == nullptr && is_subject(room, target.id)) {
        message = &subject.emplace(subject_message(room));
    }
    if (message != nullptr) {
        target.known = true;
        target.author = author_in(*message);
        target.message_id = message->id;
        target.gone = !target.kept.empty() && std::ranges::none_of(target.kept, [&](auto& one) {
            return goes_with(target, one.message);
        });
    }
    co_return target;
}

// Whose it was is still known, and to those who may know, who he is.
Stanza tombstone(const Stanza& message, const Element& retracted)
{
    std::vector<Element> children{retracted};
    for (const auto& [ns, name] :
         {std::pair{occupant_id_ns, "occupant-id"}, std::pair{user_ns, "x"}}) {
        if (std::optional<Element> child = message.element(ns, name)) {
            children.push_back(std::move(*child));
        }
    }
    Stanza left = message;
    left.payload = Payload::make(children);
    return left;
}

Task<Result<void>> bury(Room& room, const Target& target, const Element& retracted)
{
    if (!target.known || target.gone) {
        co_return Result<void>{};
    }
    for (const ArchivedMessage& one : target.kept) {
        ArchiveService* const archive = room.muc.archive_of(room);
        if (goes_with(target, one.message) && archive != nullptr) {
            Stanza left = tombstone(one.message, retracted);
            co_await ok(archive->replace(room.jid, one.id, std::move(left)));
        }
    }
    room.history.remove_if([&](const Stanza& message) { return target.is(message, room.jid); });
    note_retraction(room, target.id);
    co_return Result<void>{};
}

Task<Result<Speech>> kept(Room& room, Result<Speech> speech)
{
    if (!speech) {
        co_return fail(speech.error());
    }
    Task<AppendOutcome> settling = room.muc.settlements().outcome(speech->ticket);
    const AppendOutcome outcome = co_await settling;
    if (outcome != AppendOutcome::durable) {
        co_return fail(append_error(outcome));
    }
    co_return std::move(speech);
}

// What was the subject is so no more.
Task<Result<void>> say_once_kept(Room& room, const Target& target, Result<Speech> speech)
{
    const Speech said = co_await ok(kept(room, std::move(speech)));
    say(room, said);
    if (target.known && is_subject(room, target.id)) {
        Result<Speech> nothing = prepare_own(room, no_subject());
        const Speech emptied = co_await ok(kept(room, std::move(nothing)));
        say(room, emptied);
    }
    co_return Result<void>{};
}

Element retracted_element(const Room& room, std::string_view id)
{
    Element retracted{retract_ns, "retracted"};
    if (!id.empty()) {
        retracted.set("id", id);
    }
    retracted.set("stamp", date_time(room.clock().wall()));
    return retracted;
}

/// What a moderator wants.
struct Wish {
    std::string id;
    std::optional<std::string> reason;
};

Wish wish_of(std::string_view id, const Element& moderate)
{
    Wish wish{std::string{id}, {}};
    if (const Element* const reason = moderate.child(moderate.ns(), "reason")) {
        wish.reason = reason->text();
    }
    return wish;
}

void add_reason(Element& parent, const Wish& wish)
{
    if (wish.reason) {
        parent.add("reason").text(*wish.reason);
    }
}

// What stands in a <retract/> and in a <retracted/>.
void add_moderation(Element& parent, const Wish& wish, const Occupant& moderator)
{
    Element& moderated = parent.add(moderate_ns, "moderated");
    moderated.set("by", moderator.address.str());
    moderated.add(occupant_id_ns, "occupant-id").set("id", moderator.id.str());
    add_reason(parent, wish);
}

Stanza announcement(const Wish& wish, const Occupant& moderator)
{
    Element retract{retract_ns, "retract"};
    retract.set("id", wish.id);
    add_moderation(retract, wish, moderator);
    Element fastened{fasten_ns, "apply-to"};
    fastened.set("id", wish.id);
    Element& moderated = fastened.add(old_moderate_ns, "moderated");
    moderated.set("by", moderator.address.str());
    moderated.add(occupant_id_ns, "occupant-id").set("id", moderator.id.str());
    moderated.add(old_retract_ns, "retract");
    add_reason(moderated, wish);
    Stanza message;
    message.id = random_id();
    message.payload = Payload::make(std::array{retract, fastened});
    return message;
}

Task<IqAnswer> moderate_by(Room& room, const Stanza& request, Wish wish)
{
    const Occupant* const moderator = room.occupants.by_session(request.from);
    if (moderator == nullptr || moderator->role != Role::moderator) {
        co_return fail(Condition::forbidden, "Only moderators may take back what others said");
    }
    Stanza said = announcement(wish, *moderator);
    const std::string author = author_of(room, *moderator, request.from);
    Element retracted = retracted_element(room, said.id);
    add_moderation(retracted, wish, *moderator);
    const Target target = co_await ok(find(room, wish.id));
    if (!target.known || target.gone || target.author.empty()) {
        co_return fail(Condition::item_not_found, "There is no such message");
    }
    co_await ok(bury(room, target, retracted));
    Result<Speech> speech = prepare_own(room, std::move(said), author);
    co_await ok(say_once_kept(room, target, std::move(speech)));
    co_return confirm(room, request);
}

} // namespace

bool is_retraction(const Stanza& message)
{
    return message.kind == Kind::message && message.type == Type::groupchat &&
           !id_in(message, retract_ns, "retract").empty();
}

Task<Result<void>> retract(Room& room, const Stanza& message)
{
    co_await ok(may_say(room, message));
    const Occupant& speaker = *room.occupants.by_session(message.from);
    const std::string author{speaker.id.str()};
    const Screening screening = co_await ok(screen_speech(room, speaker, message));
    if (screening.dropped) {
        co_return Result<void>{};
    }
    std::string id = id_in(message, retract_ns, "retract");
    const Target target = co_await ok(find(room, std::move(id)));
    if (target.known && target.author != author) {
        co_return fail(Condition::forbidden, "That was said by another");
    }
    const Element retracted = retracted_element(room, message.id);
    co_await ok(bury(room, target, retracted));
    Result<Speech> speech = prepare_screened(room, Stanza{message}, screening.changed);
    co_await ok(say_once_kept(room, target, std::move(speech)));
    co_return Result<void>{};
}

Task<IqAnswer> moderate(Room& room, const Stanza& request, const Element& moderate)
{
    if (moderate.child(retract_ns, "retract") == nullptr) {
        co_return fail(Condition::bad_request, "Messages are retracted, and nothing else");
    }
    Task<IqAnswer> moderating =
        moderate_by(room, request, wish_of(moderate.attribute("id"), moderate));
    co_return co_await moderating;
}

Task<IqAnswer> moderate_fastened(Room& room, const Stanza& request, const Element& apply)
{
    const Element* const moderate = apply.child(old_moderate_ns, "moderate");
    if (moderate == nullptr || moderate->child(old_retract_ns, "retract") == nullptr) {
        co_return fail(Condition::bad_request, "Messages are retracted, and nothing else");
    }
    Task<IqAnswer> moderating =
        moderate_by(room, request, wish_of(apply.attribute("id"), *moderate));
    co_return co_await moderating;
}

} // namespace sarang::muc
