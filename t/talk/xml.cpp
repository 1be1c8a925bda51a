// SPDX-License-Identifier: Apache-2.0
#include "xml.h"

#include "base/scope.h"

#include <algorithm>
#include <array>
#include <functional>

namespace sarang {
namespace {

using StanzaPtr = Owned<xmpp_stanza_t, xmpp_stanza_release>;

constexpr std::string_view any = "{any}";
constexpr std::string_view any_but = "{not ";
constexpr std::string_view more = "{more}";
constexpr std::string_view blanks = " \t\r\n";

std::string trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return std::string{text.substr(begin, text.find_last_not_of(blanks) - begin + 1)};
}

void write(const XmlNode& node, std::string_view outer_ns, std::string& out)
{
    out += '<' + node.name;
    if (node.ns != outer_ns) {
        out += " xmlns='" + escape_xml(node.ns) + '\'';
    }
    for (const auto& [key, value] : node.attributes) {
        out += ' ' + key + "='" + escape_xml(value) + '\'';
    }
    const std::string text = trimmed(node.text);
    if (node.children.empty() && text.empty()) {
        out += "/>";
        return;
    }
    out += '>' + escape_xml(text);
    for (const XmlNode& child : node.children) {
        write(child, node.ns, out);
    }
    out += "</" + node.name + '>';
}

std::string meaning(const std::string& expected, const Variables& variables)
{
    const auto known = variables.find(expected);
    return known == variables.end() ? expected : known->second;
}

bool fits(const std::string& expected, const std::string& value, Variables& variables)
{
    if (expected == any) {
        return true;
    }
    if (expected.starts_with(any_but) && expected.ends_with('}')) {
        const std::size_t size = expected.size() - any_but.size() - 1;
        return value != meaning(expected.substr(any_but.size(), size), variables);
    }
    if (expected.size() > 1 && expected.front() == '#') {
        return variables.emplace(expected, value).first->second == value;
    }
    return expected == value;
}

bool may_be_unnamed(const std::string& key)
{
    constexpr std::array<std::string_view, 4> routine{"from", "to", "id", "lang"};
    return std::find(routine.begin(), routine.end(), key) != routine.end();
}

// What a server puts into a stanza to name it, or who sent it, or where its affiliations are
// (XEP-0359, XEP-0421, XEP-0463).
struct Mark {
    std::string_view name;
    std::string_view ns;
};

constexpr Mark affiliations{"mav", affiliations_ns};

constexpr std::array marks{
    Mark{"stanza-id", "urn:xmpp:sid:0"},
    Mark{"occupant-id", "urn:xmpp:occupant-id:0"},
    affiliations,
};

bool has(const XmlNode& node, const Mark& mark)
{
    return (node.name == mark.name && node.ns == mark.ns) ||
           std::any_of(node.children.begin(), node.children.end(), [&](const XmlNode& child) {
               return has(child, mark);
           });
}

// Also within what is forwarded.
void drop(XmlNode& node, const Mark& mark)
{
    std::erase_if(node.children, [&](const XmlNode& child) {
        return child.name == mark.name && child.ns == mark.ns;
    });
    for (XmlNode& child : node.children) {
        drop(child, mark);
    }
}

// RFC 6120 §8.3.2: who made an error may be said, and may be left out.
bool is_by_of_error(const XmlNode& node, const std::string& key)
{
    return node.name == "error" && key == "by";
}

class Comparison {
public:
    explicit Comparison(Variables& variables)
        : variables_{variables}
    {}

    std::optional<std::string> stanzas(const XmlNode& expected, const XmlNode& element)
    {
        XmlNode without = element;
        for (const Mark& mark : marks) {
            if (!has(expected, mark)) {
                drop(without, mark);
            }
        }
        return elements(expected, without, may_be_unnamed);
    }

private:
    using Predicate = std::function<bool(const std::string&)>;

    std::optional<std::string>
    elements(const XmlNode& expected, const XmlNode& element, const Predicate& may_be_there)
    {
        const std::string where = '<' + expected.name + "/>";
        if (expected.name != element.name || expected.ns != element.ns) {
            return where + " of " + expected.ns + " expected, but it is <" + element.name +
                   "/> of " + element.ns;
        }
        for (const auto& [key, value] : expected.attributes) {
            const auto found = element.attributes.find(key);
            if (found == element.attributes.end()) {
                return where + " has no attribute " + key;
            }
            if (!fits(value, found->second, variables_)) {
                return where + " has " + key + "='" + found->second + "' instead of '" +
                       meaning(value, variables_) + '\'';
            }
        }
        for (const auto& [key, value] : element.attributes) {
            if (!expected.attributes.contains(key) && !may_be_there(key) &&
                !is_by_of_error(element, key)) {
                return where + " has " + key + "='" + value + "', which was not expected";
            }
        }
        return contents(expected, element, where);
    }

