// SPDX-License-Identifier: Apache-2.0
// What tests of the configuration share: a small server's options, and a file out of a text.
#pragma once

#include "core/option.h"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

inline std::shared_ptr<const Config> config_of(std::string_view text)
{
    auto config = Config::parse(text, "sarangd.toml");
    if (!config) {
        throw std::runtime_error{config.error().text};
    }
    return *config;
}

enum class Deliver { durable, at_once };

/// One option of each kind, some of a host and some of the server.
struct SampleOptions {
    SampleOptions(Schema& schema, std::shared_ptr<const Config> config, std::string host = {})
        : top{schema, config, ""}
        , c2s{schema, config, "c2s"}
        , offline{schema, config, "offline", host}
        , data{top.string("data", "/var/lib/sarang", "folder", Effect::restart)}
        , listen{c2s.list("listen", {"[::]:5222"}, "addresses", Effect::restart)}
        , idle{c2s.duration(
              "idle",
              std::chrono::minutes{5},
              {std::chrono::seconds{1}, std::chrono::hours{24}},
              "silence")}
        , tls{c2s.boolean("tls", true, "whether", Effect::new_connections)}
        , stanza{c2s.size("stanza", 512 * 1024, {1024, 1024 * 1024}, "largest")}
        , messages{offline.integer("max_messages", 100, {0, 100'000}, "messages kept")}
        , deliver{offline.choice<Deliver>(
              "deliver",
              Deliver::durable,
              {{"durable", Deliver::durable}, {"at_once", Deliver::at_once}},
              "when")}
    {}

    std::vector<OptionChange> apply(const std::shared_ptr<const Config>& config)
    {
        std::vector<OptionChange> changes;
        for (Options* options : {&top, &c2s, &offline}) {
            for (OptionChange& change : options->apply(config)) {
                changes.push_back(std::move(change));
            }
        }
        return changes;
    }

    Options top;
    Options c2s;
    Options offline;
    Option<std::string> data;
    Option<std::vector<std::string>> listen;
    Option<Milliseconds> idle;
    Option<bool> tls;
    Option<std::size_t> stanza;
    Option<std::int64_t> messages;
    Option<Deliver> deliver;
};

/// Declares what SampleOptions has, for a server and one host with a certificate.
inline void declare_sample(Schema& schema)
{
    const auto empty = config_of("");
    const SampleOptions sample{schema, empty, "example.org"};
    Options host{schema, empty, "host", "example.org"};
    const auto certificate = host.string("certificate", "", "file");
}

} // namespace sarang
