// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/preferences.h"

#include "base/bytes.h"
#include "xml/jid_list.h"

#include <algorithm>
#include <array>

namespace sarang {
namespace {

constexpr std::array<std::string_view, 3> names{"always", "never", "roster"};
constexpr std::uint8_t codec_version = 1;

bool contains(const std::vector<Jid>& list, const Jid& jid)
{
    return std::ranges::find(list, jid) != list.end();
}

Result<std::vector<Jid>> read_list(const Element& prefs, std::string_view name)
{
    std::vector<Jid> list;
    const Element* const parent = prefs.child(mam_ns, name);
    if (parent == nullptr) {
        return list;
    }
    for (const Element* child : parent->children()) {
        Result<Jid> jid = Jid::parse(child->text());
        if (!jid || !child->is(mam_ns, "jid")) {
            return fail(Condition::jid_malformed, "No address on the list " + std::string{name});
        }
        if (!contains(list, *jid)) {
            list.push_back(std::move(*jid));
        }
        if (list.size() > ArchivePreferences::max_listed) {
            return fail(Condition::resource_constraint, "Too many addresses");
        }
    }
    return list;
}

void add_list(Element& prefs, std::string_view name, const std::vector<Jid>& list)
{
    Element& parent = prefs.add(name);
    for (const Jid& jid : list) {
        parent.add("jid").text(jid.str());
    }
}

} // namespace

std::optional<bool> ArchivePreferences::listed(const Jid& with) const
{
    if (never.empty() && always.empty()) {
        return std::nullopt;
    }
    for (const Jid& jid : {with, with.bare()}) {
        if (contains(never, jid)) {
            return false;
        }
        if (contains(always, jid)) {
            return true;
        }
    }
    return std::nullopt;
}

Result<ArchivePreferences> ArchivePreferences::read(const Element& prefs)
{
    const auto name = std::ranges::find(names, prefs.attribute("default"));
    if (name == names.end()) {
        return fail(Condition::bad_request, "The default is always, never or roster");
    }
    auto always = read_list(prefs, "always");
    auto never = read_list(prefs, "never");
    if (!always || !never) {
        return std::move(always ? never : always).failure();
    }
    ArchivePreferences read;
    read.standard = static_cast<ArchiveDefault>(name - names.begin());
    read.always = std::move(*always);
    read.never = std::move(*never);
    return read;
}

Element ArchivePreferences::element(ArchiveDefault of_host) const
{
    Element prefs{mam_ns, "prefs"};
    prefs.set("default", names[static_cast<std::size_t>(standard.value_or(of_host))]);
    add_list(prefs, "always", always);
    add_list(prefs, "never", never);
    return prefs;
}

std::string Codec<ArchivePreferences>::encode(const ArchivePreferences& preferences)
{
    BytesWriter out;
    out.u8(codec_version).boolean(preferences.standard.has_value());
    out.u8(static_cast<std::uint8_t>(preferences.standard.value_or(ArchiveDefault::always)));
    write_jids(out, preferences.always);
    write_jids(out, preferences.never);
    return out.take();
}

std::optional<ArchivePreferences> Codec<ArchivePreferences>::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    const bool known = in.u8() == codec_version;
    const bool chosen = in.boolean();
    const std::uint8_t standard = in.u8();
    ArchivePreferences preferences;
    if (chosen && standard < names.size()) {
        preferences.standard = ArchiveDefault{standard};
    }
    const bool read = known && standard < names.size() && read_jids(in, preferences.always) &&
                      read_jids(in, preferences.never);
    return read && in.complete() ? std::optional{std::move(preferences)} : std::nullopt;
}

} // namespace sarang
