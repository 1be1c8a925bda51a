// SPDX-License-Identifier: Apache-2.0
#include "core/message.h"

#include "base/bytes.h"

#include <span>

namespace sarang {
namespace {

enum class Tag : std::uint8_t {
    deliver_stanza = 1,
    deliver_to_many = 2,
    await_settled = 3,
    stanzas_settled = 4,
    note_in_inboxes = 5,
};

// 1: without what tells of archives, as what was kept before has it.
constexpr std::uint8_t stanza_version = 2;

void put_payload(BytesWriter& out, const Payload* payload)
{
    out.boolean(payload != nullptr);
    if (payload == nullptr) {
        return;
    }
    out.string(payload->bytes());
    out.varint(payload->size());
    for (std::size_t i = 0; i < payload->size(); ++i) {
        const Payload::Child child = payload->child(i);
        const auto offset = static_cast<std::size_t>(child.bytes.data() - payload->bytes().data());
        out.varint(offset).varint(child.bytes.size()).string(child.ns).string(child.name);
    }
}

Ref<Payload> payload(BytesReader& in)
{
    if (!in.boolean()) {
        return {};
    }
    const std::string_view bytes = in.string();
    std::vector<Payload::ChildSpan> children;
    children.reserve(in.count(4));
    for (std::size_t left = children.capacity(); left > 0 && in.ok(); --left) {
        const auto offset = static_cast<std::size_t>(in.varint());
        const auto size = static_cast<std::size_t>(in.varint());
        const std::string_view ns = in.string();
        const std::string_view name = in.string();
        if (offset > bytes.size() || size > bytes.size() - offset) {
            return {};
        }
        children.push_back({offset, size, ns, name});
    }
    return in.ok() ? Payload::make(bytes, children) : Ref<Payload>{};
}

std::optional<Jid> jid(BytesReader& in)
{
    const std::string_view text = in.string();
    if (text.empty()) {
        return Jid{};
    }
    Result<Jid> jid = Jid::parse(text);
    return jid ? std::optional{std::move(*jid)} : std::nullopt;
}

void put(BytesWriter& out, const Stanza& stanza)
{
    out.u8(stanza_version);
    out.u8(static_cast<std::uint8_t>(stanza.kind)).u8(static_cast<std::uint8_t>(stanza.type));
    out.string(stanza.from.str()).string(stanza.to.str());
    out.string(stanza.id).string(stanza.lang);
    put_payload(out, stanza.payload.get());
    out.string(stanza.added).u64(stanza.hidden).u64(stanza.entry).u64(stanza.again);
}

std::optional<Stanza> stanza(BytesReader& in)
{
    const std::uint8_t version = in.u8();
    if (version < 1 || version > stanza_version) {
        return std::nullopt;
    }
    const std::uint8_t kind = in.u8();
    const std::uint8_t type = in.u8();
    std::optional<Jid> from = jid(in);
    std::optional<Jid> to = jid(in);
    if (kind > static_cast<std::uint8_t>(Kind::iq) ||
        type > static_cast<std::uint8_t>(Type::unknown) || !from || !to) {
        return std::nullopt;
    }
    Stanza stanza;
    stanza.kind = static_cast<Kind>(kind);
    stanza.type = static_cast<Type>(type);
    stanza.from = std::move(*from);
    stanza.to = std::move(*to);
    stanza.id = in.string();
    stanza.lang = in.string();
    stanza.payload = payload(in);
    stanza.added = in.string();
    stanza.hidden = in.u64();
    stanza.entry = version > 1 ? in.u64() : 0;
    stanza.again = version > 1 ? in.u64() : 0;
    return in.ok() ? std::optional{std::move(stanza)} : std::nullopt;
}

void put(BytesWriter& out, const SessionId& id)
{
    out.u16(id.node).u16(id.shard).u32(id.incarnation).u64(id.number);
}

SessionId session_id(BytesReader& in)
{
    SessionId id;
    id.node = in.u16();
    id.shard = in.u16();
    id.incarnation = in.u32();
    id.number = in.u64();
    return id;
}

struct Encoder {
    BytesWriter& out;

