// SPDX-License-Identifier: Apache-2.0
// User's sessions: how they come and go.
#include "core/host.h"
#include "core/server_shard.h"
#include "core/user.h"

#include <algorithm>
#include <utility>

namespace sarang {

Resource& User::add(Jid full, Pipe* pipe)
{
    const SessionId id = host_.server().next_session();
    resources_.push_back(std::make_unique<Resource>(*this, std::move(full), id, pipe));
    host_.server().add(*resources_.back());
    return *resources_.back();
}

Resource& User::bring_back(Jid full)
{
    return add(std::move(full), nullptr);
}

Resource& User::bind(Jid full, Pipe& pipe)
{
    Resource& resource = add(std::move(full), &pipe);
    ResourceEvent event{*this, resource};
    host_.hooks().resource_bound.run(event, host_.fault());
    return resource;
}

void User::unbind(Resource& resource)
{
    ResourceEvent event{*this, resource};
    host_.hooks().resource_ended.run(event, host_.fault());
    host_.server().remove(resource);
    const auto at = std::find_if(resources_.begin(), resources_.end(), [&](const auto& one) {
        return one.get() == &resource;
    });
    std::unique_ptr<Resource> ended = std::move(*at);
    resources_.erase(at);
    last_used_ = host_.clock().now();
    host_.bury(std::move(ended));
    rest();
}

Resource* User::resource(std::string_view name) const
{
    for (const auto& resource : resources_) {
        if (resource->jid().resource() == name) {
            return resource.get();
        }
    }
    return nullptr;
}

} // namespace sarang
