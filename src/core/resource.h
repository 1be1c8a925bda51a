// SPDX-License-Identifier: Apache-2.0
// Resource: a bound client session, on its user's home shard. It knows its client only as a Pipe
// and outlives it: what was received before the pipe went is seen to, in order, before the
// resource ends.
#pragma once

#include "base/api.h"
#include "base/task.h"
#include "core/hibernation.h"
#include "core/lane.h"
#include "core/pipe.h"
#include "core/session_id.h"
#include "core/slot.h"
#include "xml/element.h"
#include "xml/stanza.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sarang {

class Host;
class ServerShard;
class User;

class SARANG_API Resource {
public:
    /// Without a pipe: one that comes back from before a restart.
    Resource(User& user, Jid jid, SessionId id, Pipe* pipe);
    ~Resource();
    Resource(const Resource&) = delete;
    Resource& operator=(const Resource&) = delete;

    User& user() { return user_; }

    /// The full JID.
    const Jid& jid() const { return jid_; }

    SessionId id() const { return id_; }

    template <class T>
    T& operator[](const Slot<Resource, T>& slot)
    {
        return slot.in(slots_);
    }

    template <class T>
    T* find(const Slot<Resource, T>& slot) const
    {
        return slot.find(slots_);
    }

    Slots& slots() { return slots_; }

    /// From the client: `stanza` bears the stamped sender and passes through the hooks in order.
    void receive(Stanza&& stanza);

    /// From the client: what is no stanza.
    void receive(Element&& element);
    /// From the client: a stanza that can go nowhere, and is answered at once.
    void refuse(const Stanza& stanza, const Error& error);

    /// What the client sends next may be what it sent before a crash, after this time.
    void may_repeat(Clock::Wall since);

    /// The same for as many messages.
    void may_repeat(Clock::Wall since, unsigned left);

    /// How many are left.
    unsigned repeats_left() const { return repeating_ ? repeating_->left : 0; }

    /// That time, if there is one.
    std::optional<Clock::Wall> repeats_since() const;

    /// The client has ended its stream. It gets the answers to what it sent before, then the pipe
    /// is closed.
    void stream_ended();

    /// The pipe is gone, without that.
    void pipe_gone();

    // How a session outlives its pipe (core/hibernation.h).

    /// What is written is kept from now on until it is acknowledged, and what comes is counted.
    Hibernation& keep_unacknowledged();

    /// What is for the client is kept only, and not written before release().
    void hold_back();
    void release();

    /// Nothing before that.
    Hibernation* hibernation() const { return hibernation_.get(); }

    /// The client is gone and may come back: the session is there for everybody else.
    bool hibernating() const { return hibernation_ && pipe_ == nullptr && !ending_; }

    /// The client may come back when it is gone.
    bool resumable() const
    {
        return hibernation_ && !ending_ && hibernation_->limit.count() > 0 &&
               !hibernation_->name().empty();
    }

    /// The client is away, and what it sent is routed.
    bool at_rest() const { return hibernating() && !lane_.busy(); }

    /// Without a pipe: waits for the client so long, but at most its full time.
    void sleep_until(Clock::Wall until);

    /// Waits without an end, since it will be saved. Requires hibernating().
    void stop_waiting();

    /// Does not end any more: it is saved as it is now. Requires hibernating().
    void freeze();

    /// Ends that, since it could not be saved.
    void thaw() { frozen_ = false; }

    bool frozen() const { return frozen_; }

    /// Takes the client's pipe away, as if it was lost; one that is lost has its full time again.
    void detach(const StreamError& error);
    /// The client has come back: it is written what it has not acknowledged. Requires
    /// hibernating().
    void attach(Pipe& pipe);

    /// How many of the client's stanzas are settled by now. Requires hibernation().
    std::uint32_t handled();
    /// Waits until all are that came. The session then, if it is still hibernating.
    static Task<Resource*> all_handled(ServerShard& server, SessionId session);

    /// Routes what the client sent. The client's later requests wait until it is settled, so that
    /// an answer acknowledges all that was sent before its request.
    void forward(Stanza&& stanza);

    /// One of the shards that were asked has settled all that this session sent there.
    void settled(std::uint8_t question);

