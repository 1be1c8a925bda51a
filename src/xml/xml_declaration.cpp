// SPDX-License-Identifier: Apache-2.0
#include "xml/xml_declaration.h"

#include <algorithm>

namespace sarang {
namespace {

constexpr std::string_view start = "<?xml";
constexpr std::string_view end = "?>";
constexpr std::string_view space = " \t\r\n";

void skip_space(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
}

/// Takes ` name = 'value'` off the front.
std::optional<std::string_view> take(std::string_view& text, std::string_view name)
{
    std::string_view rest = text;
    skip_space(rest);
    if (rest.size() == text.size() || !rest.starts_with(name)) {
        return std::nullopt;
    }
    rest.remove_prefix(name.size());
    skip_space(rest);
    if (!rest.starts_with('=')) {
        return std::nullopt;
    }
    rest.remove_prefix(1);
    skip_space(rest);
    if (rest.empty() || (rest.front() != '\'' && rest.front() != '"')) {
        return std::nullopt;
    }
    const auto close = rest.find(rest.front(), 1);
    if (close == std::string_view::npos) {
        return std::nullopt;
    }
    text = rest.substr(close + 1);
    return rest.substr(1, close - 1);
}

bool is_utf8(std::string_view encoding)
{
    constexpr std::string_view name = "utf-8";
    return std::equal(
        encoding.begin(), encoding.end(), name.begin(), name.end(), [](char given, char wanted) {
            return given == wanted ||
                   (given >= 'A' && given <= 'Z' && given + ('a' - 'A') == wanted);
        });
}

enum class Verdict { good, malformed, other_encoding };

Verdict check(std::string_view inner)
{
    const auto version = take(inner, "version");
    if (!version || !version->starts_with("1.")) {
        return Verdict::malformed;
    }
    const auto encoding = take(inner, "encoding");
    if (encoding && !is_utf8(*encoding)) {
        return Verdict::other_encoding;
    }
    const auto standalone = take(inner, "standalone");
    skip_space(inner);
    const bool known = !standalone || *standalone == "yes" || *standalone == "no";
    return inner.empty() && known ? Verdict::good : Verdict::malformed;
}

} // namespace

XmlDeclaration XmlDeclaration::read(std::string_view bytes)
{
    // Nobody needs more; a search that begins anew with each byte must not be long.
    constexpr std::size_t longest = 256;

    if (bytes.size() <= start.size()) {
        return {0, start.starts_with(bytes), std::nullopt};
    }
    if (!bytes.starts_with(start) || space.find(bytes[start.size()]) == std::string_view::npos) {
        return {};
    }
    const auto close = bytes.substr(0, longest).find(end);
    if (close == std::string_view::npos) {
        if (bytes.size() < longest) {
            return {0, true, std::nullopt};
        }
        return {0, false, StreamCondition::not_well_formed};
    }
    XmlDeclaration declaration;
    declaration.size = close + end.size();
    const Verdict verdict = check(bytes.substr(start.size(), close - start.size()));
    if (verdict == Verdict::malformed) {
        declaration.error = StreamCondition::not_well_formed;
    } else if (verdict == Verdict::other_encoding) {
        declaration.error = StreamCondition::unsupported_encoding;
    }
    return declaration;
}

} // namespace sarang
