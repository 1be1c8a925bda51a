// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §4.3.2: answers to probes.
#include "core/delay.h"

#include <utility>

#include "modules/presence/presence.h"

namespace sarang {

// Silence where it is not known who may see the user: `unsubscribed` would have the other server
// cancel the subscription for good. So it would a request that still waits for an answer.
Verdict Presence::answer_probe(const Passage& passage)
{
    User& user = passage.user;
    RosterService* const roster = this->roster();
    if (roster == nullptr) {
        return Verdict::done();
    }
    const Contact* const contact = roster->contact(user, passage.from.bare());
    if (passage.from.same_bare(user.jid()) || (contact != nullptr && contact->from())) {
        tell_sessions(passage);
    } else if (!tell_directed(passage) && (contact == nullptr || !contact->pending_in)) {
        Stanza answer = make(Type::unsubscribed, user.jid(), passage.from.bare());
        answer.id = passage.stanza.id;
        router().route(std::move(answer));
    }
    return Verdict::done();
}

// RFC 6121 §4.3.2: the session that was asked for, or all.
void Presence::tell_sessions(const Passage& passage)
{
    std::vector<Stanza> answers;
    for (const auto& resource : passage.user.resources()) {
        if (resource->available() && (passage.to.is_bare() || passage.to == resource->jid())) {
            answers.push_back(*resource->presence());
        }
    }
    if (answers.empty()) {
        answers.push_back(make(Type::unavailable, passage.to, passage.from));
        if (const Seen* const seen = passage.user.find(seen_)) {
            add_delay(answers.back(), passage.user.jid().str(), seen->at);
        }
    }
    answer(passage, std::move(answers));
}

// RFC 6121 §4.6.6: who got directed presence may ask whether it still holds. What the session
// tells its subscribers is not for such a one.
bool Presence::tell_directed(const Passage& passage)
{
    std::vector<Stanza> answers;
    for (const auto& resource : passage.user.resources()) {
        if (was_directed(*resource, passage.from) &&
            (passage.to.is_bare() || passage.to == resource->jid())) {
            answers.push_back(make(Type::available, resource->jid(), passage.from));
        }
    }
    const bool any = !answers.empty();
    answer(passage, std::move(answers));
    return any;
}

// RFC 6121 §4.3.2.1: with the probe's id.
void Presence::answer(const Passage& passage, std::vector<Stanza> answers)
{
    for (Stanza& answer : answers) {
        answer.to = passage.from;
        answer.id = passage.stanza.id;
        router().route(std::move(answer));
    }
}

} // namespace sarang
