// SPDX-License-Identifier: Apache-2.0
// XEP-0160: Best Practices for Handling Offline Messages.
//
// Keeps messages that no session took, and hands them to the next one that becomes available.
// Also those that are in the archive (mam): not all clients read archives, and one that does knows
// by its <stanza-id/> which it has read.

#include "base/bytes.h"
#include "core/delay.h"
#include "core/message.h"
#include "core/module.h"
#include "core/server_shard.h"
#include "core/turn.h"
#include "core/worth_keeping.h"
#include "net/shard.h"
#include "store/storage.h"

namespace sarang {

/// Whether a session was given all, and has been there for more since.
struct Served {
    bool all = false;
};

template <>
struct Codec<Served> {
    static std::string encode(const Served& served)
    {
        return BytesWriter{}.boolean(served.all).take();
    }

    static std::optional<Served> decode(std::string_view bytes)
    {
        BytesReader in{bytes};
        const Served served{in.boolean()};
        return in.complete() ? std::optional{served} : std::nullopt;
    }
};

namespace {

constexpr std::size_t page = 50;
constexpr std::size_t most_unacknowledged = 128 * 1024;
constexpr Milliseconds pause{20};
constexpr Milliseconds longest_wait{10'000};

constexpr auto hints_ns = "urn:xmpp:hints"sv;

bool wants_no_store(const Stanza& stanza)
{
    // XEP-0334 §4.1: <no-permanent-store/> is for archives, what is handed over may be kept till
    // then.
    return stanza.has(hints_ns, "no-store");
}

// Of a child that refers to a message, or names this one; empty: there is none.
std::string id_in(const Stanza& stanza, std::string_view ns, std::string_view name)
{
    const auto child = stanza.element(ns, name);
    return child ? std::string{child->attribute("id")} : std::string{};
}

// XEP-0424: which message it retracts, if it does.
std::string retracted_by(const Stanza& stanza)
{
    return id_in(stanza, "urn:xmpp:message-retract:1", "retract");
}

// The message itself, or what it was corrected to (XEP-0308).
bool is_of(const Stanza& stanza, std::string_view message_id)
{
    const std::string id =
        stanza.id.empty() ? id_in(stanza, "urn:xmpp:sid:0", "origin-id") : stanza.id;
    return id == message_id || id_in(stanza, "urn:xmpp:message-correct:0", "replace") == message_id;
}

class Offline final : public Module {
public:
    explicit Offline(Host& host)
        : Module{host}
        , max_messages_{options().integer(
              "max_messages", 1000, {0, 1'000'000}, "messages kept for one account")}
        , served_{resource_slot<Served>("served")}
    {
        feature("msgoffline"sv);
        on(hooks().undelivered_async, &Offline::keep, priority::keep);
        on(hooks().delivered, &Offline::delivered);
        on(hooks().resource_available_async, &Offline::hand_over);
        on(hooks().resource_resumed, &Offline::go_on);
    }

private:
    Task<Verdict> keep(const Passage& passage)
    {
        const Stanza& stanza = passage.stanza;
        if (passage.user.transient()) {
            co_return Verdict::pass();
        }
        if (stanza.type == Type::headline || stanza.type == Type::error) {
            co_return Verdict::done(); // RFC 6121 §8.5.2.2.1
        }
        if (stanza.type == Type::groupchat) {
            co_return Verdict::pass();
        }
        std::string retracted = retracted_by(stanza);
        if (!retracted.empty()) {
            Task<void> forgetting =
                forget(passage.user.jid(), stanza.from.bare(), std::move(retracted));
            co_await forgetting;
        }
        if (wants_no_store(stanza) || !worth_keeping(stanza)) {
            // Words must not be lost unnoticed; the loss of a chat state is of no interest.
            co_return stanza.has(ns::client, "body")
                ? Verdict::bounce(Condition::service_unavailable)
                : Verdict::done();
        }
        OfflineDraft draft{{}, host().clock().wall(), encode(stanza)};
        const auto limit = static_cast<std::uint64_t>(*max_messages_);
        Task<Result<OfflineOutcome>> appending =
            storage().offline().append(passage.user.jid().str(), std::move(draft), limit);
        const Result<OfflineOutcome> outcome = co_await appending;
        // What is in the archive is not lost: its sender shall not send it again.
        if (stanza.entry != 0) {
            co_return Verdict::done();
        }
        if (!outcome) {
            co_return Verdict::bounce(outcome.error());
        }
        co_return *outcome == OfflineOutcome::full ? Verdict::bounce(Condition::service_unavailable)
                                                   : Verdict::done();
    }

    // Also where a session has it: what it retracts may wait for another.
    void delivered(const DeliveredEvent& event)
    {
        if (event.takers.empty() || event.user.transient()) {
            return; // undelivered yet
        }
        if (std::string retracted = retracted_by(event.stanza); !retracted.empty()) {
            spawn(forget(event.user.jid(), event.stanza.from.bare(), std::move(retracted)));
        }
    }

    // XEP-0424 §5.1: what its sender has retracted is handed to nobody any more.
    Task<void> forget(Jid account, Jid from, std::string message_id)
    {
        Turn turn{turns_, account};
        co_await turn;
        const std::string owner{account.str()};
        std::vector<std::uint64_t> positions;
        std::uint64_t after = 0;
        for (bool complete = false; !complete;) {
            Task<Result<OfflinePage>> reading = storage().offline().read(owner, after, page);
            const Result<OfflinePage> found = co_await reading;
            if (!found || found->entries.empty()) {
                break;
            }
            for (const OfflineEntry& entry : found->entries) {
                const std::optional<Stanza> stanza = decode_stanza(entry.stanza);
                if (stanza && stanza->from.same_bare(from) && is_of(*stanza, message_id)) {
                    positions.push_back(entry.position);
                }
            }
            after = found->entries.back().position;
            complete = found->complete;
        }
        if (positions.empty()) {
            co_return;
        }
        Task<Result<std::uint64_t>> removing =
            storage().offline().remove(owner, std::move(positions));
        const Result<std::uint64_t> removed = co_await removing;
        if (!removed) {
            log().error("cannot forget what was retracted {}", field("account", owner));
        }
    }

    // Done when what was retracted before is forgotten.
    Task<void> forgotten(Jid account)
    {
        Turn turn{turns_, account};
        co_await turn;
    }

    // XEP-0160 §2: to a session that comes, and to one that is shy no more. Most presence is
    // neither, and the store is not asked.
    Task<Verdict> hand_over(const PresenceEvent& event)
    {
        const SessionId session = event.resource.id();
        bool& served = event.resource[served_].all;
        served = served && !event.initial && event.resource.priority() >= 0;
        if (served || event.resource.priority() < 0 || event.user.transient()) {
            co_return Verdict::pass();
        }
        Task<bool> giving = give(event.user, session);
        const bool all = co_await giving;
        if (Resource* const resource = all ? taker(session) : nullptr) {
            (*resource)[served_].all = true;
        }
        co_return Verdict::pass();
    }

    // What was left when the client went away in the middle.
    void go_on(const ResourceEvent& event)
    {
        const Served* const served = event.resource.find(served_);
        if (served != nullptr && !served->all && event.resource.available()) {
            event.user.announce(event.resource, false);
        }
    }

    // The session may end or become shy while a page is fetched: what it was not given stays.
    // Whether it was given all.
    Task<bool> give(User& user, SessionId session)
    {
        Task<void> forgetting = forgotten(user.jid());
        co_await forgetting;
        for (bool complete = false; !complete;) {
            Task<Result<OfflinePage>> reading = storage().offline().read(user.jid().str(), 0, page);
            const Result<OfflinePage> found = co_await reading;
            Resource* const resource = taker(session);
            if (!found || resource == nullptr) {
                co_return false;
            }
            if (found->entries.empty()) {
                break;
            }
            for (const OfflineEntry& entry : found->entries) {
                deliver(*resource, entry);
            }
            Task<Result<std::uint64_t>> removing = storage().offline().remove_through(
                user.jid().str(), found->entries.back().position);
            const Result<std::uint64_t> removed = co_await removing;
            if (!removed) {
                co_return false;
            }
            complete = found->complete;
            Task<bool> waiting = acknowledged(session);
            const bool room = co_await waiting;
            if (!room) {
                co_return false;
            }
        }
        co_return true;
    }

    // One who acknowledges (XEP-0198) is given more once he has what he was given; who does not in
    // time gets the rest when he comes the next time.
    Task<bool> acknowledged(SessionId session)
    {
        for (Milliseconds waited{0}; waited < longest_wait; waited += pause) {
            const Resource* const resource = taker(session);
            if (resource == nullptr) {
                co_return false;
            }
            const Hibernation* const state = resource->hibernation();
            if (state == nullptr || state->queue.bytes() <= most_unacknowledged) {
                co_return true;
            }
            co_await host().shard().sleep(pause);
        }
        co_return false;
    }

    // The session, if it may still be given messages. Not one whose client is away: they are safe
    // here.
    Resource* taker(SessionId session)
    {
        Resource* const resource = host().server().session(session);
        const bool takes = resource != nullptr && resource->available() &&
                           resource->pipe() != nullptr && resource->priority() >= 0;
        return takes ? resource : nullptr;
    }

    void deliver(Resource& resource, const OfflineEntry& entry)
    {
        std::optional<Stanza> stanza = decode_stanza(entry.stanza);
        if (!stanza) {
            log().error(
                "a kept message is damaged {}", field("account", resource.jid().bare_str()));
            return;
        }
        // One that a session could not bring to its client has the time of that.
        if (!is_delayed(*stanza)) {
            add_delay(*stanza, host().domain(), entry.time);
        }
        resource.deliver(*stanza);
    }

    Option<std::int64_t> max_messages_;
    Turns turns_; ///< of those who forget
    Slot<Resource, Served> served_;
};

} // namespace
} // namespace sarang

SARANG_MODULE(sarang::Offline)
