// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/screening.h"

#include "core/host.h"

#include <utility>

#include "modules/muc/muc.h"
#include "modules/muc/subject.h"

namespace sarang::muc {
namespace {

bool is_watched(Room& room)
{
    return !room.muc.host().hooks().said_in_room.empty();
}

Verdict offer(Room& room, Utterance& utterance)
{
    Host& host = room.muc.host();
    return host.hooks().said_in_room.run(utterance, host.fault());
}

std::string_view affiliation_in(const Room& room, const Jid& who)
{
    return name(room.affiliation_of(who));
}

} // namespace

Result<Screening>
screen(Room& room, const Occupant& speaker, const Stanza& message, Utterance::Kind kind)
{
    Screening screening;
    if (!is_watched(room)) {
        return screening;
    }
    Utterance utterance{
        kind,
        room.jid,
        message.from,
        speaker.nick(),
        affiliation_in(room, speaker.account),
        message,
        is_encrypted(message),
        {},
        spoken_texts(message)};
    const std::vector<SpokenText> before = utterance.texts;
    const Verdict verdict = offer(room, utterance);
    if (verdict.bounces()) {
        return fail(verdict.error());
    }
    screening.dropped = !verdict.passes();
    if (utterance.texts != before) {
        screening.changed = message;
        screening.changed->payload = with_texts(message, utterance.texts);
        screening.changed->hidden = 0;
    }
    return screening;
}

Result<Screening> screen_speech(Room& room, const Occupant& speaker, const Stanza& message)
{
    const auto kind =
        is_subject_change(message) ? Utterance::Kind::subject : Utterance::Kind::message;
    return screen(room, speaker, message, kind);
}

Result<void> screen_nick(Room& room, const Stanza& stanza, std::string_view nick)
{
    if (!is_watched(room)) {
        return {};
    }
    const Occupant* const occupant = room.occupants.by_session(stanza.from);
    Utterance utterance{
        Utterance::Kind::nickname,
        room.jid,
        stanza.from,
        occupant != nullptr ? occupant->nick() : std::string_view{},
        affiliation_in(room, stanza.from),
        stanza,
        false,
        nick};
    const Verdict verdict = offer(room, utterance);
    if (verdict.bounces()) {
        return fail(verdict.error());
    }
    if (!verdict.passes()) {
        return fail(Condition::not_acceptable, "Nobody is called that here");
    }
    return {};
}

} // namespace sarang::muc
