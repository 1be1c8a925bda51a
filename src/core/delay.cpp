// SPDX-License-Identifier: Apache-2.0
#include "core/delay.h"

#include "core/date_time.h"
#include "xml/element.h"
#include "xml/ns.h"

#include <chrono>
#include <string>

namespace sarang {
namespace {

constexpr std::string_view delay_ns = "urn:xmpp:delay";

} // namespace

bool is_delayed(const Stanza& stanza)
{
    return stanza.added.find(delay_ns) != std::string::npos;
}

void add_delay(Stanza& stanza, std::string_view from, Clock::Wall since)
{
    Element delay{delay_ns, "delay"};
    delay.set("from", from);
    delay.set("stamp", date_time(std::chrono::floor<std::chrono::seconds>(since)));
    delay.write(stanza.added, ns::client);
}

} // namespace sarang
