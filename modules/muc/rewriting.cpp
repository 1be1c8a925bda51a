// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/rewriting.h"

#include <optional>

#include "modules/muc/join_request.h"
#include "modules/muc/names.h"

namespace sarang::muc {
namespace {

constexpr std::string_view delay_ns = "urn:xmpp:delay";
constexpr std::string_view old_delay_ns = "jabber:x:delay";

bool is_claim(const Payload& payload, std::size_t index, std::string_view room)
{
    const Payload::Child child = payload.child(index);
    if (child.ns == stanza_id_ns && child.name == "stanza-id") {
        const Result<Jid> by = Jid::parse(payload.element(index).attribute("by"));
        return by && by->bare_str() == room;
    }
    if (child.ns == delay_ns || child.ns == old_delay_ns) {
        const std::string from{payload.element(index).attribute("from")};
        const Result<Jid> by = Jid::parse(from);
        return from.empty() || (by && by->bare_str() == room);
    }
    if ((child.ns == retract_ns && child.name == "retracted") ||
        (child.ns == moderate_ns && child.name == "moderated") || child.ns == hats_ns ||
        child.ns == versions_ns) {
        return true;
    }
    return child.ns == muc_ns || child.ns == user_ns || child.ns == occupant_id_ns;
}

} // namespace

Rewriting& Rewriting::keep(const Stanza& stanza, std::string_view room)
{
    const std::size_t size = stanza.payload ? stanza.payload->size() : 0;
    for (std::size_t i = 0; i < size; ++i) {
        const bool hidden = i < 64 && ((stanza.hidden >> i) & 1U) != 0;
        if (!hidden && !is_claim(*stanza.payload, i, room)) {
            keep(stanza.payload->child(i));
        }
    }
    return *this;
}

Rewriting& Rewriting::keep(const Ref<Payload>& payload)
{
    for (std::size_t i = 0; payload && i < payload->size(); ++i) {
        keep(payload->child(i));
    }
    return *this;
}

void Rewriting::keep(const Payload::Child& child)
{
    add(child.ns, child.name, child.bytes);
}

Rewriting& Rewriting::add(std::string_view ns, std::string_view name, std::string_view xml)
{
    if (parts_.empty()) {
        parts_.reserve(4);
        bytes_.reserve(512);
    }
    const std::size_t offset = bytes_.size();
    bytes_ += xml;
    parts_.push_back({offset, xml.size(), find(ns, offset), find(name, offset)});
    return *this;
}

Rewriting::Word Rewriting::find(std::string_view text, std::size_t from)
{
    const std::size_t place = bytes_.find(text, from);
    if (place != std::string::npos) {
        return {true, place, text.size()};
    }
    beside_ += text;
    return {false, beside_.size() - text.size(), text.size()};
}

std::string_view Rewriting::text(const Word& word) const
{
    const std::string& all = word.inside ? bytes_ : beside_;
    return std::string_view{all}.substr(word.offset, word.size);
}

Ref<Payload> Rewriting::payload() const
{
    if (parts_.empty()) {
        return {};
    }
    std::vector<Payload::ChildSpan> children;
    children.reserve(parts_.size());
    for (const Part& part : parts_) {
        children.push_back({part.offset, part.size, text(part.ns), text(part.name)});
    }
    return Payload::make(bytes_, children);
}

} // namespace sarang::muc
