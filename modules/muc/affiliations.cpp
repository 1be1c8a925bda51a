// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/affiliations.h"

#include "base/bytes.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace sarang::muc {
namespace {

std::size_t place(Affiliation affiliation)
{
    return static_cast<std::size_t>(affiliation);
}

} // namespace

Affiliation Affiliations::of(const Jid& jid) const
{
    if (const auto found = entries_.find(jid.bare()); found != entries_.end()) {
        return found->second.affiliation;
    }
    const auto domain = entries_.find(jid.host());
    const bool banned =
        domain != entries_.end() && domain->second.affiliation == Affiliation::outcast;
    return banned ? Affiliation::outcast : Affiliation::none;
}

AffiliationItem Affiliations::item(const Jid& jid) const
{
    const auto found = entries_.find(jid.bare());
    if (found == entries_.end()) {
        return {};
    }
    const auto& [affiliation, words] = found->second;
    return words ? AffiliationItem{affiliation, words->nick, words->reason}
                 : AffiliationItem{affiliation, {}, {}};
}

void Affiliations::set(const Jid& jid, AffiliationItem item)
{
    const Jid account = jid.bare();
    ++revision_;
    erase(account);
    if (item.affiliation == Affiliation::none) {
        return;
    }
    if (item.affiliation == Affiliation::outcast || nicks_.contains(item.nick)) {
        item.nick.clear();
    }
    Entry entry{item.affiliation, nullptr};
    if (!item.nick.empty() || !item.reason.empty()) {
        Words words{std::move(item.nick), std::move(item.reason)};
        entry.words = std::make_unique<const Words>(std::move(words));
        if (!entry.words->nick.empty()) {
            nicks_.emplace(entry.words->nick, account);
            looks_.add(look_of(entry.words->nick), account);
        }
    }
    // The store gives them in this order too: a room that is loaded appends.
    std::vector<Jid>& all = lists_[place(item.affiliation)];
    all.insert(std::ranges::upper_bound(all, account), account);
    entries_.emplace(account, std::move(entry));
}

void Affiliations::erase(const Jid& jid)
{
    const auto found = entries_.find(jid);
    if (found == entries_.end()) {
        return;
    }
    const auto& [affiliation, words] = found->second;
    if (words && !words->nick.empty()) {
        nicks_.erase(words->nick);
        looks_.remove(look_of(words->nick), jid);
    }
    std::vector<Jid>& all = lists_[place(affiliation)];
    all.erase(std::ranges::lower_bound(all, jid));
    entries_.erase(found);
}

Jid Affiliations::reserved_for(std::string_view nick) const
{
    const auto found = nicks_.find(nick);
    return found == nicks_.end() ? Jid{} : found->second;
}

std::vector<Jid> Affiliations::list(Affiliation affiliation) const
{
    return lists_[place(affiliation)];
}

std::size_t Affiliations::count(Affiliation affiliation) const
{
    return lists_[place(affiliation)].size();
}

} // namespace sarang::muc

namespace sarang {
namespace {

constexpr std::uint8_t codec_version = 1;

} // namespace

std::string Codec<muc::AffiliationItem>::encode(const muc::AffiliationItem& item)
{
    BytesWriter out;
    out.u8(codec_version).u8(static_cast<std::uint8_t>(item.affiliation));
    out.string(item.nick).string(item.reason);
    return out.take();
}

std::optional<muc::AffiliationItem> Codec<muc::AffiliationItem>::decode(std::string_view bytes)
{
    BytesReader in{bytes};
    const bool known = in.u8() == codec_version;
    muc::AffiliationItem item;
    item.affiliation = muc::Affiliation{in.u8()};
    item.nick = in.string();
    item.reason = in.string();
    const bool read = known && in.ok() && item.affiliation <= muc::Affiliation::owner;
    return read ? std::optional{std::move(item)} : std::nullopt;
}

} // namespace sarang
