// SPDX-License-Identifier: Apache-2.0

#include "gathering.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "probe.h"

namespace sarang::bench {
namespace {

constexpr Nanoseconds drain_limit = 60 * per_second;
constexpr Nanoseconds entering_limit = 600 * per_second;

// The subject that ends an entering (XEP-0045 §7.2.15).
bool is_subject(std::string_view stanza)
{
    return stanza.find("<body>") == std::string_view::npos &&
           stanza.find("<subject") != std::string_view::npos;
}

} // namespace

Gathering::Gathering(Crowd& crowd, unsigned rooms, unsigned occupants, std::string service)
    : crowd_{crowd}
    , occupants_{occupants}
    , service_{std::move(service)}
    , received_by_(std::size_t{rooms} * occupants)
    , epoch_{now()}
{
    for (unsigned room = 0; room < rooms; ++room) {
        rooms_.push_back({NumberedStanza{address(room), "groupchat"}, 0, {}});
    }
    crowd.listen(*this);
}

Gathering::Entering& Gathering::Entering::operator+=(const Entering& more)
{
    seconds += more.seconds;
    server_cpu += more.server_cpu;
    bytes += more.bytes;
    return *this;
}

Gathering::Entering Gathering::enter(pid_t server, unsigned first, unsigned end)
{
    const Nanoseconds start = now();
    const Nanoseconds cpu = cpu_time(server);
    const uint64_t before = bytes();
    const uint64_t rooms = end - first;
    const uint64_t shown = presences_;
    for (unsigned room = first; room < end; ++room) {
        enter(room * occupants_);
    }
    await_presences(shown + rooms);
    for (unsigned number = first * occupants_; number < end * occupants_; ++number) {
        if (number % occupants_ != 0) {
            enter(number);
        }
    }
    await_presences(shown + rooms * occupants_ * occupants_);
    Entering entering;
    entering.seconds = static_cast<double>(now() - start) / static_cast<double>(per_second);
    entering.server_cpu =
        static_cast<double>(cpu_time(server) - cpu) / static_cast<double>(per_second);
    entering.bytes = bytes() - before;
    return entering;
}

Outcome Gathering::run(const Plan& plan)
{
    plan_ = plan;
    measuring_ = Measuring{plan.server};
    sending_ = true;
    for (unsigned room = 0; room < rooms_.size(); ++room) {
        rooms_[room].deliveries.assign(plan.window, 0);
        for (unsigned count = 0; count < plan.window; ++count) {
            send(rooms_[room], room * occupants_);
        }
    }
    turn_until(now() + plan.warm);
    measuring_.start(received_);
    turn_until(now() + plan.measure);
    measuring_.stop(received_);
    sending_ = false;
    drain();
    Outcome outcome = measuring_.outcome();
    outcome.total = received_;
    return outcome;
}

void Gathering::message(const Session& session, std::string_view stanza)
{
    if (is_subject(stanza)) {
        return;
    }
    const Numbered numbered = number_of(stanza);
    uint64_t& last = received_by_.at(session.number());
    if (numbered.number != ++last) {
        throw std::runtime_error(
            "message " + std::to_string(last) + " was due, this came: " + std::string{stanza});
    }
    ++received_;
    const unsigned number = session.number() / occupants_;
    Room& room = rooms_[number];
    unsigned& deliveries = room.deliveries[numbered.number % plan_.window];
    if (++deliveries == occupants_) {
        deliveries = 0;
        measuring_.delay(now() - epoch_ - numbered.stamp);
        if (sending_) {
            send(room, number * occupants_);
        }
    }
}

void Gathering::presence(const Session&, std::string_view stanza)
{
    if (stanza.find("type='") < stanza.find('>') || stanza.find("type=\"") < stanza.find('>')) {
        throw std::runtime_error("unexpected: " + std::string{stanza});
    }
    ++presences_;
}

uint64_t Gathering::bytes() const
{
    uint64_t sum = 0;
    for (unsigned number = 0; number < received_by_.size(); ++number) {
        sum += crowd_.session(number).received();
    }
    return sum;
}

std::string Gathering::address(unsigned room) const
{
    return "room" + std::to_string(room) + '@' + service_;
}

void Gathering::enter(unsigned number)
{
    crowd_.session(number).send(
        "<presence to='" + address(number / occupants_) + '/' + user_name(number) +
        "'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
}

void Gathering::await_presences(uint64_t count)
{
    const Nanoseconds until = now() + entering_limit;
    while (presences_ < count) {
        if (now() >= until) {
            throw std::runtime_error(
                std::to_string(count - presences_) + " of " + std::to_string(count) +
                " presences never came");
        }
        crowd_.turn(until);
    }
}

void Gathering::send(Room& room, unsigned speaker)
{
    sent_ += occupants_;
    crowd_.session(speaker).send(room.stanza.with(++room.sent, now() - epoch_));
}

void Gathering::turn_until(Nanoseconds until)
{
    while (now() < until) {
        crowd_.turn(until);
    }
}

void Gathering::drain()
{
    const Nanoseconds until = now() + drain_limit;
    while (received_ < sent_) {
        if (now() >= until) {
            throw std::runtime_error(
                std::to_string(sent_ - received_) + " of " + std::to_string(sent_) +
                " deliveries never came");
        }
        crowd_.turn(until);
    }
}

} // namespace sarang::bench
