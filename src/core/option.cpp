// SPDX-License-Identifier: Apache-2.0
#include "core/option.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

namespace sarang {

std::string OptionChange::str() const
{
    static constexpr std::array<std::string_view, 3> outcomes{
        "took effect", "counts for new connections", "waits for a restart"};
    return fmt::format(
        "{}: {} -> {}, {}",
        key.str(),
        before.empty() ? "\"\"" : before,
        after.empty() ? "\"\"" : after,
        outcomes[static_cast<std::size_t>(effect)]);
}

OptionBase::OptionBase(Options& options, std::shared_ptr<const OptionSpec> spec)
    : options_{&options}
    , spec_{std::move(spec)}
    , current_{spec_->effective(options.config(), options.host())}
{
    options.declared_.push_back(this);
}

OptionBase::~OptionBase()
{
    if (options_ != nullptr) {
        std::erase(options_->declared_, this);
    }
}

Options::Options(
    Schema& schema, std::shared_ptr<const Config> config, std::string section, std::string host)
    : schema_{schema}
    , config_{std::move(config)}
    , section_{std::move(section)}
    , host_{std::move(host)}
{}

Options::~Options()
{
    for (OptionBase* option : declared_) {
        option->options_ = nullptr;
    }
}

OptionSpec Options::describe(std::string key, std::string description, Effect effect) const
{
    OptionSpec spec;
    spec.section = section_;
    spec.key = std::move(key);
    spec.description = std::move(description);
    spec.effect = effect;
    spec.per_host = !host_.empty();
    return spec;
}

std::shared_ptr<const OptionSpec> Options::declare(OptionSpec spec)
{
    return schema_.declare(std::move(spec));
}

Option<bool>
Options::boolean(std::string key, bool standard, std::string description, Effect effect)
{
    OptionSpec spec = describe(std::move(key), std::move(description), effect);
    spec.kind = OptionKind::boolean;
    spec.standard = standard;
    return Option<bool>{*this, declare(std::move(spec))};
}

Option<std::int64_t> Options::integer(
    std::string key,
    std::int64_t standard,
    Bounds<std::int64_t> bounds,
    std::string description,
    Effect effect)
{
    OptionSpec spec = describe(std::move(key), std::move(description), effect);
    spec.kind = OptionKind::integer;
    spec.standard = standard;
    spec.least = bounds.least;
    spec.most = bounds.most;
    return Option<std::int64_t>{*this, declare(std::move(spec))};
}

Option<Milliseconds> Options::duration(
    std::string key,
    Milliseconds standard,
    Bounds<Milliseconds> bounds,
    std::string description,
    Effect effect)
{
    OptionSpec spec = describe(std::move(key), std::move(description), effect);
    spec.kind = OptionKind::duration;
    spec.standard = std::int64_t{standard.count()};
    spec.least = bounds.least.count();
    spec.most = bounds.most.count();
    return Option<Milliseconds>{*this, declare(std::move(spec))};
}

Option<std::size_t> Options::size(
    std::string key,
    std::size_t standard,
    Bounds<std::size_t> bounds,
    std::string description,
    Effect effect)
{
    constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
    OptionSpec spec = describe(std::move(key), std::move(description), effect);
    spec.kind = OptionKind::size;
    spec.standard = static_cast<std::int64_t>(std::min(standard, most));
    spec.least = static_cast<std::int64_t>(std::min(bounds.least, most));
    spec.most = static_cast<std::int64_t>(std::min(bounds.most, most));
    return Option<std::size_t>{*this, declare(std::move(spec))};
}

Option<std::string>
Options::string(std::string key, std::string standard, std::string description, Effect effect)
{
    OptionSpec spec = describe(std::move(key), std::move(description), effect);
    spec.kind = OptionKind::string;
    spec.standard = std::move(standard);
    return Option<std::string>{*this, declare(std::move(spec))};
}

Option<std::vector<std::string>> Options::list(
    std::string key, std::vector<std::string> standard, std::string description, Effect effect)
{
    OptionSpec spec = describe(std::move(key), std::move(description), effect);
    spec.kind = OptionKind::list;
    spec.standard = std::move(standard);
    return Option<std::vector<std::string>>{*this, declare(std::move(spec))};
}

std::vector<OptionChange> Options::apply(std::shared_ptr<const Config> config)
{
    config_ = std::move(config);
    std::vector<OptionChange> changes;
    // What is told of its change may declare no options, but it may end some.
    const std::vector<OptionBase*> all = declared_;
    for (OptionBase* option : all) {
        if (std::find(declared_.begin(), declared_.end(), option) == declared_.end()) {
            continue;
        }
        const OptionSpec& spec = option->spec();
        OptionValue value = spec.effective(*config_, host_);
        if (value == option->current_) {
            continue;
        }
        changes.push_back(
            {{host_, section_, spec.key},
             spec.text(option->current_),
             spec.text(value),
             spec.effect});
        if (spec.effect != Effect::restart) {
            option->current_ = std::move(value);
            option->assign();
        }
    }
    return changes;
}

} // namespace sarang
