// SPDX-License-Identifier: Apache-2.0
#include "core/router.h"

#include "core/host.h"

namespace sarang {

Router::Router(const Placement& placement, Shard& shard, Send send)
    : placement_{placement}
    , shard_{shard}
    , send_{std::move(send)}
    , outboxes_(placement.shards())
{}

void Router::add(Host& host)
{
    hosts_.emplace(host.domain(), &host);
}

void Router::remove(Host& host)
{
    hosts_.erase(host.domain());
    last_ = nullptr;
}

Host* Router::host(std::string_view domain) const
{
    if (last_ == nullptr || last_->domain() != domain) {
        const auto found = hosts_.find(domain);
        last_ = found != hosts_.end() ? found->second : nullptr;
    }
    return last_;
}

unsigned Router::route(Stanza&& stanza, const SessionId& sender)
{
    Host* const host = this->host(stanza.to.domain());
    if (host == nullptr) {
        send_remote(std::move(stanza));
    } else if (stanza.to.local().empty()) {
        if (auto task = host->receive_at_domain(std::move(stanza))) {
            host->gate().spawn(std::move(*task));
        }
    } else if (const unsigned shard = placement_.shard_of(stanza.to.bare_str());
               shard == shard_.index()) {
        host->receive(std::move(stanza), sender);
    } else {
        send(shard, DeliverStanza{std::move(stanza), sender});
        return shard;
    }
    return shard_.index();
}

void Router::route_to_many(const Stanza& stanza, const std::vector<Jid>& recipients)
{
    std::vector<std::vector<Jid>> elsewhere(placement_.shards());
    for (const Jid& recipient : recipients) {
        const unsigned shard = placement_.shard_of(recipient.bare_str());
        if (shard != shard_.index() && !recipient.local().empty() &&
            host(recipient.domain()) != nullptr) {
            elsewhere[shard].push_back(recipient);
            continue;
        }
        Stanza copy = stanza;
        copy.to = recipient;
        route(std::move(copy));
    }
    for (unsigned shard = 0; shard < elsewhere.size(); ++shard) {
        if (!elsewhere[shard].empty()) {
            send(shard, DeliverToMany{stanza, std::move(elsewhere[shard])});
        }
    }
}

void Router::note_in_inboxes(
    const Jid& room, const std::string& message, const std::vector<InboxNote>& notes)
{
    std::vector<std::vector<InboxNote>> parts(placement_.shards());
    for (const InboxNote& note : notes) {
        Host* const host =
            note.account.local().empty() ? nullptr : this->host(note.account.domain());
        if (host != nullptr && *host->options().accounts == Accounts::stored &&
            (host->changing() || !host->hooks().room_noted.empty())) {
            parts[placement_.shard_of(note.account.bare_str())].push_back(note);
        }
    }
    for (unsigned shard = 0; shard < parts.size(); ++shard) {
        if (!parts[shard].empty()) {
            send(shard, NoteInInboxes{room, message, std::move(parts[shard])});
        }
    }
}

void Router::bounce(const Stanza& stanza, const Error& error)
{
    if (stanza.answerable() && !stanza.from.empty()) {
        route(stanza.error_reply(error));
    }
}

void Router::send(unsigned shard, Message message)
{
    outboxes_[shard].push_back(std::move(message));
    if (!linked()) {
        shard_.at_turn_end(*this);
    }
}

std::optional<unsigned> Router::congested() const
{
    for (unsigned shard = 0; shard < placement_.shards(); ++shard) {
        if (shard_.congested(shard)) {
            return shard;
        }
    }
    return std::nullopt;
}

void Router::on_turn_end()
{
    for (unsigned shard = 0; shard < outboxes_.size(); ++shard) {
        std::vector<Message> batch = std::exchange(outboxes_[shard], {});
        if (round_trip_) {
            for (Message& message : batch) {
                message = decode_message(encode(message)).value();
            }
        }
        if (!batch.empty()) {
            send_(shard, std::move(batch));
        }
    }
}

void Router::send_remote(Stanza stanza)
{
    if (remote_) {
        remote_(std::move(stanza));
    } else {
        bounce(stanza, Error{Condition::remote_server_not_found, {}, {}, {}});
    }
}

} // namespace sarang
