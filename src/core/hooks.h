// SPDX-License-Identifier: Apache-2.0
// Hooks: the points at which modules take part, the table of contents of the server. One set per
// host and shard. The order of a stanza's way: from_account, keep_outgoing (sender's shard),
// to_account, keep_incoming (recipient's shard), deliver, and for each session that gets it
// to_resource.
#pragma once

#include "base/clock.h"
#include "core/delivery.h"
#include "core/hook.h"
#include "core/iq.h"
#include "core/message.h"
#include "core/receipts.h"
#include "core/session_id.h"
#include "core/utterance.h"
#include "store/archive_append.h"
#include "xml/element.h"
#include "xml/stanza.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace sarang {

class Host;
class Resource;
class User;

/// A stanza on its way through a local account.
struct Passage {
    User& user;         ///< whose account: the sender's or the recipient's
    Stanza& stanza;     ///< may be changed; a changed payload is a new one
    Resource* resource; ///< the session that sent it, or that is about to get it; or none
    const Jid& from;    ///< the stanza's
    const Jid& to;      ///< the stanza's; empty where the client gave none
};

/// A message that is about to go on, and is to be kept first if it is to be kept at all. Who keeps
/// it sets the ticket: it goes on once that has settled as durable, or its sender gets an error.
struct Keeping {
    User& user;     ///< whose archive: the sender's or the recipient's
    Stanza& stanza; ///< its `to` is set
    AppendTicket ticket = AppendTicket::none;
    ArchiveId entry = ArchiveId::none; ///< where it is kept
    /// XML that the copies of this user's own sessions bear: what names the entry (XEP-0359).
    std::string stamp = {};
    bool known = false; ///< it was kept before
};

/// A message that a client sent and that is about to be routed.
struct SentEvent {
    User& user;
    Resource& resource;
    const Stanza& stanza;
    const std::string& stamp; ///< what keep_outgoing had the copies of own sessions bear
};

/// A message for an account has been given to the sessions that RFC 6121 §8.5 names.
struct DeliveredEvent {
    User& user;
    const Stanza& stanza;
    std::span<Resource* const> takers; ///< may be none; the message is not given up yet
    Ref<Delivery> delivery = {};       ///< what their copies share, where there are several
};

struct ResourceEvent {
    User& user;
    Resource& resource;
    bool clean = true; ///< on its end: the client closed its stream
};

/// A session that could be resumed has ended, and now all that its client sent is settled.
struct EndedSession {
    User& user;
    const std::string& name; ///< by which its client would have come back
    std::uint32_t sent;
};

struct PresenceEvent {
    User& user;
    Resource& resource;
    bool initial;
};

/// A first-level element that is no stanza, from the client of a bound session.
struct ElementArrival {
    Resource& resource;
    const Element& element;
    std::optional<Element> answer = {};    ///< whoever asked writes it, or puts it into another
    std::optional<StreamError> error = {}; ///< ends the session instead
};

/// The same from a client that has logged in and has not bound a resource. Where `resumed` names
/// a session of the user's that has no pipe, the client has that one from then on.
struct LoginElement {
    User& user;
    const Element& element;
    std::optional<Element> answer = {};
    std::optional<StreamError> error = {};
    SessionId resumed = {};
    /// A session that it asked for was lost in a crash: what it sent since this time, and sends
    /// again by the next one, may have been kept.
    std::optional<Clock::Wall> lost_since = {};
};

struct ServiceArrival {
    Stanza& stanza;
    const SessionId& sender;  ///< a stanza that must wait takes a hold of the shard's Receipts
    Receipts::Hold hold = {}; ///< where it has waited: to be kept while it waits on
};

/// The domain is asked for its items (XEP-0030 §4); those that are not fixed are added.
struct DiscoItemsEvent {
    const HostRequest& request;
    Element& reply;
};

struct UserEvent {
    User& user;
};

struct HostEvent {
    Host& host;
};

struct AccountEvent {
    const Jid& account;
};

struct Hooks {
    /// What a client sent, stamped with its full JID, before it is routed. `user` is the sender.
    Chain<Passage> from_account;
    /// What passed it, for handlers that must wait: so nothing is kept that is refused.
    AsyncChain<Passage> from_account_async;

    /// A message that its client may send again, since a crash took what it was told the first
    /// time: who finds it kept says so, with the entry and the stamp, and it is not kept again.
    AsyncChain<Keeping> recall_outgoing_async;
    /// A message that passed these, before it is routed.
    Chain<Keeping> keep_outgoing;

