// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/whispers.h"

#include "base/id.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "modules/muc/muc.h"

namespace sarang::muc {
namespace {

constexpr std::size_t most_remembered = 256;
constexpr std::size_t longest_id = 256; // a longer one is not worth its place

// Condition and type alone: texts and addresses in it are of the other's server.
Error error_in(const Stanza& stanza)
{
    Error error{Condition::undefined_condition, {}, {}, {}};
    const std::optional<Element> came = stanza.element(ns::client, "error");
    if (!came) {
        return error;
    }
    for (const Element* const child : came->children()) {
        const std::optional<Condition> condition = condition_named(child->name());
        if (child->ns() == ns::stanzas && condition) {
            error.condition = *condition;
        }
    }
    for (const ErrorType type :
         {ErrorType::auth,
          ErrorType::cancel,
          ErrorType::continue_,
          ErrorType::modify,
          ErrorType::wait}) {
        if (name(type) == came->attribute("type")) {
            error.type = type;
        }
    }
    return error;
}

} // namespace

void note_whisper(Room& room, const Stanza& came, const Occupant& listener, Stanza& whispered)
{
    if (whispered.id.size() > longest_id) {
        return;
    }
    if (whispered.id.empty()) {
        whispered.id = random_id();
    }
    room.whispers.push_back(
        {whispered.id, came.from, came.id, whispered.from, listener.address, listener.account});
    if (room.whispers.size() > most_remembered) {
        room.whispers.pop_front();
    }
}

bool return_whisper(Room& room, const Stanza& error)
{
    const auto found = std::ranges::find_if(room.whispers, [&error](const Whisper& one) {
        return one.token == error.id && one.sender == error.to && error.from.same_bare(one.account);
    });
    if (found == room.whispers.end()) {
        return false;
    }
    const Whisper whisper = std::move(*found);
    room.whispers.erase(found);
    if (room.occupants.by_session(whisper.session) != nullptr) {
        Stanza told;
        told.type = Type::error;
        told.from = whisper.listener;
        told.to = whisper.session;
        told.id = whisper.id;
        told.payload = Payload::make(error_element(error_in(error)));
        room.router().route(std::move(told));
    }
    return true;
}

} // namespace sarang::muc
