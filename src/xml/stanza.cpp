// SPDX-License-Identifier: Apache-2.0
#include "xml/stanza.h"

#include <algorithm>
#include <array>

namespace sarang {
namespace {

constexpr std::array<std::string_view, 3> kinds{"message", "presence", "iq"};

struct TypeRow {
    std::string_view name;
    std::optional<Kind> kind; ///< none: of any kind
};

// In the order of the enum; those without a name are never read from an attribute.
constexpr std::array<TypeRow, 16> types{{
    {"", Kind::message},
    {"chat", Kind::message},
    {"groupchat", Kind::message},
    {"headline", Kind::message},
    {"", Kind::presence},
    {"unavailable", Kind::presence},
    {"subscribe", Kind::presence},
    {"subscribed", Kind::presence},
    {"unsubscribe", Kind::presence},
    {"unsubscribed", Kind::presence},
    {"probe", Kind::presence},
    {"get", Kind::iq},
    {"set", Kind::iq},
    {"result", Kind::iq},
    {"error", std::nullopt},
    {"", Kind::iq},
}};

/// What a type becomes that is absent or that nobody defined.
Type fallback(Kind kind, bool absent)
{
    if (kind == Kind::message) {
        return Type::normal;
    }
    return kind == Kind::presence && absent ? Type::available : Type::unknown;
}

std::optional<std::size_t>
visible_child(const Stanza& stanza, std::string_view ns, std::string_view name)
{
    if (!stanza.payload) {
        return std::nullopt;
    }
    auto index = stanza.payload->find(ns, name);
    while (index && *index < 64 && ((stanza.hidden >> *index) & 1U) != 0) {
        index = stanza.payload->find(ns, name, *index + 1);
    }
    return index;
}

} // namespace

std::string_view name(Kind kind)
{
    return kinds[static_cast<std::size_t>(kind)];
}

std::optional<Kind> kind_named(std::string_view name)
{
    const auto found = std::find(kinds.begin(), kinds.end(), name);
    return found == kinds.end() ? std::nullopt
                                : std::optional{static_cast<Kind>(found - kinds.begin())};
}

std::string_view name(Type type)
{
    return types[static_cast<std::size_t>(type)].name;
}

Type type_of(Kind kind, std::string_view text)
{
    if (text.empty()) {
        return fallback(kind, true);
    }
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (types[i].name == text && types[i].kind.value_or(kind) == kind) {
            return static_cast<Type>(i);
        }
    }
    return fallback(kind, false);
}

Stanza Stanza::reply(Type reply_type) const
{
    Stanza reply;
    reply.kind = kind;
    reply.type = reply_type;
    reply.from = to;
    reply.to = from;
    reply.id = id;
    return reply;
}

Stanza Stanza::error_reply(const Error& error) const
{
    Stanza answer = reply(Type::error);
    answer.payload = Payload::make(error_element(error));
    return answer;
}

bool Stanza::has(std::string_view ns, std::string_view child) const
{
    return visible_child(*this, ns, child).has_value();
}

std::optional<Element> Stanza::element(std::string_view ns, std::string_view child) const
{
    const auto index = visible_child(*this, ns, child);
    return index ? std::optional{payload->element(*index)} : std::nullopt;
}

Element error_element(const Error& error)
{
    Element element{ns::client, "error"};
    element.set("type", name(error.type.value_or(usual_type(error.condition))));
    element.add(ns::stanzas, name(error.condition));
    if (!error.text.empty()) {
        element.add(ns::stanzas, "text").set(ns::xml, "lang", "en").text(error.text);
    }
    return element;
}

} // namespace sarang
