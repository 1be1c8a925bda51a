// SPDX-License-Identifier: Apache-2.0
// Router: brings a stanza to the shard and host that its `to` names. One per shard; what is for
// another shard is gathered and sent at the end of the loop's turn, in order.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "core/message.h"
#include "core/placement.h"
#include "net/shard.h"
#include "xml/stanza.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sarang {

class Host;

class SARANG_API Router final : private TurnEnd {
public:
    /// Carries what was gathered for another shard.
    using Send = std::function<void(unsigned shard, std::vector<Message> batch)>;
    /// Sends a stanza to a domain that is not served here.
    using Remote = std::function<void(Stanza stanza)>;

    Router(const Placement& placement, Shard& shard, Send send);
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    void add(Host& host);
    void remove(Host& host);
    /// The host of this domain on this shard, or none.
    Host* host(std::string_view domain) const;

    /// Routes by `to`, which is set. `from` must have been checked and stamped before. Gives the
    /// shard that it went to, where the `sender` finds the stanza's receipt.
    unsigned route(Stanza&& stanza, const SessionId& sender = {});

    /// Routes one stanza to many: each shard gets it once, with its list of recipients.
    void route_to_many(const Stanza& stanza, const std::vector<Jid>& recipients);

    /// Notes a room's message in many inboxes: each shard is told once, with its list of accounts.
    /// Those that are kept here alone, at hosts where somebody takes notes; others are left out.
    void note_in_inboxes(
        const Jid& room, const std::string& message, const std::vector<InboxNote>& notes);

    /// Answers with a stanza error, unless the stanza is one itself or a result.
    void bounce(const Stanza& stanza, const Error& error);

    /// Sends a message to a shard, in order with what is routed there; this one included.
    void send(unsigned shard, Message message);

    /// Where stanzas to other domains go; without it, they are answered remote-server-not-found.
    void remote(Remote remote) { remote_ = std::move(remote); }

    const Placement& placement() const { return placement_; }

    /// The first shard that takes no more mail for now, if there is one: whoever causes more
    /// should wait for its relief.
    std::optional<unsigned> congested() const;

    /// Every message is encoded and decoded on its way, as it would be between nodes: for tests.
    void round_trip(bool on) { round_trip_ = on; }

private:
    void on_turn_end() override;
    void send_remote(Stanza stanza);

    const Placement& placement_;
    Shard& shard_;
    Send send_;
    Remote remote_;
    std::unordered_map<std::string_view, Host*> hosts_;
    mutable Host* last_ = nullptr; ///< asked for: the next one as a rule
    std::vector<std::vector<Message>> outboxes_;
    bool round_trip_ = false;
};

} // namespace sarang
