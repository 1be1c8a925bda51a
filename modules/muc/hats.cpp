// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/hats.h"

#include "base/crypto.h"
#include "xml/element.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "modules/muc/names.h"

namespace sarang::muc {
namespace {

constexpr std::size_t longest_uri = 512;
constexpr std::size_t longest_title = 128;
constexpr std::size_t longest_hue = 16;
constexpr double full_circle = 360.0;

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// RFC 3986 §3.1, and then whatever has no place that is blank.
bool is_uri(std::string_view text)
{
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() ||
        text.size() > longest_uri || !is_letter(text.front())) {
        return false;
    }
    const bool scheme = std::ranges::all_of(text.substr(0, colon), [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    });
    return scheme && std::ranges::all_of(text, [](char c) {
               return static_cast<unsigned char>(c) > ' ' && c != '\x7f' && c != '<' && c != '>' &&
                      c != '"';
           });
}

// XEP-0392: degrees, less than a full circle.
bool is_hue(std::string_view text)
{
    const bool digits = !text.empty() && text.size() <= longest_hue && is_digit(text.front()) &&
                        is_digit(text.back()) &&
                        std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
    double angle = full_circle;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), angle);
    return digits && read.ec == std::errc{} && read.ptr == text.data() + text.size() &&
           angle < full_circle;
}

bool is_blank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

auto place_of(std::vector<Hat>& hats, std::string_view uri)
{
    return std::ranges::find(hats, uri, &Hat::uri);
}

} // namespace

Result<void> check(const Hat& hat)
{
    if (!is_uri(hat.uri)) {
        return fail(Condition::not_acceptable, "A hat is known by a URI");
    }
    if (is_blank(hat.title) || hat.title.size() > longest_title) {
        return fail(Condition::not_acceptable, "The title of a hat says what it is, in short");
    }
    if (!hat.hue.empty() && !is_hue(hat.hue)) {
        return fail(Condition::not_acceptable, "A hue is an angle, from 0 to less than 360");
    }
    return {};
}

const Hat* Hats::find(std::string_view uri) const
{
    const auto found = std::ranges::find(hats_, uri, &Hat::uri);
    return found != hats_.end() ? &*found : nullptr;
}

void Hats::put(Hat hat)
{
    if (const auto place = place_of(hats_, hat.uri); place != hats_.end()) {
        *place = std::move(hat);
    } else {
        hats_.push_back(std::move(hat));
    }
}

bool Hats::remove(std::string_view uri)
{
    const auto place = place_of(hats_, uri);
    if (place == hats_.end()) {
        return false;
    }
    for (const Jid& wearer : wearers(uri)) {
        unassign(wearer, uri);
    }
    hats_.erase(place);
    return true;
}

bool Hats::assign(const Jid& account, std::string_view uri)
{
    std::vector<std::string>& worn = worn_[account.bare()];
    if (std::ranges::find(worn, uri) != worn.end()) {
        return false;
    }
    worn.emplace_back(uri);
    return true;
}

bool Hats::unassign(const Jid& account, std::string_view uri)
{
    const auto found = worn_.find(account.bare());
    if (found == worn_.end()) {
        return false;
    }
    const bool worn = std::erase(found->second, uri) != 0;
    if (found->second.empty()) {
        worn_.erase(found);
    }
    return worn;
}

std::vector<const Hat*> Hats::worn_by(const Jid& account) const
{
    std::vector<const Hat*> hats;
    const auto found = worn_.empty() ? worn_.end() : worn_.find(account.bare());
    if (found != worn_.end()) {
        for (const std::string& uri : found->second) {
            hats.push_back(find(uri));
        }
    }
    return hats;
}

std::vector<Jid> Hats::wearers(std::string_view uri) const
{
    std::vector<Jid> accounts;
    for (const auto& [account, worn] : worn_) {
        if (std::ranges::find(worn, uri) != worn.end()) {
            accounts.push_back(account);
        }
    }
    return accounts;
}

std::size_t Hats::assigned() const
{
    std::size_t number = 0;
    for (const auto& [account, worn] : worn_) {
        number += worn.size();
    }
    return number;
}

std::string Hats::hash() const
{
    if (hats_.empty()) {
        return {};
    }
    BytesWriter list;
    for (const Hat& hat : hats_) {
        list.string(hat.uri).string(hat.title).string(hat.hue).string(hat.lang);
    }
    return hex_encode(digest(Hash::sha1, list.bytes()).view());
}

std::string Hats::xml_of(const Jid& account) const
{
    const std::vector<const Hat*> worn = worn_by(account);
    if (worn.empty()) {
        return {};
    }
    Element hats{hats_ns, "hats"};
    for (const Hat* const one : worn) {
        Element& hat = hats.add("hat").set("title", one->title).set("uri", one->uri);
        if (!one->hue.empty()) {
            hat.set("hue", one->hue);
        }
        if (!one->lang.empty()) {
            hat.set(ns::xml, "lang", one->lang);
        }
    }
    return hats.str();
}

void Hats::write(BytesWriter& out) const
{
    out.varint(hats_.size());
    for (const Hat& hat : hats_) {
        out.string(hat.uri).string(hat.title).string(hat.hue).string(hat.lang);
    }
    out.varint(worn_.size());
    for (const auto& [account, worn] : worn_) {
        out.string(account.str()).varint(worn.size());
        for (const std::string& uri : worn) {
            out.string(uri);
        }
    }
}

bool Hats::read(BytesReader& in)
{
    for (std::size_t left = in.count(); left > 0; --left) {
        Hat hat;
        hat.uri = in.string();
        hat.title = in.string();
        hat.hue = in.string();
        hat.lang = in.string();
        put(std::move(hat));
    }
    for (std::size_t left = in.count(); left > 0; --left) {
        const Result<Jid> account = Jid::parse(in.string());
        for (std::size_t hats = in.count(); hats > 0; --hats) {
            const std::string_view uri = in.string();
            if (!account || find(uri) == nullptr) {
                return false;
            }
            assign(*account, uri);
        }
    }
    return in.ok();
}

} // namespace sarang::muc
