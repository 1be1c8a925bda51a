// SPDX-License-Identifier: Apache-2.0
// Config: what a sarangd.toml says, as a flat list of values with their lines. Immutable, hence
// shared by all shards; a reload makes a new one. What the keys mean is the Schema's affair.
#pragma once

#include "base/api.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sarang {

/// What stands after a key. What no option can be (a float, a date, a mixed array) is kept as
/// the name of its kind, for the error message.
struct SARANG_API ConfigValue {
    struct Other {
        std::string kind;

        bool operator==(const Other&) const = default;
    };

    using Content = std::variant<bool, std::int64_t, std::string, std::vector<std::string>, Other>;

    Content content;
    std::uint32_t line = 0;

    /// With its article, as in "an integer".
    std::string_view kind() const;
};

/// A key with its place: `[host."example.org".offline] max_messages` has all three parts; a key of
/// `[host."example.org"]` itself has the section "host"; one at the top of the file has none.
struct SARANG_API ConfigKey {
    std::string host;
    std::string section;
    std::string key;

    auto operator<=>(const ConfigKey&) const = default;

    /// As it is told to people: `offline.max_messages`, `host."example.org".offline.max_messages`;
    /// without a key, the table.
    std::string str() const;
};

struct ConfigEntry {
    ConfigKey key;
    ConfigValue value;
};

/// A table's heading, also when nothing stands below it. The same words as in ConfigKey.
struct SARANG_API ConfigTable {
    std::string host;
    std::string section;
    std::uint32_t line = 0;

    /// With its brackets.
    std::string str() const;
};

struct ConfigHost {
    std::string name; ///< as it is written in the file
    std::uint32_t line = 0;
};

/// Something wrong at a place in a file.
struct SARANG_API ConfigError {
    std::string path;
    std::uint32_t line = 0;
    std::string text;

    /// "sarangd.toml:14: …"
    std::string str() const;
};

class SARANG_API Config {
public:
    /// Reads the file, blocking: for the start and for a reload. What stops a parser comes back
    /// as an error whose text begins with file:line.
    static Result<std::shared_ptr<const Config>> load(const std::string& path);
    /// Takes the text of a file; `path` is for messages.
    static Result<std::shared_ptr<const Config>> parse(std::string_view text, std::string path);

    /// The file that this came from.
    const std::string& path() const { return path_; }

    /// In the order of the file.
    const std::vector<ConfigHost>& hosts() const { return hosts_; }

    const std::vector<ConfigTable>& tables() const { return tables_; }

    /// Sorted by key.
    const std::vector<ConfigEntry>& entries() const { return entries_; }

    /// The value of exactly this key, without falling back from a host's table to the server's.
    const ConfigValue* find(const ConfigKey& key) const;
    /// The value that counts for a host (none: for the server): its own, else the server's.
    const ConfigEntry* effective(const ConfigKey& key) const;

    /// A path in the file: a relative one begins at the file's own folder.
    std::string resolve(std::string_view path) const;

    /// An error at a line of this file.
    ConfigError error(std::uint32_t line, std::string text) const;

private:
    class Reader;

    Config() = default;

    const ConfigEntry* entry(const ConfigKey& key) const;

    std::string path_;
    std::vector<ConfigHost> hosts_;
    std::vector<ConfigTable> tables_;
    std::vector<ConfigEntry> entries_;
};

} // namespace sarang
