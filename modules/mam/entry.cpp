// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/entry.h"

#include "core/date_time.h"
#include "xml/writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "modules/mam/request.h"
#include "modules/mam/rules.h"

namespace sarang {
namespace {

constexpr std::string_view forward_ns = "urn:xmpp:forward:0";
constexpr std::string_view delay_ns = "urn:xmpp:delay";

// "" is no address, but no fault either.
std::optional<Jid> address(std::string_view text)
{
    if (text.empty()) {
        return Jid{};
    }
    Result<Jid> jid = Jid::parse(text);
    return jid ? std::optional{std::move(*jid)} : std::nullopt;
}

void write_forwarded(std::string& out, const ArchiveEntry& entry)
{
    out += "<forwarded";
    write_attribute(out, "xmlns", forward_ns);
    out += "><delay";
    write_attribute(out, "xmlns", delay_ns);
    write_attribute(out, "stamp", date_time(time_of(entry.id)));
    out += "/>";
    out += entry.stanza;
    out += "</forwarded>";
}

} // namespace

std::string archived(const Stanza& message)
{
    constexpr std::size_t markup = 160; // of the tags, and all that is short
    std::string out;
    out.reserve(
        markup + message.from.str().size() + message.to.str().size() + message.id.size() +
        (message.payload ? message.payload->bytes().size() : 0));
    write_stanza(out, message, ns::client);
    return out;
}

void write_archived(std::string& out, const Stanza& message)
{
    constexpr std::size_t much = std::size_t{16} << 10U;
    if (out.capacity() > much) {
        out = {};
    }
    out.clear();
    write_stanza(out, message, ns::client);
}

std::optional<Stanza> archived_message(std::string_view stanza)
{
    const Result<Element> element = Element::read(stanza);
    if (!element || !element->is(ns::client, "message")) {
        return std::nullopt;
    }
    auto from = address(element->attribute("from"));
    auto to = address(element->attribute("to"));
    if (!from || !to) {
        return std::nullopt;
    }
    Stanza message;
    message.type = type_of(Kind::message, element->attribute("type"));
    message.from = std::move(*from);
    message.to = std::move(*to);
    message.id = element->attribute("id");
    message.lang = element->attribute(ns::xml, "lang");
    std::vector<Element> children;
    for (const Element* child : element->children()) {
        children.push_back(*child);
    }
    message.payload = Payload::make(children);
    return message;
}

namespace {

std::vector<Element> words_of(const Stanza& message)
{
    std::vector<Element> words;
    for (std::size_t i = 0; message.payload && i < message.payload->size(); ++i) {
        Element child = message.payload->element(i);
        if (!child.is(delay_ns, "delay")) {
            words.push_back(std::move(child));
        }
    }
    return words;
}

} // namespace

bool is_archived_as(const Stanza& message, std::string_view entry)
{
    const std::optional<Stanza> kept = archived_message(entry);
    const std::optional<Stanza> now = archived_message(archived(message));
    if (!kept || !now || kept->id != now->id || !kept->from.same_bare(now->from) ||
        kept->to != now->to) {
        return false;
    }
    return kept->has(retract_ns, "retracted") || words_of(*kept) == words_of(*now);
}

std::optional<std::string> tombstone(std::string_view stanza, const Retraction& retraction)
{
    std::optional<Stanza> message = archived_message(stanza);
    if (!message || !message->from.same_bare(retraction.from) ||
        message->has(retract_ns, "retracted")) {
        return std::nullopt;
    }
    Element retracted{retract_ns, "retracted"};
    retracted.set("id", retraction.id).set("stamp", date_time(retraction.time));
    message->payload = Payload::make(retracted);
    return archived(*message);
}

std::size_t ArchiveHit::size() const
{
    std::size_t size = entry.stanza.size();
    for (const ArchiveEntry& reference : references) {
        size += reference.stanza.size();
    }
    return size;
}

bool ArchiveHit::narrow(const std::function<bool(Stanza& message)>& show)
{
    const auto hides = [&show](ArchiveEntry& one) {
        std::optional<Stanza> message = archived_message(one.stanza);
        const bool shown = message && show(*message);
        if (shown) {
            one.stanza = archived(*message);
        }
        return !shown;
    };
    std::erase_if(references, hides);
    return !hides(entry);
}

Ref<Payload> ResultWriter::payload(const ArchiveHit& hit)
{
    const std::string out = result(hit);
    const std::array<Payload::ChildSpan, 1> children{{{0, out.size(), mam_ns, "result"}}};
    return Payload::make(out, children);
}

std::string ResultWriter::result(const ArchiveHit& hit)
{
    std::string out = "<result";
    write_attribute(out, "xmlns", mam_ns);
    if (query_id_) {
        write_attribute(out, "queryid", *query_id_);
    }
    write_attribute(out, "id", ids_.show(owner_, hit.entry.id));
    out += '>';
    write_forwarded(out, hit.entry);
    write_references(out, hit);
    return out += "</result>";
}

void ResultWriter::write_references(std::string& out, const ArchiveHit& hit)
{
    if (hit.references.empty()) {
        return;
    }
    out += "<references";
    write_attribute(out, "xmlns", archive_ns);
    if (hit.more) {
        write_attribute(out, "complete", "false");
    }
    out += '>';
    for (const ArchiveEntry& reference : hit.references) {
        out += "<reference";
        write_attribute(out, "id", ids_.show(owner_, reference.id));
        out += '>';
        write_forwarded(out, reference);
        out += "</reference>";
    }
    out += "</references>";
}

} // namespace sarang