    void operator()(const DeliverStanza& message) const
    {
        out.u8(static_cast<std::uint8_t>(Tag::deliver_stanza));
        put(out, message.stanza);
        put(out, message.sender);
    }

    void operator()(const DeliverToMany& message) const
    {
        out.u8(static_cast<std::uint8_t>(Tag::deliver_to_many));
        put(out, message.stanza);
        out.varint(message.recipients.size());
        for (const Jid& recipient : message.recipients) {
            out.string(recipient.str());
        }
    }

    void operator()(const AwaitSettled& message) const
    {
        out.u8(static_cast<std::uint8_t>(Tag::await_settled));
        put(out, message.session);
        out.u8(message.question);
    }

    void operator()(const StanzasSettled& message) const
    {
        out.u8(static_cast<std::uint8_t>(Tag::stanzas_settled));
        put(out, message.session);
        out.u8(message.question);
    }

    void operator()(const NoteInInboxes& message) const
    {
        out.u8(static_cast<std::uint8_t>(Tag::note_in_inboxes));
        out.string(message.room.str()).string(message.message);
        out.varint(message.notes.size());
        for (const InboxNote& note : message.notes) {
            out.u8(static_cast<std::uint8_t>(note.role)).string(note.account.str());
        }
    }
};

std::optional<Message> deliver_stanza(BytesReader& in)
{
    auto head = stanza(in);
    if (!head) {
        return std::nullopt;
    }
    return DeliverStanza{std::move(*head), session_id(in)};
}

std::optional<Message> deliver_to_many(BytesReader& in)
{
    auto head = stanza(in);
    if (!head) {
        return std::nullopt;
    }
    DeliverToMany message{std::move(*head), {}};
    for (std::size_t left = in.count(); left > 0; --left) {
        auto recipient = jid(in);
        if (!recipient) {
            return std::nullopt;
        }
        message.recipients.push_back(std::move(*recipient));
    }
    return message;
}

std::optional<Message> note_in_inboxes(BytesReader& in)
{
    auto room = jid(in);
    if (!room) {
        return std::nullopt;
    }
    NoteInInboxes message{std::move(*room), std::string{in.string()}, {}};
    for (std::size_t left = in.count(); left > 0; --left) {
        const EntryRole role{in.u8()};
        auto account = jid(in);
        if (!account || !is_note(role) || role > EntryRole::room_left) {
            return std::nullopt;
        }
        message.notes.push_back({std::move(*account), role});
    }
    return message;
}

template <class Question>
Question question(BytesReader& in)
{
    Question question;
    question.session = session_id(in);
    question.question = in.u8();
    return question;
}

std::optional<Message> message(BytesReader& in)
{
    switch (static_cast<Tag>(in.u8())) {
    case Tag::deliver_stanza:
        return deliver_stanza(in);
    case Tag::deliver_to_many:
        return deliver_to_many(in);
    case Tag::await_settled:
        return question<AwaitSettled>(in);
    case Tag::stanzas_settled:
        return question<StanzasSettled>(in);
    case Tag::note_in_inboxes:
        return note_in_inboxes(in);
    }
    return std::nullopt;
}

} // namespace

std::string encode(const Message& message)
{
    BytesWriter out;
    std::visit(Encoder{out}, message);
    return out.take();
}

std::optional<Message> decode_message(std::string_view bytes)
{
    BytesReader in{bytes};
    auto decoded = message(in);
    return in.complete() ? std::move(decoded) : std::nullopt;
}

std::string encode(const Stanza& stanza)
{
    BytesWriter out;
    put(out, stanza);
    return out.take();
}

std::optional<Stanza> decode_stanza(std::string_view bytes)
{
    BytesReader in{bytes};
    auto decoded = stanza(in);
    return in.complete() ? std::move(decoded) : std::nullopt;
}

} // namespace sarang
