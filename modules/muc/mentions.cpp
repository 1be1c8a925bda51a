// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/mentions.h"

#include <algorithm>

#include "modules/muc/muc.h"
#include "modules/muc/room.h"
#include "modules/muc/xmpp_uri.h"

namespace sarang::muc {
namespace {

constexpr std::string_view reference_ns = "urn:xmpp:reference:0";
constexpr std::string_view mentions_ns = "urn:xmpp:mentions:0";
constexpr std::string_view channel = "urn:xmpp:mentions:0#channel";

bool belongs(const Room& room, const Jid& account)
{
    return room.affiliation_of(account) >= Affiliation::member;
}

class Finder {
public:
    Finder(Room& room, const Occupant& speaker)
        : room_{room}
        , speaker_{speaker}
    {}

    void take_reference(const Element& reference)
    {
        if (reference.attribute("type") == "mention" && !reference.has("anchor")) {
            take_address(address_in(reference.attribute("uri")));
        }
    }

    void take_mention(const Element& mention)
    {
        if (mention.child(mentions_ns, "noping") != nullptr) {
            return;
        }
        if (mention.has("mentions")) {
            take_group(mention);
        } else if (mention.has("occupantid")) {
            take_id(mention.attribute("occupantid"));
        } else if (const Result<Jid> jid = Jid::parse(mention.attribute("jid"))) {
            take_address(*jid);
        }
    }

    Mentions take() { return std::move(found_); }

private:
    void add(const Jid& account)
    {
        const bool may = found_.accounts.size() < most_mentioned && !found_.names(account);
        if (may && (belongs(room_, account) || !room_.occupants.of(account).empty())) {
            found_.accounts.push_back(account);
        }
    }

    // An occupant's, or the real one of an account.
    void take_address(const Jid& address)
    {
        if (address.empty()) {
            return;
        }
        if (!address.same_bare(room_.jid)) {
            if (room_.shows_addresses_to(speaker_)) {
                add(address.bare());
            }
        } else if (const Occupant* const named = room_.occupants.by_nick(address.resource())) {
            add(named->account);
        } else if (const Jid member = room_.affiliations.reserved_for(address.resource());
                   !member.empty()) {
            add(member);
        }
    }

    void take_id(std::string_view id)
    {
        const auto& all = room_.occupants.all();
        const auto here =
            std::ranges::find_if(all, [id](const auto& one) { return one->id == id; });
        if (here != all.end()) {
            add((*here)->account);
        } else if (const Jid member = room_.member_ids.account_of(room_, id); !member.empty()) {
            add(member);
        }
    }

    // XEP-0513 §3.2.1.1, of this room.
    void take_group(const Element& mention)
    {
        const Jid meant = mention.has("uri") ? address_in(mention.attribute("uri")) : room_.jid;
        const bool active = mention.child(mentions_ns, "active") != nullptr;
        if (mention.attribute("mentions") == channel && meant == room_.jid && !active) {
            found_.all = found_.all || speaker_.role == Role::moderator;
        }
    }

    Room& room_;
    const Occupant& speaker_;
    Mentions found_;
};

} // namespace

bool Mentions::names(const Jid& account) const
{
    return std::ranges::find(accounts, account) != accounts.end();
}

Mentions mentions_in(Room& room, const Occupant& speaker, const Stanza& message)
{
    Finder finder{room, speaker};
    for (std::size_t i = 0; message.payload && i < message.payload->size(); ++i) {
        const Payload::Child child = message.payload->child(i);
        if (child.ns == reference_ns && child.name == "reference") {
            finder.take_reference(message.payload->element(i));
        } else if (child.ns == mentions_ns && child.name == "mention") {
            finder.take_mention(message.payload->element(i));
        }
    }
    return finder.take();
}

Jid MemberIds::account_of(const Room& room, std::string_view id)
{
    if (revision_ != room.affiliations.revision()) {
        accounts_.clear();
        for (const Affiliation one :
             {Affiliation::owner, Affiliation::admin, Affiliation::member}) {
            for (const Jid& account : room.affiliations.list(one)) {
                accounts_.emplace(room.muc.occupant_id(room.jid, account), account);
            }
        }
        revision_ = room.affiliations.revision();
    }
    const auto found = accounts_.find(std::string{id});
    return found != accounts_.end() ? found->second : Jid{};
}

} // namespace sarang::muc
