// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/mentions.h"

#include "core/date_time.h"
#include "xml/writer.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "modules/muc/muc.h"
#include "modules/muc/room.h"
#include "modules/muc/speaking.h"
#include "modules/muc/xmpp_uri.h"

namespace sarang::muc {
namespace {

constexpr std::string_view reference_ns = "urn:xmpp:reference:0";
constexpr std::string_view mentions_ns = "urn:xmpp:mentions:0";
constexpr std::string_view channel = "urn:xmpp:mentions:0#channel";
constexpr std::string_view notice_ns = "urn:xmpp:mmn:0";
constexpr std::string_view correct_ns = "urn:xmpp:message-correct:0";

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
            std::ranges::find_if(all, [id](const auto& one) { return one->id.str() == id; });
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

// XEP-0452 §3.2.
Ref<Payload> notice_of(const Stanza& said, Clock::Wall now)
{
    std::string xml = "<mentions xmlns='urn:xmpp:mmn:0'><forwarded xmlns='urn:xmpp:forward:0'>"
                      "<delay xmlns='urn:xmpp:delay'";
    write_attribute(xml, "stamp", date_time(now));
    xml += "/>";
    write_stanza(xml, said, ns::client);
    xml += "</forwarded></mentions>";
    const std::array<Payload::ChildSpan, 1> children{{{0, xml.size(), notice_ns, "mentions"}}};
    return Payload::make(xml, children);
}

// Those who belong to the room, are not in it, and have registered.
bool wants_notice(const Room& room, const Jid& account)
{
    return belongs(room, account) && !room.affiliations.item(account).nick.empty() &&
           room.occupants.of(account).empty();
}

std::vector<Jid> away_of(const Room& room, const Mentions& mentioned)
{
    std::vector<Jid> away;
    const auto add = [&room, &away](const std::vector<Jid>& accounts) {
        std::ranges::copy_if(accounts, std::back_inserter(away), [&room](const Jid& account) {
            return wants_notice(room, account);
        });
    };
    if (!mentioned.all) {
        add(mentioned.accounts);
        return away;
    }
    for (const Affiliation one : {Affiliation::owner, Affiliation::admin, Affiliation::member}) {
        add(room.affiliations.list(one));
    }
    return away;
}

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

void forward_to_mentioned(Room& room, const Speech& speech)
{
    const bool corrects = speech.said.has(correct_ns, "replace");
    if (!room.config.forward_mentions || speech.mentioned.empty() || corrects) {
        return;
    }
    const std::vector<Jid> away = away_of(room, speech.mentioned);
    const Clock::Time now = room.clock().now();
    Stanza notice;
    notice.from = room.jid;
    notice.payload = notice_of(speech.said, room.clock().wall());
    std::vector<Jid> told;
    for (const Jid& account : away) {
        // All at once count once.
        const bool first = !speech.mentioned.all || told.empty();
        if (first && !room.mention_rate.take(speech.author, now, room.muc.most_mentions())) {
            break;
        }
        told.push_back(account);
    }
    room.router().route_to_many(notice, told);
}

Jid MemberIds::account_of(const Room& room, std::string_view id)
{
    if (revision_ != room.affiliations.revision()) {
        accounts_.clear();
        for (const Affiliation one :
             {Affiliation::owner, Affiliation::admin, Affiliation::member}) {
            for (const Jid& account : room.affiliations.list(one)) {
                accounts_.emplace(room.muc.occupant_id(room.jid, account).str(), account);
            }
        }
        revision_ = room.affiliations.revision();
    }
    const auto found = accounts_.find(std::string{id});
    return found != accounts_.end() ? found->second : Jid{};
}

} // namespace sarang::muc
