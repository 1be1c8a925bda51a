// SPDX-License-Identifier: Apache-2.0
// The one place that knows TOML: makes the flat list of a Config of a parsed file.

#include "core/config.h"
#include "core/nearest.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <toml++/toml.h>
#include <utility>

namespace sarang {

class Config::Reader {
public:
    explicit Reader(Config& config)
        : config_{config}
    {}

    void read(const toml::table& root)
    {
        for (const auto& [key, node] : root) {
            const toml::table* table = node.as_table();
            if (table != nullptr && key.str() == "host") {
                read_hosts(*table);
            } else {
                read_node({}, {}, key, node);
            }
        }
        settle();
    }

private:
    static std::uint32_t line(const toml::key& key) { return key.source().begin.line; }

    void read_hosts(const toml::table& hosts)
    {
        for (const auto& [name, node] : hosts) {
            if (const toml::table* table = node.as_table()) {
                config_.hosts_.push_back({std::string{name.str()}, line(name)});
                read_host(std::string{name.str()}, line(name), *table);
            } else {
                add({{}, "host", std::string{name.str()}}, line(name), node);
            }
        }
    }

    void read_host(const std::string& host, std::uint32_t at, const toml::table& table)
    {
        config_.tables_.push_back({host, "host", at});
        for (const auto& [key, node] : table) {
            if (node.is_table() && key.str() == "host") {
                // No section may be taken for the host's own one.
                read_table(host, "host.host", line(key), *node.as_table());
            } else if (node.is_table()) {
                read_node(host, {}, key, node);
            } else {
                add({host, "host", std::string{key.str()}}, line(key), node);
            }
        }
    }

    // The parser bounds the depth of what it accepts, and so this recursion.
    void read_table(
        const std::string& host,
        const std::string& section,
        std::uint32_t at,
        const toml::table& table)
    {
        config_.tables_.push_back({host, section, at});
        for (const auto& [key, node] : table) {
            read_node(host, section, key, node);
        }
    }

    void read_node(
        const std::string& host,
        const std::string& section,
        const toml::key& key,
        const toml::node& node)
    {
        const toml::table* table = node.as_table();
        if (table == nullptr) {
            add({host, section, std::string{key.str()}}, line(key), node);
            return;
        }
        const std::string inner =
            section.empty() ? std::string{key.str()} : fmt::format("{}.{}", section, key.str());
        read_table(host, inner, line(key), *table);
    }

    void add(ConfigKey key, std::uint32_t at, const toml::node& node)
    {
        config_.entries_.push_back({std::move(key), {content(node), at}});
    }

    static ConfigValue::Content content(const toml::node& node)
    {
        if (const auto* boolean = node.as_boolean()) {
            return boolean->get();
        }
        if (const auto* integer = node.as_integer()) {
            return integer->get();
        }
        if (const auto* string = node.as_string()) {
            return string->get();
        }
        if (const auto* array = node.as_array()) {
            return list(*array);
        }
        return ConfigValue::Other{node.is_floating_point() ? "a fraction" : "a date or a time"};
    }

    static ConfigValue::Content list(const toml::array& array)
    {
        std::vector<std::string> strings;
        for (const toml::node& element : array) {
            const auto* string = element.as_string();
            if (string == nullptr) {
                return ConfigValue::Other{"a list with more in it than strings"};
            }
            strings.push_back(string->get());
        }
        return strings;
    }

    void settle()
    {
        const auto by_line = [](const auto& a, const auto& b) { return a.line < b.line; };
        std::stable_sort(config_.hosts_.begin(), config_.hosts_.end(), by_line);
        std::stable_sort(config_.tables_.begin(), config_.tables_.end(), by_line);
        std::stable_sort(
            config_.entries_.begin(),
            config_.entries_.end(),
            [](const ConfigEntry& a, const ConfigEntry& b) { return a.key < b.key; });
    }

    Config& config_;
};

Result<std::shared_ptr<const Config>> Config::load(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    std::string text;
    std::array<char, 4096> piece;
    while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (!file.is_open() || file.bad()) {
        return fail(Condition::item_not_found, fmt::format("{}: {}", path, std::strerror(errno)));
    }
    return parse(text, path);
}

Result<std::shared_ptr<const Config>> Config::parse(std::string_view text, std::string path)
{
    std::shared_ptr<Config> config{new Config};
    config->path_ = std::move(path);
    try {
        const toml::table root = toml::parse(text);
        Reader{*config}.read(root);
    } catch (const toml::parse_error& error) {
        const ConfigError place =
            config->error(error.source().begin.line, std::string{error.description()});
        return fail(Condition::bad_request, place.str());
    }
    return std::shared_ptr<const Config>{std::move(config)};
}

} // namespace sarang
