// SPDX-License-Identifier: Apache-2.0
// User: the actor of one local account, on the shard of its bucket. Holds the account's
// resources and what modules keep with it; exists while a session does, and some time after.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/task.h"
#include "core/lane.h"
#include "core/receipts.h"
#include "core/resource.h"
#include "core/slot.h"
#include "xml/jid.h"
#include "xml/stanza.h"

#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace sarang {

class Host;

class SARANG_API User {
public:
    /// Keeps a user in memory, and the reference to it good.
    class SARANG_API Pin {
    public:
        explicit Pin(User& user);
        Pin(Pin&& other) noexcept;
        Pin& operator=(Pin&& other) noexcept;
        ~Pin();

        User& operator*() const { return *user_; }

        User* operator->() const { return user_; }

    private:
        User* user_;
    };

    User(Host& host, Jid jid);
    ~User();
    User(const User&) = delete;
    User& operator=(const User&) = delete;

    Host& host() { return host_; }

    /// The bare JID.
    const Jid& jid() const { return jid_; }

    template <class T>
    T& operator[](const Slot<User, T>& slot)
    {
        return slot.in(slots_);
    }

    template <class T>
    T* find(const Slot<User, T>& slot) const
    {
        return slot.find(slots_);
    }

    Slots& slots() { return slots_; }

    /// Begins to load what the account's modules keep. Called once, by the host.
    void load();

    /// Why it could not be loaded: item-not-found when there is no such account. Known once
    /// loaded.
    const std::optional<Error>& failure() const { return failure_; }

    bool loaded() const { return loaded_; }

    /// What was loaded counts no more; it goes as soon as it is idle.
    void outdate() { outdated_ = true; }

    bool outdated() const { return outdated_; }

    /// True for one who ends with the last session (XEP-0175).
    bool transient() const;

    /// True for one who is not worth remembering without a session.
    bool expendable() const;

    /// Delivers when it is loaded and all that came before was seen to, or why it could not be
    /// loaded.
    void wait_for_turn(Oneshot<Result<Pin>>& turn);

    /// A stanza for this account or one of its resources has come. What comes while another
    /// waits is seen to after it; too many are answered resource-constraint. The `sender` finds
    /// its receipt on this shard.
    void receive(Stanza&& stanza, const SessionId& sender);

    /// A message that one of its sessions could not bring to its client comes again, in turn: to
    /// the other sessions, or to those who keep it.
    void deliver_again(Stanza stanza, const SessionId& from);

    /// Tells all who care that a session of this user has sent available presence.
    void announce(Resource& resource, bool initial);

    /// Binds a new session. Requires that no resource has this full JID.
    Resource& bind(Jid full, Pipe& pipe);
    /// The same for one that was there before a restart, and whose client is away.
    Resource& bring_back(Jid full);
    /// Called by the resource when it has ended; it is destroyed soon.
    void unbind(Resource& resource);

    const std::vector<std::unique_ptr<Resource>>& resources() const { return resources_; }

    Resource* resource(std::string_view name) const;

    /// True when nothing keeps it: no resource, no pin, nobody loading, no stanza waiting.
    bool idle() const;

    Clock::Time last_used() const { return last_used_; }

    /// The host's mark that it looks after a user who may soon be forgotten.
    bool resting() const { return resting_; }

    void resting(bool on) { resting_ = on; }

private:
    struct Arrival {
        Arrival(Stanza&& arrived, const SessionId& from, Receipts::Hold&& held)
            : stanza{std::move(arrived)}
            , sender{from}
            , hold{std::move(held)}
        {}

        Stanza stanza;
        SessionId sender;
        Receipts::Hold hold; ///< once it has to wait
    };

    struct Announcement {
        SessionId session;
        bool initial;
    };

    struct Redelivery {
        Stanza stanza;
        Receipts::Hold hold;
    };

    using Turn = Oneshot<Result<Pin>>::Sender;

    /// A stanza that came, or came again, a session's presence, or somebody who waits for this
    /// place in the queue. Data alone: what waits here must not depend on a module, which may be
    /// exchanged.
    using Item = std::variant<Arrival, Redelivery, Announcement, std::unique_ptr<Turn>>;
    friend class Lane<User, Item>;

    Resource& add(Jid full, Pipe* pipe);
    Step begin(Item& item);
    std::optional<Task<void>> finish(Item&& item, AppendOutcome outcome);
    bool begins_early(const Item& item) const;
    Settlements& settlements();
    void lane_idle();
    void rest();
    Task<void> load_now();
    Task<Result<void>> fetch();
    Step take(Arrival& arrival);
    static Task<void> settle_after(Task<void> work, Receipts::Hold hold);
    Step screen(Stanza& stanza);
    Task<void> screen_later(Stanza stanza);
    Step keep(Stanza& stanza);
    Task<void> keep_later(Stanza stanza);
    Task<bool> recall(Stanza& stanza);
    Task<void> finish_later(Stanza stanza, AppendTicket ticket);
    std::optional<Task<void>> finish_stanza(Stanza&& stanza, AppendOutcome outcome);
    Task<void> deliver_in_turn(Redelivery redelivery);
    Task<void> announce_in_turn(Announcement announcement);
    Task<void> dispatch_later(Stanza stanza);
    std::optional<Task<void>> dispatch(Stanza&& stanza);
    std::optional<Task<void>> dispatch_iq(Stanza&& stanza);
    Task<void> subscribe(Stanza stanza);
    Task<void> offer_undelivered(Stanza stanza);
    void refuse(const Stanza& stanza);

    Host& host_;
    Jid jid_;
    Slots slots_;
    std::vector<std::unique_ptr<Resource>> resources_;
    Clock::Time last_used_;
    std::optional<Error> failure_;
    unsigned pins_ = 0;
    bool loaded_ = false;
    bool outdated_ = false;
    bool resting_ = false;
    Lane<User, Item> lane_;
};

} // namespace sarang
