// SPDX-License-Identifier: Apache-2.0
// XEP-0198: Stream Management.
//
// Tells clients what of theirs is settled, asks them what of ours they have, and lets them come
// back to a session whose connection was lost. What it needs to know hangs on the sessions.
#pragma once

#include "core/module.h"
#include "net/timer.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "modules/sm/marks.h"

namespace sarang {

/// What is known of a user's sessions. Not the value that is kept: it would outlive a reload, with
/// what is not written yet.
struct Known {
    Marks marks;
    bool unread = false; ///< what is on the disk stays there
};

class StreamManagement final : public Module {
public:
    explicit StreamManagement(Host& host);

private:
    // From a client that has bound a resource.
    Verdict take(ElementArrival& arrival);
    void take_enable(ElementArrival& arrival);
    std::uint32_t time_for(Resource& resource, const Element& wish) const;
    Task<void> enable(SessionId session, std::uint32_t limit);
    Element acknowledge(Resource& resource);
    static std::optional<StreamError> acknowledged(Hibernation& state, const Element& element);

    // From one that has not.
    Task<Verdict> take_before_bind(LoginElement& event);
    Task<void> resume(LoginElement& event, std::uint32_t h);
    static Resource* find(User& user, const std::string& name);
    Task<void> not_found(LoginElement& event, std::string name);

    // What is known beyond a crash.
    Task<Verdict> load(const UserEvent& event);
    void take_over(User& user, std::string_view kept);
    void write_what_waits(User& user);
    Mark* mark_of(User& user, std::string_view name);
    Mark* mark_of(Resource& resource);
    void begin_mark(Resource& resource, std::string name);
    std::uint32_t tellable(Resource& resource);
    void tell(Resource& resource, std::uint32_t h);
    void write_soon(const User& user);
    void write_marks();
    Task<void> write_in_turn(Jid account);
    void write_again();
    void write_failed(const Jid& account, const Error& error);
    Task<bool> write(Jid account);
    void written_for(User& user, const Marks& marks);

    void written(const ResourceEvent& event);
    void settled(const ResourceEvent& event);
    void resumed(const ResourceEvent& event);
    void ended(const ResourceEvent& event);
    void ended_settled(const EndedSession& event);
    Verdict give_back(const Passage& passage);

    bool is_full(const StreamQueue& queue, bool is_there) const;
    void end(Resource& resource);
    static void ask(Resource& resource);
    void ask_the_quiet();
    void forget_the_quiet();

    Option<Milliseconds> resume_timeout_;
    Option<std::int64_t> max_queue_;
    Option<std::size_t> max_queue_size_;
    Option<std::int64_t> ask_after_;
    Option<std::size_t> ask_size_;
    Option<Milliseconds> ask_quiet_;
    Store<Marks> kept_;
    Slot<User, Known> known_;
    std::set<Jid> unwritten_; ///< whose marks are not on the disk
    Timer writing_{Timer::calls<&StreamManagement::write_marks>(*this)};
    unsigned in_flight_ = 0;
    std::set<Jid> failed_; ///< the same, and an attempt has failed
    bool failing_ = false; ///< it was told of
    Timer failures_{Timer::calls<&StreamManagement::write_again>(*this)};
    std::vector<SessionId> quiet_; ///< sessions that are noted, to be asked later
    Timer asking_{Timer::calls<&StreamManagement::ask_the_quiet>(*this)};
};

} // namespace sarang
