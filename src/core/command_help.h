// SPDX-License-Identifier: Apache-2.0
// What `help` says, made of the specs of the commands.
#pragma once

#include "core/command_spec.h"
#include "core/json.h"

#include <string>
#include <vector>

namespace sarang {

using CommandSpecs = std::vector<const CommandSpec*>;

/// All commands, with what they do.
Json help_list(const CommandSpecs& specs);
/// Those that begin with these words; an empty array when none does.
Json help_group(const std::vector<std::string>& words, const CommandSpecs& specs);
/// One command with all it takes.
Json help_of(const CommandSpec& spec);
/// A line for each command: its words, then its options and the kinds of its arguments, with tabs
/// between.
Json help_completion(const CommandSpecs& specs);
/// Any of these for people.
std::string help_text(const Json& result);
/// What to say of words that are no command.
std::string unknown_command(const std::vector<std::string>& words, const CommandSpecs& specs);

} // namespace sarang