    /// To the client, by way of the to_resource hooks. `delivery` where others get it too.
    void deliver(const Stanza& stanza, const Ref<Delivery>& delivery = {});

    /// To the client: the last step of that; for a module that held at to_resource what is written
    /// now.
    void write(const Stanza& stanza, const Ref<Delivery>& delivery = {});

    /// Ends the session with a stream error.
    void end(const StreamError& error);
    /// The same from the loop, not from within what runs now.
    void end_soon(StreamError error);

    /// Done when the session has ended and what it sent is seen to. Requires that it was told to.
    static Task<void> ended(Resource& resource);

    /// Nothing after pipe_gone(), until the client comes back.
    Pipe* pipe() const { return pipe_; }

    /// False once what is delivered would be lost: the client is gone for good, and what it sent
    /// last is still being seen to.
    bool reachable() const { return pipe_ != nullptr || hibernating(); }

    // Presence, as RFC 6121 §4 has a server keep it. Set by the presence module alone.

    /// The last available presence that the client broadcast; nothing while it is unavailable.
    const std::optional<Stanza>& presence() const { return presence_; }

    bool available() const { return presence_.has_value(); }

    /// Requires available().
    std::int8_t priority() const { return priority_; }

    void set_available(Stanza presence, std::int8_t priority);

    void set_unavailable() { presence_.reset(); }

private:
    struct Sent {
        explicit Sent(Stanza&& sent)
            : stanza{std::move(sent)}
        {}

        Stanza stanza;
        std::string stamp;  ///< for the copies of the user's own sessions
        bool known = false; ///< it was kept before, and they were given theirs
    };

    struct Repeating {
        Clock::Wall since;
        unsigned left; ///< messages
    };

    using Item = std::variant<Sent, std::monostate>; ///< or the end of the pipe
    friend class Lane<Resource, Item>;

    struct Settling {
        std::size_t shards; ///< that have not answered
        Oneshot<bool> done;
    };

    Step begin(Item& item);
    std::optional<Task<void>> finish(Item&& item, AppendOutcome outcome);
    bool begins_early(const Item& item) const;
    Settlements& settlements();
    void lane_idle();
    Task<void> begin_later(Item item);
    Task<void> finish_later(Sent sent, AppendTicket ticket);
    Task<void> dispatch_later(Sent sent);
    bool all_settled() const;
    Task<void> pass_settled(Sent sent);
    Task<void> settle();
    Step pass(Sent& sent);
    Step keep(Sent& sent);
    Task<void> keep_later(Sent sent);
    Task<bool> recall(Sent& sent);
    std::optional<Task<void>> dispatch(Sent&& sent);
    std::optional<Task<void>> dispatch_iq(Stanza&& stanza);
    Task<void> subscribe(Stanza stanza);
    void end_in_turn();
    void expire();
    static Task<void> end_later(ServerShard& server, SessionId session, StreamError error);
    static Task<void> receive_later(Host& host, SessionId session, Element element);
    bool hibernate();
    void write_queue();
    void wake();
    void tell_waiting();
    void time_out();
    bool look_for_settled(std::size_t inside);
    void count_settled();
    void ask_for_settled(std::uint32_t mark);
    void more_settled(std::uint32_t count);
    void redistribute();

    User& user_;
    Jid jid_;
    SessionId id_;
    Pipe* pipe_;
    Slots slots_;
    std::optional<Stanza> presence_;
    std::int8_t priority_ = 0;
    std::uint64_t sent_to_ = 0; ///< bit n: other shards whose number is n modulo 64
    Settling* settling_ = nullptr;
    bool clean_ = false;
    bool ending_ = false;
    bool frozen_ = false;
    bool paused_ = false;
    std::uint16_t put_off_ = 0;        ///< elements that wait for modules to be exchanged
    std::uint32_t behind_put_off_ = 0; ///< stanzas that came since, for InboundCount
    std::vector<std::unique_ptr<Oneshot<bool>::Sender>> waiting_for_end_;
    std::unique_ptr<Hibernation> hibernation_;
    std::unique_ptr<Repeating> repeating_;
    Lane<Resource, Item> lane_;
};

} // namespace sarang
