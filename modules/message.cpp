// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §5 and §8.5: messages, and to which sessions of an account they are delivered.
//
// Keeps nothing. A message that no session takes is left to who keeps it, such as `offline`.

#include "core/module.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace sarang {
namespace {

constexpr auto carbons_ns = "urn:xmpp:carbons:2"sv;

bool negative(const Resource& resource)
{
    return resource.priority() < 0;
}

class MessageModule final : public Module {
public:
    explicit MessageModule(Host& host)
        : Module{host}
    {
        on(hooks().from_account, &MessageModule::strip, priority::strip);
        on(hooks().to_account, &MessageModule::strip, priority::strip);
        on(hooks().deliver, &MessageModule::deliver, priority::deliver);
    }

private:
    // CVE-2017-5589: a copy that claims to be a carbon, and is not ours, is not to be believed.
    Verdict strip(Passage& passage)
    {
        Stanza& stanza = passage.stanza;
        if (stanza.kind != Kind::message || !stanza.payload) {
            return Verdict::pass();
        }
        for (std::size_t i = 0; i < stanza.payload->size(); ++i) {
            const Payload::Child child = stanza.payload->child(i);
            if (child.ns == carbons_ns && (child.name == "sent" || child.name == "received")) {
                return Verdict::done();
            }
        }
        return Verdict::pass();
    }

    Verdict deliver(const Passage& passage)
    {
        if (passage.stanza.kind != Kind::message) {
            return Verdict::pass();
        }
        return passage.to.is_bare() ? to_bare(passage) : to_full(passage);
    }

    // RFC 6121 §8.5.3.
    Verdict to_full(const Passage& passage)
    {
        Resource* const resource = passage.user.resource(passage.to.resource());
        if (resource != nullptr && resource->reachable()) {
            const Ref<Delivery> delivery = shared(passage.user);
            resource->deliver(passage.stanza, delivery);
            tell(passage, std::span{&resource, 1}, delivery);
            return Verdict::done();
        }
        switch (passage.stanza.type) {
        case Type::chat:
            return to_bare(passage);
        case Type::error:
            tell(passage, {}, {});
            return Verdict::done();
        case Type::headline:
            // §8.5.3.2.1 leaves a headline open; as with one to the account, silence does not tell
            // who has an account.
            return Verdict::done();
        default:
            return Verdict::bounce(Condition::service_unavailable);
        }
    }

    // RFC 6121 §8.5.2.
    Verdict to_bare(const Passage& passage)
    {
        switch (passage.stanza.type) {
        case Type::groupchat:
            return Verdict::bounce(Condition::service_unavailable);
        case Type::error:
            return Verdict::done();
        case Type::headline:
            static_cast<void>(to_all(passage));
            return Verdict::done();
        default:
            return to_all(passage) ? Verdict::done() : Verdict::pass();
        }
    }

    // §8.5.2.1.1 leaves it to the server whether the most available session gets a message or all
    // of them do; people who use several devices expect all.
    bool to_all(const Passage& passage)
    {
        std::vector<Resource*> takers;
        const Ref<Delivery> delivery = shared(passage.user);
        for (std::size_t i = 0; i < passage.user.resources().size(); ++i) {
            Resource& resource = *passage.user.resources()[i];
            if (resource.available() && resource.reachable() && !negative(resource)) {
                resource.deliver(passage.stanza, delivery);
                takers.push_back(&resource);
            }
        }
        tell(passage, takers, delivery);
        return !takers.empty();
    }

    // Only one that keeps what it is given may ever ask who else got it.
    static Ref<Delivery> shared(const User& user)
    {
        const auto& sessions = user.resources();
        const auto keeps = [](const auto& session) { return session->hibernation() != nullptr; };
        const bool wanted = sessions.size() > 1 && std::ranges::any_of(sessions, keeps);
        return wanted ? Delivery::make() : Ref<Delivery>{};
    }

    void
    tell(const Passage& passage, std::span<Resource* const> takers, const Ref<Delivery>& delivery)
    {
        DeliveredEvent event{passage.user, passage.stanza, takers, delivery};
        hooks().delivered.run(event, host().fault());
    }
};

} // namespace
} // namespace sarang

SARANG_MODULE(sarang::MessageModule)
