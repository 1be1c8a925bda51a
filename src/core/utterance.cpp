// SPDX-License-Identifier: Apache-2.0
#include "core/utterance.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sarang {
namespace {

constexpr std::size_t can_be_hidden = 64;

struct Name {
    std::string_view ns;
    std::string_view name;
};

// XEP-0380 names what is inside; the others are as XEP-0384, 0373 and 0027 have them.
constexpr std::array ciphers{
    Name{"urn:xmpp:eme:0", "encryption"},
    Name{"eu.siacs.conversations.axolotl", "encrypted"},
    Name{"urn:xmpp:omemo:1", "encrypted"},
    Name{"urn:xmpp:omemo:2", "encrypted"},
    Name{"urn:xmpp:openpgp:0", "openpgp"},
    Name{"jabber:x:encrypted", "x"},
};

bool is_hidden(const Stanza& message, std::size_t index)
{
    return index < can_be_hidden && ((message.hidden >> index) & 1U) != 0;
}

bool is_text(const Payload::Child& child)
{
    return child.ns.empty() && (child.name == "body" || child.name == "subject");
}

template <class Deed>
void each_visible(const Stanza& message, Deed deed)
{
    const std::size_t size = message.payload ? message.payload->size() : 0;
    for (std::size_t i = 0; i < size; ++i) {
        if (!is_hidden(message, i)) {
            deed(i, message.payload->child(i));
        }
    }
}

SpokenText text_of(const Stanza& message, const Element& element)
{
    const std::string_view own = element.attribute(ns::xml, "lang");
    return {element.name(), own.empty() ? message.lang : std::string{own}, element.text()};
}

Element replaced(const Element& old, const std::string& text)
{
    Element element{old.ns(), old.name()};
    for (const Element::Attribute& attribute : old.attributes()) {
        element.set(attribute.ns, attribute.name, attribute.value);
    }
    if (!text.empty()) {
        element.text(text);
    }
    return element;
}

bool has_place(const Element& element)
{
    return element.has("begin") || element.has("end");
}

// Of a reference whose anchor is elsewhere, the places are there as well (XEP-0372 §3.4).
bool points_into_body(const Element& child)
{
    if (child.is("urn:xmpp:reference:0", "reference")) {
        return has_place(child) && !child.has("anchor");
    }
    if (child.is("urn:xmpp:mentions:0", "mention")) {
        return has_place(child);
    }
    return child.is("urn:xmpp:markup:0", "markup") || child.is("urn:xmpp:fallback:0", "fallback") ||
           child.is("http://jabber.org/protocol/xhtml-im", "html");
}

bool has_other_body(const Stanza& message, const std::vector<SpokenText>& texts)
{
    const std::vector<SpokenText> own = spoken_texts(message);
    for (std::size_t i = 0; i < own.size() && i < texts.size(); ++i) {
        if (own[i].name == "body" && own[i].text != texts[i].text) {
            return true;
        }
    }
    return false;
}

} // namespace

std::vector<SpokenText> spoken_texts(const Stanza& message)
{
    std::vector<SpokenText> texts;
    each_visible(message, [&](std::size_t index, const Payload::Child& child) {
        if (is_text(child)) {
            texts.push_back(text_of(message, message.payload->element(index)));
        }
    });
    return texts;
}

Ref<Payload> with_texts(const Stanza& message, const std::vector<SpokenText>& texts)
{
    const bool other_body = has_other_body(message, texts);
    std::vector<Element> children;
    std::size_t next = 0;
    each_visible(message, [&](std::size_t index, const Payload::Child& child) {
        Element element = message.payload->element(index);
        if (is_text(child) && next < texts.size()) {
            children.push_back(replaced(element, texts[next++].text));
        } else if (!other_body || !points_into_body(element)) {
            children.push_back(std::move(element));
        }
    });
    return Payload::make(children);
}

bool is_encrypted(const Stanza& message)
{
    return std::ranges::any_of(
        ciphers, [&message](const Name& cipher) { return message.has(cipher.ns, cipher.name); });
}

} // namespace sarang
