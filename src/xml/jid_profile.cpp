// SPDX-License-Identifier: Apache-2.0
#include "xml/jid_profile.h"

#include "xml/jid.h"
#include "xml/utf8.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <stringprep.h>

namespace sarang {
namespace {

constexpr bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

constexpr bool is_control(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

constexpr bool is_ascii(char c)
{
    return static_cast<unsigned char>(c) < 0x80;
}

bool has_good_size(std::string_view part)
{
    return !part.empty() && part.size() <= Jid::max_part;
}

bool all_ascii(std::string_view part)
{
    return std::all_of(part.begin(), part.end(), is_ascii);
}

/// `part` itself when it has no capitals, else `made` without them.
std::string_view lower(std::string_view part, std::string& made)
{
    if (std::none_of(part.begin(), part.end(), is_upper)) {
        return part;
    }
    made.resize(part.size());
    std::transform(part.begin(), part.end(), made.begin(), [](char c) {
        return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return made;
}

/// Runs a profile once. Unassigned code points pass (emoji are such, for Unicode 3.2).
std::optional<std::string> prepare_once(std::string_view part, const Stringprep_profile* profile)
{
    // What needs more room while it is mapped could not end within max_part bytes. A buffer
    // handed to stringprep_4i() once spares the growing in steps of 50 that stringprep() does.
    std::array<std::uint32_t, 4 * Jid::max_part> points;
    std::size_t size = 0;
    while (!part.empty()) {
        const CodePoint point = first_code_point(part);
        if (point.size == 0 || point.value == 0) {
            return std::nullopt;
        }
        points[size++] = point.value;
        part.remove_prefix(point.size);
    }
    const auto flags = static_cast<Stringprep_profile_flags>(0);
    if (stringprep_4i(points.data(), &size, points.size(), flags, profile) != STRINGPREP_OK) {
        return std::nullopt;
    }
    std::string made;
    for (std::size_t i = 0; i < size; ++i) {
        append_utf8(made, points[i]);
    }
    return made;
}

/// Runs a profile to its fixed point: what it makes of a few unassigned code points changes once
/// more in a second run, and an address must be equal to itself when read again.
std::optional<std::string_view>
prepare(std::string_view part, const Stringprep_profile* profile, std::string& made)
{
    made = part;
    for (int run = 0; run < 4; ++run) {
        auto next = prepare_once(made, profile);
        if (!next || !has_good_size(*next)) {
            return std::nullopt;
        }
        if (*next == made) {
            return made;
        }
        made = std::move(*next);
    }
    return std::nullopt;
}

/// U+3002, to which the profile has mapped the other full stops (RFC 3490 §3.1), becomes a dot.
void replace_full_stops(std::string& domain)
{
    constexpr std::string_view stop = "\u3002";
    for (auto at = domain.find(stop); at != std::string::npos; at = domain.find(stop, at)) {
        domain.replace(at, stop.size(), ".");
    }
}

/// Letters, digits and inner hyphens, and anything beyond ASCII that the profile left. The
/// underscore is none of the STD 3 set, but names of machines in use have it.
bool is_label(std::string_view label)
{
    const auto allowed = [](char c) {
        return !is_ascii(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !label.empty() && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), allowed);
}

bool is_name(std::string_view domain)
{
    for (;;) {
        const auto dot = domain.find('.');
        if (!is_label(domain.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        domain.remove_prefix(dot + 1);
    }
}

/// [IPv6]; an IPv4 address is a name by its form.
bool is_literal(std::string_view domain)
{
    if (domain.size() < 4 || domain.front() != '[' || domain.back() != ']') {
        return false;
    }
    const std::string inner{domain.substr(1, domain.size() - 2)};
    in6_addr address{};
    return inner.find('\0') == std::string::npos &&
           inet_pton(AF_INET6, inner.c_str(), &address) == 1;
}

} // namespace

std::optional<std::string_view> prepare_local(std::string_view part, std::string& made)
{
    if (!has_good_size(part)) {
        return std::nullopt;
    }
    if (!all_ascii(part)) {
        return prepare(part, stringprep_xmpp_nodeprep, made);
    }
    if (std::any_of(part.begin(), part.end(), is_control) ||
        part.find_first_of(" \"&'/:<>@") != std::string_view::npos) {
        return std::nullopt;
    }
    return lower(part, made);
}

std::optional<std::string_view> prepare_domain(std::string_view part, std::string& made)
{
    if (!has_good_size(part)) {
        return std::nullopt;
    }
    std::optional<std::string_view> domain;
    if (all_ascii(part)) {
        domain = lower(part, made);
    } else {
        if (!prepare(part, stringprep_nameprep, made)) {
            return std::nullopt;
        }
        replace_full_stops(made);
        domain = made;
    }
    if (domain->back() == '.') {
        domain->remove_suffix(1);
    }
    return is_name(*domain) || is_literal(*domain) ? domain : std::nullopt;
}

std::optional<std::string_view> prepare_resource(std::string_view part, std::string& made)
{
    if (!has_good_size(part)) {
        return std::nullopt;
    }
    if (!all_ascii(part)) {
        return prepare(part, stringprep_xmpp_resourceprep, made);
    }
    return std::none_of(part.begin(), part.end(), is_control) ? std::optional{part} : std::nullopt;
}

} // namespace sarang
