// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/affiliation_versions.h"

#include "base/crypto.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sarang::muc {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

// The places of outcast, member, admin and owner.
std::uint8_t bit_of(Affiliation affiliation)
{
    switch (affiliation) {
    case Affiliation::outcast:
        return 1;
    case Affiliation::none:
        return 0;
    case Affiliation::member:
        return 2;
    case Affiliation::admin:
        return 4;
    case Affiliation::owner:
        break;
    }
    return 8;
}

// Nobody can ask for one that he was not told.
std::string new_version()
{
    std::array<std::uint8_t, 9> octets{};
    random_bytes(octets);
    return base64url_encode(view(octets));
}

// Who sees no list is told of versions, and never of what is in them.
bool concerns(const AffiliationVersions::Change& change, const Lists& lists)
{
    return lists.empty() || lists.has(change.before) || lists.has(change.after);
}

void write(BytesWriter& out, const AffiliationVersions::Change& change)
{
    out.string(change.version).string(change.account.str());
    out.u8(static_cast<std::uint8_t>(change.before));
    out.u8(static_cast<std::uint8_t>(change.after));
}

bool read(BytesReader& in, AffiliationVersions::Change& change)
{
    change.version = in.string();
    Result<Jid> account = Jid::parse(in.string());
    change.before = Affiliation{in.u8()};
    change.after = Affiliation{in.u8()};
    if (account) {
        change.account = std::move(*account);
    }
    return in.ok() && account && change.before <= Affiliation::owner &&
           change.after <= Affiliation::owner;
}

} // namespace

Lists& Lists::add(Affiliation affiliation)
{
    bits_ = static_cast<std::uint8_t>(bits_ | bit_of(affiliation));
    return *this;
}

bool Lists::has(Affiliation affiliation) const
{
    return (bits_ & bit_of(affiliation)) != 0;
}

Affiliation Lists::shown(Affiliation affiliation) const
{
    return has(affiliation) ? affiliation : Affiliation::none;
}

void AffiliationVersions::begin()
{
    base_ = new_version();
    changes_.clear();
    expected_.clear();
}

void AffiliationVersions::expect(const std::vector<Change>& changes)
{
    expected_.clear();
    for (const Change& change : changes) {
        expected_.push_back(change);
        expected_.back().version = new_version();
    }
}

// One that comes out of turn gets a version that is not on disk yet: after a crash nobody knows it.
void AffiliationVersions::note(const Jid& account, Affiliation before, Affiliation after)
{
    const auto found = std::ranges::find(expected_, account, &Change::account);
    const bool in_turn = found == expected_.begin() && found != expected_.end();
    std::string version = in_turn ? std::move(found->version) : new_version();
    if (found != expected_.end()) {
        expected_.erase(found);
    }
    add({std::move(version), account, before, after});
}

void AffiliationVersions::add(Change change)
{
    changes_.push_back(std::move(change));
    if (changes_.size() > most_changes) {
        base_ = std::move(changes_.front().version);
        changes_.erase(changes_.begin());
    }
}

// That of the last of so many changes which such a one can see.
std::string AffiliationVersions::latest(Lists lists, std::size_t changes) const
{
    while (changes > 0 && !concerns(changes_[changes - 1], lists)) {
        --changes;
    }
    std::string version = changes > 0 ? changes_[changes - 1].version : base_;
    version += '.';
    version += hex_digits[lists.bits_];
    return version;
}

std::string AffiliationVersions::current(Lists lists) const
{
    return latest(lists, changes_.size());
}

std::optional<VersionStep> AffiliationVersions::last_step(Lists lists) const
{
    if (changes_.empty() || !concerns(changes_.back(), lists)) {
        return std::nullopt;
    }
    return VersionStep{latest(lists, changes_.size() - 1), current(lists)};
}

std::optional<std::vector<AffiliationVersions::Change>>
AffiliationVersions::since(std::string_view version, Lists lists) const
{
    const std::size_t dot = version.rfind('.');
    const std::string_view name = version.substr(0, dot);
    if (dot == std::string_view::npos ||
        version.substr(dot + 1) != hex_digits.substr(lists.bits_, 1)) {
        return std::nullopt;
    }
    auto from = std::ranges::find(changes_, name, &Change::version);
    if (from == changes_.end() && name != base_) {
        return std::nullopt;
    }
    from = from == changes_.end() ? changes_.begin() : from + 1;
    return std::vector<Change>(from, changes_.end());
}

void AffiliationVersions::write(BytesWriter& out) const
{
    const std::size_t all = changes_.size() + expected_.size();
    const std::size_t kept = std::min(all, most_changes);
    std::string_view base = base_;
    std::size_t left_out = all - kept;
    std::vector<const Change*> told;
    for (const auto* const changes : {&changes_, &expected_}) {
        for (const Change& change : *changes) {
            if (left_out > 0) {
                base = change.version;
                --left_out;
            } else {
                told.push_back(&change);
            }
        }
    }
    out.string(base).varint(told.size());
    for (const Change* const change : told) {
        muc::write(out, *change);
    }
}

bool AffiliationVersions::read(BytesReader& in)
{
    base_ = in.string();
    for (std::size_t left = in.count(); left > 0; --left) {
        Change change;
        if (!muc::read(in, change)) {
            return false;
        }
        add(std::move(change));
    }
    return in.ok();
}

} // namespace sarang::muc
