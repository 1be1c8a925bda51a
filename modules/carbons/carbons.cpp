// SPDX-License-Identifier: Apache-2.0
// XEP-0280: Message Carbons.
//
// Gives a copy of what a user says and is told to those of his sessions that asked for it and were
// no party to it. That nobody else's copies are believed is modules/message.cpp's care.

#include "base/bytes.h"
#include "core/delay.h"
#include "core/module.h"

#include <algorithm>
#include <span>

#include "modules/carbons/rules.h"

namespace sarang {

/// A session wants copies.
struct WantsCopies {};

template <>
struct Codec<WantsCopies> {
    static std::string encode(const WantsCopies&) { return BytesWriter{}.u8(1).take(); }

    static std::optional<WantsCopies> decode(std::string_view bytes)
    {
        return bytes == "\1" ? std::optional{WantsCopies{}} : std::nullopt;
    }
};

namespace {

class Carbons final : public Module {
public:
    explicit Carbons(Host& host)
        : Module{host}
        , enabled_{resource_slot<WantsCopies>("enabled")}
        , copied_{slot<Copied>("copied")}
    {
        feature(carbons_ns);
        feature("urn:xmpp:carbons:rules:0"sv);
        iq(Iq::set, Scope::account, carbons_ns, "enable", &Carbons::enable);
        iq(Iq::set, Scope::account, carbons_ns, "disable", &Carbons::disable);
        on(hooks().sent, &Carbons::sent);
        on(hooks().delivered, &Carbons::delivered);
    }

private:
    Result<void> enable(const IqRequest& request)
    {
        if (request.resource == nullptr) {
            return fail(Condition::not_allowed);
        }
        static_cast<void>((*request.resource)[enabled_]);
        return {};
    }

    Result<void> disable(const IqRequest& request)
    {
        if (request.resource == nullptr) {
            return fail(Condition::not_allowed);
        }
        enabled_.drop(request.resource->slots());
        return {};
    }

    void sent(const SentEvent& event)
    {
        // What is for the own account comes back, and is copied as what it received.
        if (!event.stanza.to.same_bare(event.user.jid())) {
            copy(event.user, {event.stanza, Direction::sent, event.stamp}, {}, {});
        }
    }

    // What a session could not bring to its client (XEP-0198 §4) was copied when it came; it bears
    // the time of that.
    void delivered(const DeliveredEvent& event)
    {
        if (is_delayed(event.stanza)) {
            return;
        }
        copy(event.user, {event.stanza, Direction::received}, event.takers, event.delivery);
    }

    // Most users have one session, which sent or took the message itself.
    void copy(
        User& user,
        const Original& message,
        std::span<Resource* const> takers,
        const Ref<Delivery>& delivery)
    {
        std::optional<Stanza> carbon;
        for (std::size_t i = 0; i < user.resources().size(); ++i) {
            Resource& resource = *user.resources()[i];
            if (resource.jid() == message.stanza.from || !wants_copies(resource) ||
                std::ranges::count(takers, &resource) > 0) {
                continue;
            }
            if (!carbon && !is_eligible(message, user.find(copied_))) {
                return;
            }
            if (!carbon) {
                carbon = make(user, message);
            }
            if (delivery) {
                delivery->copied(message.stanza);
            }
            carbon->to = resource.jid();
            resource.deliver(*carbon, delivery);
        }
        if (carbon && carbon->type != Type::error) {
            user[copied_].add(message);
        }
    }

    bool wants_copies(const Resource& resource) const
    {
        return resource.reachable() && resource.find(enabled_) != nullptr;
    }

    // An error that answers it is for the account, where it goes no further (RFC 6121 §8.5.2.1.1).
    static Stanza make(const User& user, const Original& message)
    {
        Stanza carbon;
        carbon.type = message.stanza.type;
        carbon.from = user.jid();
        carbon.payload = wrapped(message);
        return carbon;
    }

    Slot<Resource, WantsCopies> enabled_;
    Slot<User, Copied> copied_;
};

} // namespace
} // namespace sarang

SARANG_MODULE(sarang::Carbons)