    std::optional<std::string>
    contents(const XmlNode& expected, const XmlNode& element, const std::string& where)
    {
        std::string text = trimmed(expected.text);
        const bool open = text.ends_with(more);
        if (open) {
            text = trimmed(std::string_view{text}.substr(0, text.size() - more.size()));
        }
        const bool blank = trimmed(element.text).empty();
        if (text.empty() ? !blank && !open : !fits(text, element.text, variables_)) {
            return where + " holds the text '" + element.text + "' instead of '" +
                   meaning(text, variables_) + '\'';
        }
        return children(expected, element, where, open);
    }

    // In whatever order they are: none of the protocols here gives children a place.
    std::optional<std::string>
    children(const XmlNode& expected, const XmlNode& element, const std::string& where, bool open)
    {
        std::vector<const XmlNode*> left;
        for (const XmlNode& child : element.children) {
            left.push_back(&child);
        }
        for (const XmlNode& wanted : expected.children) {
            std::string why;
            const auto found = std::find_if(left.begin(), left.end(), [&](const XmlNode* child) {
                Variables tried = variables_;
                auto wrong = Comparison{tried}.elements(wanted, *child, nothing);
                if (!wrong) {
                    variables_ = std::move(tried);
                } else if (wanted.name == child->name) {
                    why = " (" + *wrong + ')';
                }
                return !wrong;
            });
            if (found == left.end()) {
                return where + " lacks " + wanted.str() + why;
            }
            left.erase(found);
        }
        if (!left.empty() && !open) {
            return where + " holds " + left.front()->str() + ", which was not expected";
        }
        return std::nullopt;
    }

    static bool nothing(const std::string&) { return false; }

    Variables& variables_;
};

} // namespace

std::string_view XmlNode::attribute(const std::string& key) const
{
    const auto found = attributes.find(key);
    return found == attributes.end() ? std::string_view{} : std::string_view{found->second};
}

std::string XmlNode::str() const
{
    std::string out;
    write(*this, XMPP_NS_CLIENT, out);
    return out;
}

bool tells_affiliation(const XmlNode& stanza)
{
    const XmlNode* const x = stanza.children.size() == 1 ? &stanza.children.front() : nullptr;
    return stanza.name == "message" && x != nullptr && x->name == "x" && has(*x, affiliations);
}

XmlNode copy_of(xmpp_stanza_t* stanza)
{
    XmlNode node;
    node.name = xmpp_stanza_get_name(stanza);
    const char* const ns = xmpp_stanza_get_ns(stanza);
    node.ns = ns != nullptr ? ns : "";
    const int count = xmpp_stanza_get_attribute_count(stanza);
    std::vector<const char*> attributes(static_cast<std::size_t>(count) * 2);
    const int filled = xmpp_stanza_get_attributes(stanza, attributes.data(), 2 * count);
    for (std::size_t i = 0; i + 1 < static_cast<std::size_t>(filled); i += 2) {
        node.attributes.emplace(attributes[i], attributes[i + 1]);
    }
    node.attributes.erase("xmlns");
    for (xmpp_stanza_t* child = xmpp_stanza_get_children(stanza); child != nullptr;
         child = xmpp_stanza_get_next(child)) {
        if (xmpp_stanza_is_text(child) != 0) {
            node.text += xmpp_stanza_get_text_ptr(child);
        } else {
            node.children.push_back(copy_of(child));
        }
    }
    return node;
}

std::optional<std::vector<XmlNode>> parse_xml(xmpp_ctx_t* context, const std::string& text)
{
    const std::string block = "<block xmlns='" XMPP_NS_CLIENT "'>" + text + "</block>";
    const StanzaPtr parsed{xmpp_stanza_new_from_string(context, block.c_str())};
    if (!parsed) {
        return std::nullopt;
    }
    return copy_of(parsed.get()).children;
}

std::string escape_xml(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '\'':
            out += "&apos;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::optional<std::string>
mismatch(const XmlNode& expected, const XmlNode& element, Variables& variables)
{
    Variables tried = variables;
    auto wrong = Comparison{tried}.stanzas(expected, element);
    if (!wrong) {
        variables = std::move(tried);
    }
    return wrong;
}

} // namespace sarang
