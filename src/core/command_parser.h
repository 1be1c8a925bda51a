// SPDX-License-Identifier: Apache-2.0
// CommandParser: turns the words after a command's name into the arguments of a call.
#pragma once

#include "base/result.h"
#include "core/command.h"
#include "core/command_spec.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class CommandParser {
public:
    /// `folder` is where relative paths begin.
    CommandParser(const CommandSpec& spec, std::string_view folder, CommandCall& call)
        : spec_{spec}
        , folder_{folder}
        , call_{call}
    {}

    /// Requires that none of `words` belongs to the command's name. The error says what is wrong
    /// and how it is used.
    Result<void> parse(const std::vector<std::string>& words);

private:
    Result<void> option(const std::vector<std::string>& words, std::size_t& at);
    Result<void> positional(const std::string& word);
    const Parameter* next_positional();
    Result<void> take(const Parameter& parameter, const std::string& word);
    Result<void> convert(const Parameter& parameter, CommandCall::Argument& argument) const;
    Result<void> complete() const;
    Failure usage(std::string what) const;

    const CommandSpec& spec_;
    std::string_view folder_;
    CommandCall& call_;
};

} // namespace sarang