    /// A message that passed all of these, and that was made durable where it is kept.
    Notice<SentEvent> sent;

    /// A subscription stanza that a client sent to `to`, after from_account: keeps the change and
    /// routes what is to be routed (RFC 6121 §3). One that passes goes nowhere.
    AsyncChain<Passage> subscription_out_async;

    /// What has come for an account, before anything is done about it. `user` is the recipient.
    Chain<Passage> to_account;
    /// What passed it, for handlers that must wait.
    AsyncChain<Passage> to_account_async;

    /// As recall_outgoing_async. What is known here goes no further.
    AsyncChain<Keeping> recall_incoming_async;
    /// A message that passed these, before it is delivered.
    Chain<Keeping> keep_incoming;

    /// Messages and presence that passed to_account: brings them to resources. A message that
    /// passes all handlers was delivered to nobody and goes on to undelivered_async.
    Chain<Passage> deliver;
    /// Run by whoever delivers messages, for each that is not refused.
    Notice<DeliveredEvent> delivered;
    /// A subscription stanza that passed to_account.
    AsyncChain<Passage> subscription_in_async;
    /// A message that no resource took: keeps it, or it is answered service-unavailable.
    AsyncChain<Passage> undelivered_async;

    /// A stanza is about to be written to `resource`. Who holds it says done(), and writes it later
    /// by Resource::write().
    Chain<Passage> to_resource;

    /// What an account's session was written and its client never acknowledged, when the session
    /// has ended: `to` is its address still. A message that passes goes to the other sessions, or
    /// is undelivered.
    Chain<Passage> unacknowledged;

    /// What is no stanza. An element that passes ends the stream with unsupported-stanza-type.
    Chain<ElementArrival> element;
    /// The same before a resource is bound.
    AsyncChain<LoginElement> login_element_async;

    /// A stanza for an address of a host without accounts, on the shard of its bucket. What
    /// passes is answered service-unavailable.
    Chain<ServiceArrival> to_service;

    /// What somebody is about to say in a room of this host, or a nickname that he wants: before it
    /// counts for anything, is kept, or is seen by others. Texts may be changed; a bounce is told
    /// to who said it, done() drops it in silence. A nickname is taken or refused as it is.
    Chain<Utterance> said_in_room;

    /// A room, here or elsewhere, tells inboxes of a message: accounts of this host on this shard,
    /// of which it is not known whether they exist.
    Notice<NoteInInboxes> room_noted;

    /// A request for the items of the domain, before it is answered. A bounce is the answer.
    AsyncChain<DiscoItemsEvent> disco_items_async;

    /// A session was bound; nothing was sent to it yet but the answer to its bind request.
    Notice<ResourceEvent> resource_bound;
    /// A session has sent available presence; `initial` after none or unavailable.
    Notice<PresenceEvent> resource_available;
    /// The same in the account's turn: after all that came for it before, and before all that
    /// comes later. Left out where the session has ended or gone unavailable meanwhile, which may
    /// also happen while a handler waits.
    AsyncChain<PresenceEvent> resource_available_async;
    /// A session that keeps what is unacknowledged was written one more. It may have no pipe.
    Notice<ResourceEvent> resource_written;
    /// More of what its client sent is settled.
    Notice<ResourceEvent> resource_settled;
    /// Its client has come back by another pipe, and was written what it had not acknowledged.
    Notice<ResourceEvent> resource_resumed;
    /// The server ends, and a session is saved, whose client may come back after it starts again:
    /// what is held back for it is to be written now.
    Notice<ResourceEvent> resource_saving;
    /// A session ends; it is still in the user's list, its pipe is gone.
    Notice<ResourceEvent> resource_ended;
    /// Only then was the rest of what its client sent settled.
    Notice<EndedSession> ended_settled;

    /// An account is being loaded: fetch what belongs to it. A bounce fails the loading. Runs
    /// again for accounts that are here already when a module was loaded later.
    AsyncChain<UserEvent> load_async;
    /// The server ends, for good or for a restart; all sessions have ended or are saved, on all
    /// shards: keeps what is to be there again at the next start.
    AsyncChain<HostEvent> closing_async;
    /// An account was removed or has new credentials: who knows the old ones must go.
    Notice<AccountEvent> account_changed;
};

} // namespace sarang
