// SPDX-License-Identifier: Apache-2.0
// The commands on the configuration: `config check`, `show`, `reload`. On shard 0.
#pragma once

#include "base/api.h"
#include "base/task.h"
#include "core/command.h"
#include "core/config.h"
#include "core/option.h"
#include "core/registration.h"
#include "core/schema.h"

#include <memory>
#include <string>
#include <vector>

namespace sarang {

/// Who has the configuration: the server.
class SARANG_API ConfigOwner {
public:
    virtual ~ConfigOwner() = default;

    virtual const Schema& schema() const = 0;
    /// The one that was taken over last.
    virtual std::shared_ptr<const Config> config() const = 0;
    /// The one that it began with, which still counts for what only a restart changes.
    virtual std::shared_ptr<const Config> first_config() const = 0;
    /// All that is wrong with one.
    virtual std::vector<ConfigError> check(const Config& config) const = 0;
    /// Reads the file anew and has each shard take it over; all changes, each told once. Fails
    /// with all that is wrong with it, and then nothing has changed.
    virtual Task<Result<std::vector<OptionChange>>> reload_config() = 0;
};

/// A line for each.
SARANG_API std::string lines_of(const std::vector<ConfigError>& errors);

class SARANG_API ConfigCommands {
public:
    ConfigCommands(CommandRegistry& registry, ConfigOwner& owner);

private:
    Task<Result<Json>> check(CommandCall& call);
    Task<Result<Json>> show(CommandCall& call);
    Task<Result<Json>> reload(CommandCall& call);

    Json described(const OptionSpec& spec, const std::string& host) const;

    ConfigOwner& owner_;
    std::vector<Registration> registered_;
};

} // namespace sarang
