// SPDX-License-Identifier: Apache-2.0
// RoomCommands: `sarangctl room …`, for the rooms of one host. On shard 0; what a room is to do is
// sent to its shard as an order (orders.h).
#pragma once

#include "core/command.h"
#include "core/service/rooms.h"

#include <string>
#include <vector>

namespace sarang::muc {

class Muc;

class RoomCommands {
public:
    RoomCommands(Muc& muc, CommandRegistry& registry);

    /// No call begins any more; those that run hold the module.
    void take_back() { registered_.clear(); }

private:
    using Deed = Task<Result<Json>> (RoomCommands::*)(CommandCall&);

    Task<Result<Json>> list(CommandCall& call);
    Task<Result<Json>> show(CommandCall& call);
    Task<Result<Json>> create(CommandCall& call);
    Task<Result<Json>> destroy(CommandCall& call);
    Task<Result<Json>> affiliation(CommandCall& call);
    Task<Result<Json>> config(CommandCall& call);
    Task<Result<Json>> say(CommandCall& call);

    void enter(CommandRegistry& registry, CommandSpec spec, Deed deed);
    void enter_settings(CommandRegistry& registry);
    Task<Result<Json>> inside(CommandCall& call, Deed deed);
    Task<Result<Json>> order(Jid room, Json words);
    Task<Result<Json>> rows(CommandCall& call, Jid room, Json words);
    Task<std::vector<RoomInMemory>> in_memory();

    Muc& muc_;
    std::vector<Registration> registered_;
};

} // namespace sarang::muc
