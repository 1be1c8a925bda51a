// SPDX-License-Identifier: Apache-2.0
// Ad-hoc commands of a room (XEP-0050): each use case has a table of its own, which adhoc.cpp
// names.
#pragma once

#include "base/task.h"
#include "core/data_form.h"
#include "core/iq.h"
#include "xml/element.h"
#include "xml/stanza.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "modules/muc/room.h"

namespace sarang::muc {

inline constexpr std::string_view commands_ns = "http://jabber.org/protocol/commands";

/// A command that somebody executes who may.
struct Execution {
    const Stanza& request;
    std::string node;
    std::string session;          ///< its identifier
    std::optional<DataForm> form; ///< as it was submitted; nothing: none was
};

struct AdHocCommand {
    std::string_view node;
    std::string_view name;
    bool (*may)(const Room& room, const Jid& who);
    /// All outlive the task. Its answer is one of those below.
    Task<IqAnswer> (*run)(Room& room, const Execution& execution);
};

/// Asks for what is missing.
IqAnswer ask(const Execution& execution, const Element& form);

/// That was all: what was asked for.
IqAnswer answer_with(const Execution& execution, const Element& result);

/// Tells that it is done. Others are told of it after that.
IqAnswer complete(Room& room, const Execution& execution);

/// bad-request for a form that does not say what it must (§4.4, bad-payload).
IqAnswer refuse_payload(Room& room, const Execution& execution, std::string_view text);

/// Service discovery of the node of all commands and of each command; nothing for other nodes.
std::optional<IqAnswer> command_info(const Room& room, const Jid& who, std::string_view node);

/// Those that somebody may execute (§2.2).
Element command_items(const Room& room, const Jid& who);

} // namespace sarang::muc
