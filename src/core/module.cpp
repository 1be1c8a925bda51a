// SPDX-License-Identifier: Apache-2.0
#include "core/module.h"

#include "core/server_shard.h"
#include "net/shard.h"

#include <algorithm>

namespace sarang {
namespace {

void take_one(std::vector<std::string>& from, const std::string& entry)
{
    const auto at = std::find(from.begin(), from.end(), entry);
    if (at != from.end()) {
        from.erase(at);
    }
}

} // namespace

Module::Module(Host& host)
    : host_{host}
    , name_{host.making()}
    , log_{host.log().with(name_)}
    , options_{host.server().schema(), host.server().config(), name_, host.name()}
{}

Module::~Module()
{
    // Nothing is left to be undone, but where a constructor threw.
    undo_all();
}

Task<void> Module::retire(bool for_reload)
{
    for_reload_ = for_reload;
    Task<void> closed = gate_.close();
    co_await closed;
    undo_all();
}

void Module::outlive_reload(
    std::string_view name,
    std::function<std::string()> encode,
    const std::function<void(std::string_view bytes)>& decode)
{
    const std::string parked = name_ + "." + std::string{name};
    undo([this, parked, encode = std::move(encode)] {
        if (for_reload_) {
            host_.park(parked, encode());
        }
    });
    if (const std::optional<std::string> bytes = host_.unpark(parked)) {
        decode(*bytes);
    }
}

void Module::undo_all()
{
    while (!undo_.empty()) {
        const std::function<void()> undo = std::move(undo_.back());
        undo_.pop_back();
        undo();
    }
}

std::vector<OptionChange> Module::configure(std::shared_ptr<const Config> config)
{
    std::vector<OptionChange> changes = options_.apply(config);
    for (const auto& table : tables_) {
        const std::vector<OptionChange> more = table->apply(config);
        changes.insert(changes.end(), more.begin(), more.end());
    }
    return changes;
}

Options& Module::options(std::string_view table)
{
    const std::string section = name_ + "." + std::string{table};
    tables_.push_back(std::make_unique<Options>(
        host_.server().schema(), host_.server().config(), section, host_.name()));
    return *tables_.back();
}

void Module::feature(std::string_view ns)
{
    std::vector<std::string>& features = host_.disco().features;
    features.emplace_back(ns);
    undo([&features, entry = std::string{ns}] { take_one(features, entry); });
}

void Module::account_feature(std::string_view ns)
{
    std::vector<std::string>& features = host_.account_disco().features;
    features.emplace_back(ns);
    undo([&features, entry = std::string{ns}] { take_one(features, entry); });
}

namespace {

std::function<void()> register_in(std::vector<DiscoIdentity>& identities, DiscoIdentity identity)
{
    identities.push_back(identity);
    return [&identities, identity = std::move(identity)] {
        const auto at = std::find(identities.begin(), identities.end(), identity);
        if (at != identities.end()) {
            identities.erase(at);
        }
    };
}

} // namespace

void Module::identity(std::string category, std::string type, std::string name)
{
    undo(register_in(
        host_.disco().identities, {std::move(category), std::move(type), std::move(name)}));
}

void Module::account_identity(std::string category, std::string type, std::string name)
{
    undo(register_in(
        host_.account_disco().identities, {std::move(category), std::move(type), std::move(name)}));
}

void Module::stream_feature(Element feature)
{
    std::vector<Element>& features = host_.stream_features();
    features.push_back(feature);
    undo([&features, feature = std::move(feature)] {
        const auto at = std::find(features.begin(), features.end(), feature);
        if (at != features.end()) {
            features.erase(at);
        }
    });
}

namespace {

/// Owns the timer of Module::every().
class Repeater {
public:
    Repeater(TimerWheel& wheel, Milliseconds interval, std::function<void()> deed)
        : wheel_{wheel}
        , interval_{interval}
        , deed_{std::move(deed)}
    {
        timer_.schedule(wheel_, interval_);
    }

private:
    void fire()
    {
        timer_.schedule(wheel_, interval_);
        deed_();
    }

    TimerWheel& wheel_;
    Milliseconds interval_;
    std::function<void()> deed_;
    Timer timer_{Timer::calls<&Repeater::fire>(*this)};
};

} // namespace

void Module::every(Milliseconds interval, std::function<void()> deed)
{
    auto repeater = std::make_shared<Repeater>(host_.shard().timers(), interval, std::move(deed));
    undo([repeater = std::move(repeater)]() mutable { repeater.reset(); });
}

} // namespace sarang
