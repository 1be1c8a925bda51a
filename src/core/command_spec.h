// SPDX-License-Identifier: Apache-2.0
// CommandSpec: what a command is called and takes, from which its parsing, its help and the
// completion of a shell are made.
#pragma once

#include "base/api.h"
#include "core/json.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

/// What a caller must be allowed to do: read looks, write changes what is kept, operate changes
/// how the server runs.
enum class Permission : std::uint8_t { read, write, operate };

struct Parameter {
    /// A path is one of the daemon's machine and made absolute; an input is a file that the
    /// caller reads.
    enum class Kind : std::uint8_t { string, jid, host, integer, path, input, flag };
    /// An option is written --name VALUE, a flag --name, all else by its place.
    enum class Place : std::uint8_t { required, optional, rest, option };

    Kind kind = Kind::string;
    Place place = Place::required;
    std::string name;
    std::string description;
};

/// `CommandSpec{"user add", "Makes an account.", Permission::write}
///      .required(Parameter::Kind::jid, "jid", "the account's address")`
struct SARANG_API CommandSpec {
    /// Makes a text of a result, where the usual one will not do.
    using Text = std::function<std::string(const Json&)>;

    CommandSpec(std::string words, std::string description, Permission permission);

    CommandSpec& required(Parameter::Kind kind, std::string name, std::string description);
    /// After all required ones.
    CommandSpec& optional(Parameter::Kind kind, std::string name, std::string description);
    /// The last one: any number of strings.
    CommandSpec& rest(std::string name, std::string description);
    CommandSpec& option(Parameter::Kind kind, std::string name, std::string description);
    CommandSpec& flag(std::string name, std::string description);
    /// Has the password asked for, with this prompt; a fresh one is one that is being set.
    CommandSpec& password(std::string prompt, bool fresh);
    CommandSpec& shown(Text text);
    /// More lines for `help COMMAND`.
    CommandSpec& details(std::string text);

    const Parameter* find(std::string_view name) const;
    /// On one line: "user add [--force] JID".
    std::string usage() const;
    /// All that help has to say.
    std::string help() const;

    std::string words;
    std::string description;
    Permission permission;
    std::vector<Parameter> parameters;
    std::string prompt; ///< empty: no password is wanted
    bool fresh_password = false;
    std::string more;
    Text text;

private:
    CommandSpec& add(Parameter parameter);
};

} // namespace sarang
