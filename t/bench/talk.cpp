// SPDX-License-Identifier: Apache-2.0

#include "talk.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <unistd.h>

#include "probe.h"

namespace sarang::bench {
namespace {

// A body is "NUMBER STAMP padding", 100 bytes in all.
constexpr std::size_t body_size = 100;
constexpr std::size_t number_size = 10;
constexpr std::size_t stamp_size = 16;
constexpr std::size_t padding_at = number_size + 1 + stamp_size + 1;
constexpr auto body_open = std::string_view{"<body>"};
constexpr auto body_close = std::string_view{"</body></message>"};
constexpr auto id_close = std::string_view{"'>"};
constexpr Nanoseconds drain_limit = 60 * per_second;

std::string padding()
{
    std::string text = "The quick brown fox jumps over the lazy dog, again and again and again. ";
    text.resize(body_size - padding_at, '.');
    return text;
}

std::string stanza_for(const std::string& jid)
{
    std::string text = "<message to='" + jid + "' type='chat' id='";
    text.append(number_size, '0').append(id_close).append(body_open);
    text.append(number_size, '0').append(1, ' ').append(stamp_size, '0').append(1, ' ');
    return text.append(padding()).append(body_close);
}

void write_digits(char* at, std::size_t count, uint64_t value)
{
    while (count-- > 0) {
        at[count] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

uint64_t read_digits(std::string_view text)
{
    uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            throw std::runtime_error("a number was spoilt: " + std::string{text});
        }
        value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    return value;
}

std::string_view body_of(std::string_view stanza)
{
    static const std::string expected = padding() + "</body>";
    const auto open = stanza.find(body_open);
    if (open != std::string_view::npos) {
        const auto body = stanza.substr(open + body_open.size());
        if (body.substr(std::min(body.size(), padding_at)).starts_with(expected)) {
            return body.substr(0, body_size);
        }
    }
    throw std::runtime_error("a body was spoilt: " + std::string{stanza});
}

double seconds(Nanoseconds time)
{
    return static_cast<double>(time) / static_cast<double>(per_second);
}

} // namespace

Talk::Talk(Crowd& crowd, unsigned pairs)
    : crowd_{crowd}
    , pairs_(pairs)
    , epoch_{now()}
{
    for (unsigned pair = 0; pair < pairs; ++pair) {
        pairs_[pair].stanza = stanza_for(crowd.session(2 * pair + 1).jid());
    }
    crowd.listen(*this);
}

Talk::Outcome Talk::run(const Plan& plan)
{
    plan_ = plan;
    delays_ = {};
    lags_ = {};
    sending_ = true;
    const Nanoseconds start = now();
    due_ = start;
    fill_windows();
    talk_until(start + plan.warm);
    measuring_ = true;
    const Reading before = reading();
    talk_until(before.time + plan.measure);
    const Reading after = reading();
    measuring_ = false;
    sending_ = false;
    drain();

    Outcome outcome;
    outcome.messages = after.received - before.received;
    outcome.total = received_;
    outcome.seconds = seconds(after.time - before.time);
    outcome.server_cpu = seconds(after.server - before.server);
    outcome.generator_cpu = seconds(after.generator - before.generator);
    outcome.p50 = delays_.at(0.50);
    outcome.p99 = delays_.at(0.99);
    outcome.worst = delays_.largest();
    outcome.lag = lags_.at(0.99);
    return outcome;
}

void Talk::message(const Session& session, std::string_view stanza)
{
    const auto body = body_of(stanza);
    const unsigned number = session.number() / 2;
    if (session.number() % 2 == 0 || number >= pairs_.size()) {
        throw std::runtime_error("a message came to its sender: " + std::string{stanza});
    }
    Pair& pair = pairs_[number];
    const uint64_t count = read_digits(body.substr(0, number_size));
    if (count != ++pair.received) {
        throw std::runtime_error(
            "message " + std::to_string(pair.received) + " was due, " + std::to_string(count) +
            " came");
    }
    ++received_;
    const Nanoseconds time = now();
    if (measuring_) {
        const auto stamp = read_digits(body.substr(number_size + 1, stamp_size)) + epoch_;
        delays_.add(time - stamp);
    }
    if (sending_ && plan_.window > 0) {
        send(number, time);
    }
}

Talk::Reading Talk::reading() const
{
    Reading reading;
    reading.time = now();
    reading.server = plan_.server > 0 ? cpu_time(plan_.server) : 0;
    reading.generator = cpu_time(::getpid());
    reading.received = received_;
    return reading;
}

void Talk::send(unsigned number, Nanoseconds stamp)
{
    Pair& pair = pairs_[number];
    ++pair.sent;
    ++sent_;
    std::string& text = pair.stanza;
    char* body = text.data() + text.size() - body_close.size() - body_size;
    write_digits(body, number_size, pair.sent);
    write_digits(body + number_size + 1, stamp_size, stamp - epoch_);
    write_digits(body - body_open.size() - id_close.size() - number_size, number_size, pair.sent);
    crowd_.session(2 * number).send(text);
}

// Poisson arrivals of bursts, stamped with the time at which they were due: a server that
// stalls is charged for all who would have sent meanwhile.
void Talk::send_due(Nanoseconds time)
{
    std::uniform_real_distribution<double> uniform{0.0, 1.0};
    while (due_ <= time) {
        for (unsigned count = 0; count < plan_.burst; ++count) {
            send(turn_, due_);
        }
        if (measuring_) {
            lags_.add(time - due_);
        }
        turn_ = turn_ + 1 < pairs_.size() ? turn_ + 1 : 0;
        const double gap = -std::log(1.0 - uniform(random_)) * plan_.burst / plan_.rate;
        due_ += static_cast<Nanoseconds>(gap * static_cast<double>(per_second)) + 1;
    }
}

void Talk::fill_windows()
{
    const Nanoseconds time = now();
    for (unsigned pair = 0; pair < pairs_.size(); ++pair) {
        for (unsigned count = 0; count < plan_.window; ++count) {
            send(pair, time);
        }
    }
}

void Talk::talk_until(Nanoseconds until)
{
    while (true) {
        const Nanoseconds time = now();
        if (time >= until) {
            return;
        }
        Nanoseconds wake = until;
        if (plan_.rate > 0) {
            send_due(time);
            wake = std::min(wake, due_);
        }
        crowd_.turn(wake);
    }
}

void Talk::drain()
{
    const Nanoseconds until = now() + drain_limit;
    while (received_ < sent_) {
        if (now() >= until) {
            throw std::runtime_error(
                std::to_string(sent_ - received_) + " of " + std::to_string(sent_) +
                " messages never came");
        }
        crowd_.turn(until);
    }
}

} // namespace sarang::bench
