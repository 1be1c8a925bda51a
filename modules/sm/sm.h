// SPDX-License-Identifier: Apache-2.0
// XEP-0198: Stream Management.
//
// Tells clients what of theirs is settled, asks them what of ours they have, and lets them come
// back to a session whose connection was lost. What it needs to know hangs on the sessions.
#pragma once

#include "core/module.h"
#include "net/timer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sarang {

/// A session that has ended: all that its client sent was settled, `h` stanzas.
struct Former {
    std::string name;
    std::uint32_t h;
};

class StreamManagement final : public Module {
public:
    explicit StreamManagement(Host& host);

private:
    // From a client that has bound a resource.
    Verdict take(ElementArrival& arrival);
    void take_enable(ElementArrival& arrival);
    Element enable(Resource& resource, const Element& wish);
    Element acknowledge(Resource& resource);
    static std::optional<StreamError> acknowledged(Hibernation& state, const Element& element);

    // From one that has not.
    Task<Verdict> take_before_bind(LoginElement& event);
    Task<void> resume(LoginElement& event, std::uint32_t h);
    static Resource* find(User& user, const std::string& name);
    Element not_found(User& user, const std::string& name);

    void written(const ResourceEvent& event);
    void settled(const ResourceEvent& event);
    void resumed(const ResourceEvent& event);
    void ended(const ResourceEvent& event);
    Verdict give_back(const Passage& passage);

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
    Slot<User, std::vector<Former>> former_;
    std::vector<SessionId> quiet_; ///< sessions that are noted, to be asked later
    Timer asking_{Timer::calls<&StreamManagement::ask_the_quiet>(*this)};
};

} // namespace sarang
