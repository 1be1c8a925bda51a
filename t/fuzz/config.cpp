// SPDX-License-Identifier: Apache-2.0
// Reads a configuration and checks it against options of every kind, of the server and of a host.

#include "core/config.h"

#include "core/option.h"
#include "core/schema.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace {

using namespace sarang;

enum class Level { low, high };

// Declares options and reads them, as a part of the server does.
void declare(Schema& schema, const std::shared_ptr<const Config>& config, const std::string& host)
{
    Options top{schema, config, ""};
    Options part{schema, config, "part"};
    Options inner{schema, config, "part.inner"};
    Options module{schema, config, "module", host};
    Options own{schema, config, "host", host};
    const auto data = top.string("data", "x", "");
    const auto flag = part.boolean("flag", true, "");
    const auto list = part.list("list", {}, "");
    const auto time = inner.duration("time", std::chrono::seconds{1}, {}, "");
    const auto size = module.size("size", 10, {1, 1000}, "");
    const auto number = module.integer("number", 1, {-5, 5}, "");
    const auto level =
        module.choice<Level>("level", Level::low, {{"low", Level::low}, {"high", Level::high}}, "");
    const auto certificate = own.string("certificate", "", "");
    module.apply(config);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(bytes), size};
    const auto config = Config::parse(text, "sarangd.toml");
    if (!config) {
        return 0;
    }
    Schema schema;
    declare(schema, *config, "example.org");
    for (const ConfigHost& host : (*config)->hosts()) {
        declare(schema, *config, host.name);
    }
    for (const ConfigError& error : schema.check(**config)) {
        static_cast<void>(error.str());
    }
    return 0;
}
