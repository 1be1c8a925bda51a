// SPDX-License-Identifier: Apache-2.0
// XEP-0352: Client State Indication.
//
// While nobody looks at a client, keeps back what can wait, and gives it all of it, in order, with
// the first thing that cannot, or once somebody looks again. Nobody else learns of it.

#include "base/bytes.h"
#include "core/module.h"

#include "modules/csi/held.h"
#include "modules/csi/urgency.h"

namespace sarang {

/// What a session has that is inactive.
struct Inactivity {
    Held held;
};

/// Only that it is inactive: what was held is written before a module goes.
template <>
struct Codec<Inactivity> {
    static std::string encode(const Inactivity&) { return BytesWriter{}.u8(1).take(); }

    static std::optional<Inactivity> decode(std::string_view bytes)
    {
        return bytes == "\1" ? std::optional{Inactivity{}} : std::nullopt;
    }
};

namespace {

constexpr auto csi_ns = "urn:xmpp:csi:0"sv;

class Csi final : public Module {
public:
    explicit Csi(Host& host)
        : Module{host}
        , max_stanzas_{options().integer(
              "max_stanzas", 100, {0, 10'000}, "stanzas that wait for one inactive client")}
        , max_bytes_{options().size(
              "max_bytes",
              64U << 10U,
              {0, 16U << 20U},
              "bytes of stanzas that wait for one client")}
        , inactivity_{resource_slot<Inactivity>("inactivity")}
    {
        stream_feature(Element{csi_ns, "csi"});
        on(hooks().element, &Csi::take);
        on(hooks().to_resource, &Csi::hold, priority::deliver);
        on(hooks().resource_resumed, &Csi::resumed);
        on(hooks().resource_saving, &Csi::saving);
        undo([this] { this->host().each(Visitor<Resource>{[this](Resource& it) { flush(it); }}); });
    }

private:
    // At once: what the client sent before it may still wait, what it sends later is seen to later.
    Verdict take(const ElementArrival& event)
    {
        if (event.element.is(csi_ns, "inactive")) {
            static_cast<void>(event.resource[inactivity_]);
            return Verdict::done();
        }
        if (event.element.is(csi_ns, "active")) {
            become_active(event.resource);
            return Verdict::done();
        }
        return Verdict::pass();
    }

    // §5.2
    void resumed(const ResourceEvent& event) { become_active(event.resource); }

    void saving(const ResourceEvent& event) { flush(event.resource); }

    void become_active(Resource& resource)
    {
        flush(resource);
        inactivity_.drop(resource.slots());
    }

    Verdict hold(const Passage& passage)
    {
        Inactivity* const inactivity = passage.resource->find(inactivity_);
        if (inactivity == nullptr) {
            return Verdict::pass();
        }
        const Urgency urgency = urgency_of(passage.stanza);
        if (urgency == Urgency::now) {
            flush(*passage.resource);
            return Verdict::pass();
        }
        Held& held = inactivity->held;
        held.add(passage.stanza, urgency == Urgency::newest);
        if (held.size() > static_cast<std::size_t>(*max_stanzas_) || held.bytes() > *max_bytes_) {
            flush(*passage.resource);
        }
        return Verdict::done();
    }

    void flush(Resource& resource)
    {
        if (Inactivity* const inactivity = resource.find(inactivity_)) {
            for (const Stanza& stanza : inactivity->held.take()) {
                resource.write(stanza);
            }
        }
    }

    Option<std::int64_t> max_stanzas_;
    Option<std::size_t> max_bytes_;
    Slot<Resource, Inactivity> inactivity_;
};

} // namespace
} // namespace sarang

SARANG_MODULE(sarang::Csi)
