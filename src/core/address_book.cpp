// SPDX-License-Identifier: Apache-2.0
#include "core/address_book.h"

#include <algorithm>

namespace sarang {

using namespace std::chrono_literals;

AddressBook::AddressBook(Schema& schema, std::shared_ptr<const Config> config, const Clock& clock)
    : clock_{clock}
    , options_{schema, std::move(config), "limits"}
    , connections_{options_.integer(
          "unauthenticated_per_address",
          1000,
          {1, 1'000'000},
          "connections of one address (IPv6: one /64) that have not logged in")}
    , networks_{options_.integer(
          "addresses", 50'000, {100, 10'000'000}, "addresses remembered at once, on each shard")}
    , first_delay_{options_.duration(
          "login_delay",
          100ms,
          {0ms, 1min},
          "how long the first failed log-in is held back; doubles")}
    , longest_delay_{options_.duration(
          "login_delay_max", 10s, {0ms, 10min}, "the most a failed log-in is held back")}
    , memory_{options_.duration(
          "login_memory", 10min, {1s, 24h}, "how long a failed log-in is held against an address")}
{}

bool AddressBook::admit(const NetworkKey& network)
{
    if (network.kind == NetworkKey::Kind::local) {
        return true;
    }
    Entry& known = entry(network);
    if (known.connections >= *connections_) {
        return false;
    }
    ++known.connections;
    return true;
}

void AddressBook::leave(const NetworkKey& network)
{
    const auto found = entries_.find(network);
    if (found != entries_.end() && found->second.connections > 0) {
        --found->second.connections;
        forget_if_empty(network);
    }
}

std::chrono::milliseconds AddressBook::failed(const NetworkKey& network)
{
    Entry& known = entry(network);
    const auto now = clock_.now();
    if (known.failures > 0 && now - known.last_failure > *memory_) {
        known.failures = 0;
    }
    known.last_failure = now;
    const auto doublings = std::min<std::int64_t>(known.failures++, 20);
    return std::min(*longest_delay_, *first_delay_ * (std::int64_t{1} << doublings));
}

void AddressBook::succeeded(const NetworkKey& network)
{
    const auto found = entries_.find(network);
    if (found != entries_.end()) {
        found->second.failures = 0;
        forget_if_empty(network);
    }
}

AddressBook::Entry& AddressBook::entry(const NetworkKey& network)
{
    const auto found = entries_.find(network);
    if (found != entries_.end()) {
        by_age_.splice(by_age_.end(), by_age_, found->second.age);
        return found->second;
    }
    make_room();
    by_age_.push_back(network);
    Entry fresh;
    fresh.age = std::prev(by_age_.end());
    return entries_.emplace(network, fresh).first->second;
}

void AddressBook::forget_if_empty(const NetworkKey& network)
{
    const auto found = entries_.find(network);
    if (found->second.connections == 0 && found->second.failures == 0) {
        by_age_.erase(found->second.age);
        entries_.erase(found);
    }
}

void AddressBook::make_room()
{
    // The least lately used goes; one with open connections has its count start anew, which
    // leave() tolerates.
    while (entries_.size() >= static_cast<std::size_t>(*networks_)) {
        entries_.erase(by_age_.front());
        by_age_.pop_front();
    }
}

} // namespace sarang
