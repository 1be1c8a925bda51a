// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/commands.h"

#include "core/server.h"
#include "core/server_shard.h"
#include "net/call.h"

#include <utility>

#include "modules/muc/muc.h"

namespace sarang::muc {
namespace {

using Kind = Parameter::Kind;

constexpr const char* address = "its address, as in garden@rooms.example.org";

// "garden@rooms.example.org was made"
CommandSpec::Text says(std::string deed)
{
    return [deed = std::move(deed)](const Json& result) {
        return result.is_null() ? std::string{} : *result.find("room")->string() + deed + '\n';
    };
}

Json words_of(std::string_view deed)
{
    Json words;
    words.set("do", deed);
    return words;
}

void add_text(Json& words, const CommandCall& call, const char* name)
{
    if (call.has(name)) {
        words.set(name, call.text(name));
    }
}

void add_jid(Json& words, const CommandCall& call, const char* name)
{
    if (call.has(name)) {
        words.set(name, call.jid(name).str());
    }
}

Task<Result<Json>> nowhere()
{
    co_return fail(Condition::service_unavailable, "The module is about to go");
}

} // namespace

RoomCommands::RoomCommands(Muc& muc, CommandRegistry& registry)
    : muc_{muc}
{
    enter(
        registry,
        CommandSpec{"room list", "Lists the rooms.", Permission::read}
            .optional(Kind::host, "host", "of this host")
            .details("Those that are persistent come first, in the order of their making."),
        &RoomCommands::list);
    enter(
        registry,
        CommandSpec{"room show", "Tells how a room is.", Permission::read}.required(
            Kind::jid, "room", address),
        &RoomCommands::show);
    enter(
        registry,
        CommandSpec{"room create", "Makes a room, which is persistent.", Permission::write}
            .required(Kind::jid, "room", address)
            .required(Kind::jid, "owner", "who may configure it")
            .option(Kind::string, "name", "what it is called")
            .shown(says(" was made")),
        &RoomCommands::create);
    enter(
        registry,
        CommandSpec{"room destroy", "Ends a room: all leave it.", Permission::write}
            .required(Kind::jid, "room", address)
            .option(Kind::string, "reason", "told to those who are there")
            .option(Kind::jid, "venue", "the room where they may go")
            .details("What was said there is removed as well.")
            .shown(says(" is no more")),
        &RoomCommands::destroy);
    enter_settings(registry);
}

void RoomCommands::enter_settings(CommandRegistry& registry)
{
    enter(
        registry,
        CommandSpec{
            "room affiliation", "Tells who belongs to a room, or says so.", Permission::write}
            .required(Kind::jid, "room", address)
            .optional(Kind::jid, "jid", "of this account")
            .optional(Kind::string, "affiliation", "owner, admin, member, none or outcast")
            .option(Kind::string, "reason", "told to those who are there")
            .details("Without an affiliation, what is the case is shown."),
        &RoomCommands::affiliation);
    enter(
        registry,
        CommandSpec{
            "room config", "Shows how a room is configured, or changes it.", Permission::write}
            .required(Kind::jid, "room", address)
            .rest("setting", "NAME=VALUE, a name as it is shown; again for another value")
            .shown(says(" was configured")),
        &RoomCommands::config);
    enter(
        registry,
        CommandSpec{"room say", "Says something to all who are in a room.", Permission::write}
            .required(Kind::jid, "room", address)
            .required(Kind::string, "text", "what the room says")
            .shown(says(" has said so")),
        &RoomCommands::say);
}

void RoomCommands::enter(CommandRegistry& registry, CommandSpec spec, Deed deed)
{
    const auto run = [this, deed](CommandCall& call) { return inside(call, deed); };
    registered_.push_back(registry.add(std::move(spec), run, std::string{muc_.host().domain()}));
}

Task<Result<Json>> RoomCommands::inside(CommandCall& call, Deed deed)
{
    const auto hold = muc_.enter();
    if (!hold) {
        co_return fail(Condition::service_unavailable, "The module is about to go");
    }
    Task<Result<Json>> running = (this->*deed)(call);
    co_return co_await running;
}

Task<Result<Json>> RoomCommands::order(Jid room, Json words)
{
    if (room.local().empty() || !room.is_bare()) {
        co_return fail(Condition::jid_malformed, std::string{room.str()} + " is no room's address");
    }
    Server& server = muc_.host().server().server();
    ServerShard& there = server.shard(server.placement().shard_of(room.str()));
    const auto visit = [&there, room, words = std::move(words)] {
        Host* const host = there.router().host(room.domain());
        RoomsService* const rooms = host != nullptr ? host->service<RoomsService>() : nullptr;
        return rooms != nullptr ? rooms->carry_out(room, words) : nowhere();
    };
    Task<Result<Json>> visiting = sarang::on(there.shard(), visit);
    co_return co_await visiting;
}

Task<Result<Json>> RoomCommands::rows(CommandCall& call, Jid room, Json words)
{
    const Json all = co_await ok(order(std::move(room), std::move(words)));
    if (all.elements() == nullptr) {
        co_return fail(Condition::feature_not_implemented, "Another module has answered");
    }
    for (const Json& row : *all.elements()) {
        co_await ok(call.caller().send(row));
    }
    co_return Json{};
}

Task<Result<Json>> RoomCommands::show(CommandCall& call)
{
    return order(call.jid("room"), words_of("show"));
}

Task<Result<Json>> RoomCommands::create(CommandCall& call)
{
    Json words = words_of("create");
    add_jid(words, call, "owner");
    add_text(words, call, "name");
    return order(call.jid("room"), std::move(words));
}

Task<Result<Json>> RoomCommands::destroy(CommandCall& call)
{
    Json words = words_of("destroy");
    add_text(words, call, "reason");
    add_jid(words, call, "venue");
    return order(call.jid("room"), std::move(words));
}

Task<Result<Json>> RoomCommands::affiliation(CommandCall& call)
{
    const bool changes = call.has("affiliation");
    Json words = words_of(changes ? "affiliate" : "affiliations");
    add_jid(words, call, "jid");
    add_text(words, call, "affiliation");
    add_text(words, call, "reason");
    return changes ? order(call.jid("room"), std::move(words))
                   : rows(call, call.jid("room"), std::move(words));
}

Task<Result<Json>> RoomCommands::config(CommandCall& call)
{
    const std::vector<std::string> settings = call.list("setting");
    if (settings.empty()) {
        return rows(call, call.jid("room"), words_of("show config"));
    }
    Json words = words_of("set config");
    Json all = Json::array();
    for (const std::string& setting : settings) {
        all.add(setting);
    }
    words.set("settings", std::move(all));
    return order(call.jid("room"), std::move(words));
}

Task<Result<Json>> RoomCommands::say(CommandCall& call)
{
    Json words = words_of("say");
    add_text(words, call, "text");
    return order(call.jid("room"), std::move(words));
}

} // namespace sarang::muc
