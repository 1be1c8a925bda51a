// SPDX-License-Identifier: Apache-2.0
#include "core/farewells.h"

#include "core/host.h"
#include "core/message.h"
#include "core/resource.h"
#include "core/router.h"

#include <algorithm>
#include <utility>

namespace sarang {

void Farewells::add(Resource& resource)
{
    const Hibernation& state = *resource.hibernation();
    const SessionId id = resource.id();
    const unsigned shards = router_.placement().shards();
    Farewell farewell{User::Pin{resource.user()}, std::string{state.name()}};
    farewell.sent = state.inbound.received();
    farewell.shards = shards;
    all_.emplace(id, std::move(farewell));
    for (unsigned shard = 0; shard < shards; ++shard) {
        router_.send(shard, AwaitSettled{id, farewell_question});
    }
}

Farewells::Farewell* Farewells::find(std::string_view name)
{
    const auto found = std::ranges::find_if(
        all_, [name](const auto& farewell) { return farewell.second.name == name; });
    return found != all_.end() ? &found->second : nullptr;
}

Task<void> Farewells::settled(std::string name)
{
    if (Farewell* const farewell = find(name)) {
        Oneshot<bool> over;
        farewell->waiting.push_back(std::make_unique<Oneshot<bool>::Sender>(over));
        co_await over;
    }
}

void Farewells::answered(const SessionId& session)
{
    const auto found = all_.find(session);
    if (found == all_.end() || --found->second.shards > 0) {
        return;
    }
    const Farewell over = std::move(found->second);
    all_.erase(found);
    Host& host = over.user->host();
    EndedSession event{*over.user, over.name, over.sent};
    host.hooks().ended_settled.run(event, host.fault());
    for (const auto& waiting : over.waiting) {
        waiting->deliver(true);
    }
}

void Farewells::clear()
{
    for (const auto& [session, farewell] : std::exchange(all_, {})) {
        for (const auto& waiting : farewell.waiting) {
            waiting->deliver(true);
        }
    }
}

} // namespace sarang
