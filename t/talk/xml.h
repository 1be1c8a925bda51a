// SPDX-License-Identifier: Apache-2.0
// Elements as libstrophe parsed them, and what a dialogue expects of them.
#pragma once

#include <strophe.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

inline constexpr std::string_view affiliations_ns = "urn:xmpp:muc:affiliations:1";

struct XmlNode {
    std::string name;
    std::string ns;
    std::map<std::string, std::string> attributes; ///< without xmlns
    std::vector<XmlNode> children;
    std::string text; ///< all that stands directly within, joined

    /// The value of an attribute, or nothing.
    std::string_view attribute(const std::string& key) const;

    /// As it would be written, for those who read of a failure.
    std::string str() const;
};

XmlNode copy_of(xmpp_stanza_t* stanza);

/// The elements in a text, which stand in `jabber:client`; nothing if it is not well-formed.
std::optional<std::vector<XmlNode>> parse_xml(xmpp_ctx_t* context, const std::string& text);

/// Whether a room tells a change of an affiliation that no presence shows (XEP-0463).
bool tells_affiliation(const XmlNode& stanza);

std::string escape_xml(std::string_view text);

/// What `#name` stands for, once it was met.
using Variables = std::map<std::string, std::string>;

/// What keeps the element from being as expected, in words, or nothing.
///
/// What is not named must not be there, but for `from`, `to`, `id` and `lang` of a stanza, its
/// <stanza-id/>, <occupant-id/> and <mav/>, and `by` of an error. As a value `{any}` fits whatever
/// is there, `#name` fits anything once, then only that, and `{not #name}` anything else. The text
/// `{more}` allows for more children.
std::optional<std::string>
mismatch(const XmlNode& expected, const XmlNode& element, Variables& variables);

} // namespace sarang
