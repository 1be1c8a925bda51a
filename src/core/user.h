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

    /// True when there is no such account; known once loaded.
    bool missing() const { return missing_; }

    bool loaded() const { return loaded_; }

    /// What was loaded counts no more; it goes as soon as it is idle.
    void outdate() { outdated_ = true; }

    bool outdated() const { return outdated_; }

    /// True for one who ends with the last session (XEP-0175).
    bool transient() const;

    /// Delivers true when it is loaded and all that came before was seen to; false when the
    /// account does not exist or could not be loaded.
    void wait_for_turn(Oneshot<bool>& turn);

    /// A stanza for this account or one of its resources has come. What comes while another
    /// waits is seen to after it; too many are answered resource-constraint. The `sender` finds
    /// its receipt on this shard.
    void receive(Stanza stanza, const SessionId& sender);

    /// Runs a task after all that came before, and before all that comes later.
    void run_in_turn(Task<void> task) { lane_.submit(std::move(task)); }

    /// Binds a new session. Requires that no resource has this full JID.
    Resource& bind(Jid full, Pipe& pipe);
    /// Called by the resource when it has ended; it is destroyed soon.
    void unbind(Resource& resource);

    const std::vector<std::unique_ptr<Resource>>& resources() const { return resources_; }

    Resource* resource(std::string_view name) const;

    /// True when nothing keeps it: no resource, nobody loading, no stanza waiting.
    bool idle() const;

    Clock::Time last_used() const { return last_used_; }

    /// The host's mark that it looks after a user who may soon be forgotten.
    bool resting() const { return resting_; }

    void resting(bool on) { resting_ = on; }

private:
    struct Arrival {
        Stanza stanza;
        SessionId sender;
        Receipts::Hold hold; ///< once it has to wait
    };

    /// A stanza that came, somebody who waits for this place in the queue, or work for it.
    using Item = std::variant<Arrival, std::unique_ptr<Oneshot<bool>::Sender>, Task<void>>;
    friend class Lane<User, Item>;

    std::optional<Task<void>> process(Item&& item);
    void lane_idle();
    void rest();
    Task<void> load_now();
    Task<Result<void>> fetch();
    std::optional<Task<void>> screen(Stanza stanza);
    static Task<void> settle_after(Task<void> work, Receipts::Hold hold);
    std::optional<Task<void>> pass(Stanza stanza);
    Task<void> pass_slowly(Stanza stanza);
    std::optional<Task<void>> dispatch(Stanza stanza);
    std::optional<Task<void>> dispatch_iq(Stanza stanza);
    Task<void> subscribe(Stanza stanza);
    Task<void> offer_undelivered(Stanza stanza);
    void refuse(const Stanza& stanza);

    Host& host_;
    Jid jid_;
    Slots slots_;
    std::vector<std::unique_ptr<Resource>> resources_;
    Clock::Time last_used_;
    bool loaded_ = false;
    bool missing_ = false;
    bool outdated_ = false;
    bool resting_ = false;
    Lane<User, Item> lane_;
};

} // namespace sarang
