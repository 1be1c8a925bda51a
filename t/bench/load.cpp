// SPDX-License-Identifier: Apache-2.0
// The load generator: drives an XMPP server (or the relay) over loopback with
// one epoll loop and prints what it measured as one JSON object.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

#include "clock.h"
#include "crowd.h"
#include "gathering.h"
#include "pages.h"
#include "probe.h"
#include "talk.h"

namespace sarang::bench {
namespace {

constexpr auto usage =
    "usage: load sessions|messages|archive|rooms --port N --domain NAME [option ...]\n"
    "  --security none|direct|starttls   (none)\n"
    "  --floor           drive the bare relay instead of an XMPP server\n"
    "  --pid N           the server's process, for its memory and CPU time\n"
    "  --password TEXT   of every account u00000, u00001, ...\n"
    "  --keys FILE       keeps derived SCRAM keys from one run to the next\n"
    "  --sources N       connect from so many loopback addresses (8)\n"
    "  --parallel N      log-ins under way at a time (64)\n"
    "  --deadline N      seconds after which the run has failed (600)\n"
    "sessions: --low N (2000) --high N (15000) --settle SECONDS (5)\n"
    "messages: --pairs N (1000) --window N (8) --warm SECONDS (3) --measure SECONDS (10)\n"
    "archive: --entries N (2000) --pages N (100): messages of one pair, then pages of its "
    "archive\n"
    "rooms: --service NAME --rooms N (1) --occupants N (20) --window N --warm --measure --settle\n";

struct Options {
    std::string command;
    Target target;
    std::string password = "bench";
    std::string keys;
    pid_t server = 0;
    unsigned parallel = 64;
    unsigned deadline = 600;
    unsigned low = 2000;
    unsigned high = 15000;
    unsigned settle = 5;
    unsigned pairs = 1000;
    unsigned window = 8;
    unsigned warm = 3;
    unsigned measure = 10;
    unsigned entries = 2000;
    unsigned pages = 100;
    unsigned rooms = 1;
    unsigned occupants = 20;
    std::string service;
};

unsigned number(std::string_view text)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::runtime_error("not a number: " + std::string{text});
    }
    return value;
}

Security security(std::string_view text)
{
    if (text == "none") {
        return Security::none;
    }
    if (text == "direct") {
        return Security::direct;
    }
    if (text == "starttls") {
        return Security::starttls;
    }
    throw std::runtime_error("no such security: " + std::string{text});
}

struct Count {
    std::string_view name;
    unsigned Options::*member;
};

constexpr auto counts = std::to_array<Count>({
    {"--parallel", &Options::parallel},
    {"--deadline", &Options::deadline},
    {"--low", &Options::low},
    {"--high", &Options::high},
    {"--settle", &Options::settle},
    {"--pairs", &Options::pairs},
    {"--window", &Options::window},
    {"--warm", &Options::warm},
    {"--measure", &Options::measure},
    {"--entries", &Options::entries},
    {"--pages", &Options::pages},
    {"--rooms", &Options::rooms},
    {"--occupants", &Options::occupants},
});

void take(Options& options, std::string_view name, std::string_view value)
{
    const auto found = std::ranges::find(counts, name, &Count::name);
    if (found != counts.end()) {
        options.*found->member = number(value);
    } else if (name == "--port") {
        options.target.port = static_cast<uint16_t>(number(value));
    } else if (name == "--domain") {
        options.target.domain = value;
    } else if (name == "--service") {
        options.service = value;
    } else if (name == "--security") {
        options.target.security = security(value);
    } else if (name == "--pid") {
        options.server = static_cast<pid_t>(number(value));
    } else if (name == "--password") {
        options.password = value;
    } else if (name == "--keys") {
        options.keys = value;
    } else if (name == "--sources") {
        options.target.sources = number(value);
    } else {
        throw std::runtime_error(usage);
    }
}

Options parse(std::span<char*> arguments)
{
    Options options;
    options.target.resource = "bench";
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view name = arguments[at];
        if (!name.starts_with("--")) {
            options.command = name;
        } else if (name == "--floor") {
            options.target.floor = true;
        } else if (++at < arguments.size()) {
            take(options, name, arguments[at]);
        } else {
            throw std::runtime_error(usage);
        }
    }
    const bool complete = options.target.port != 0 && !options.target.domain.empty() &&
                          options.target.sources > 0 && options.target.sources < 250 &&
                          options.low < options.high;
    if (!complete) {
        throw std::runtime_error(usage);
    }
    if (options.command == "rooms") {
        options.target.room = options.occupants;
    }
    if (options.target.security != Security::none) {
        options.target.tls = client_tls();
    }
    return options;
}

struct Sample {
    Nanoseconds time = now();
    Nanoseconds generator = cpu_time(::getpid());
    Nanoseconds server = 0;
    double resident = 0;
    double kernel = static_cast<double>(kernel_socket_bytes());

    explicit Sample(pid_t process)
    {
        if (process > 0) {
            server = cpu_time(process);
            resident = static_cast<double>(resident_bytes(process));
        }
    }
};

double share(Nanoseconds part, Nanoseconds whole)
{
    return static_cast<double>(part) / static_cast<double>(whole);
}

void measure_sessions(const Options& options, Crowd& crowd, const ScramKeyring& keyring)
{
    const Nanoseconds settle = options.settle * per_second;
    crowd.grow(options.low, options.parallel);
    crowd.idle(settle);
    const Sample low{options.server};
    const auto derived = keyring.derived();
    crowd.grow(options.high, options.parallel);
    const Sample high{options.server};
    crowd.idle(settle);
    const Sample settled{options.server};

    const double count = options.high - options.low;
    const Nanoseconds time = high.time - low.time;
    std::printf(
        "{\"log_ins_per_second\": %.1f, \"bytes_per_session\": %.0f, "
        "\"kernel_bytes_per_socket\": %.0f, \"resident_low\": %.0f, \"resident_high\": %.0f, "
        "\"server_share\": %.3f, \"generator_share\": %.3f, \"derived_keys\": %zu}\n",
        count / share(time, per_second),
        (settled.resident - low.resident) / count,
        (settled.kernel - low.kernel) / count / 2, // both ends are on this machine
        low.resident,
        settled.resident,
        share(high.server - low.server, time),
        share(high.generator - low.generator, time),
        keyring.derived() - derived);
}

void print(const char* name, const Outcome& outcome, const char* after)
{
    const auto messages = static_cast<double>(outcome.messages);
    std::printf(
        "\"%s\": {\"messages_per_second\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
        "\"worst_ms\": %.3f, \"cpu_ms_per_1000\": %.3f, \"server_share\": %.3f, "
        "\"generator_share\": %.3f, \"generator_lag_p99_ms\": %.3f, \"verified\": %llu}%s",
        name,
        messages / outcome.seconds,
        static_cast<double>(outcome.p50) / 1e6,
        static_cast<double>(outcome.p99) / 1e6,
        static_cast<double>(outcome.worst) / 1e6,
        outcome.messages == 0 ? 0.0 : outcome.server_cpu * 1e6 / messages,
        outcome.server_cpu / outcome.seconds,
        outcome.generator_cpu / outcome.seconds,
        static_cast<double>(outcome.lag) / 1e6,
        static_cast<unsigned long long>(outcome.total),
        after);
}

void measure_messages(const Options& options, Crowd& crowd)
{
    crowd.grow(2 * options.pairs, options.parallel);
    Talk talk{crowd, options.pairs};
    Talk::Plan plan;
    plan.warm = options.warm * per_second;
    plan.measure = options.measure * per_second;
    plan.server = options.server;

    plan.window = 1;
    const auto single = talk.run(plan);
    plan.window = options.window;
    const auto saturated = talk.run(plan);
    plan.window = 0;
    plan.burst = options.window; // the same shape as the load that saturated
    plan.rate = static_cast<double>(saturated.messages) / saturated.seconds / 2;
    const auto half = talk.run(plan);

    std::printf("{");
    print("window_1", single, ", ");
    print("saturated", saturated, ", ");
    print("half", half, "}\n");
}

// A form that asks for what came at that time and later (XEP-0313, XEP-0082).
std::string form_since(std::time_t time)
{
    std::array<char, 32> stamp{};
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::string{"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
                       "<value>urn:xmpp:mam:2</value></field><field var='start'><value>"} +
           stamp.data() + "</value></field></x>";
}

void print(const char* name, const Pages::Outcome& outcome, const char* after)
{
    std::printf(
        "\"%s\": {\"cpu_ms\": %.4f, \"ms\": %.4f}%s", name, outcome.cpu_ms, outcome.ms, after);
}

void measure_archive(const Options& options, Crowd& crowd)
{
    constexpr unsigned page = 50;
    crowd.grow(2, options.parallel);
    std::time_t middle = 0;
    uint64_t archived = 0;
    {
        Talk talk{crowd, 1};
        Talk::Plan plan;
        plan.window = options.window;
        plan.measure = per_second / 4;
        while (archived < options.entries) {
            archived = talk.run(plan).total;
            middle = middle == 0 && archived >= options.entries / 2 ? std::time(nullptr) : middle;
        }
    }
    Pages pages{crowd, crowd.session(0), options.server};
    pages.fetch({}, {}, page, 1);
    const auto first = pages.fetch({}, {}, page, options.pages);
    const auto mid = pages.fetch(form_since(middle), {}, page, options.pages);
    const auto last = pages.fetch({}, "<before/>", page, options.pages);
    std::printf("{\"entries\": %llu, ", static_cast<unsigned long long>(archived));
    print("first", first, ", ");
    print("middle", mid, ", ");
    print("last", last, "}\n");
}

void measure_rooms(const Options& options, Crowd& crowd)
{
    const Nanoseconds settle = options.settle * per_second;
    crowd.grow(options.rooms * options.occupants, options.parallel);
    crowd.idle(settle);
    Gathering gathering{crowd, options.rooms, options.occupants, options.service};
    std::printf("{");
    if (!options.target.floor) {
        // The memory of a room is a slope, so that what all need together is not in it.
        const unsigned half = options.rooms / 2;
        Gathering::Entering entering = gathering.enter(options.server, 0, half);
        crowd.idle(half > 0 ? settle : 0);
        const Sample before{options.server};
        entering += gathering.enter(options.server, half, options.rooms);
        crowd.idle(settle);
        const Sample after{options.server};
        std::printf(
            "\"entering\": {\"seconds\": %.3f, \"cpu_seconds\": %.3f, \"bytes\": %llu, "
            "\"bytes_per_room\": %.0f}, ",
            entering.seconds,
            entering.server_cpu,
            static_cast<unsigned long long>(entering.bytes),
            (after.resident - before.resident) / (options.rooms - half));
    }
    Gathering::Plan plan;
    plan.warm = options.warm * per_second;
    plan.measure = options.measure * per_second;
    plan.server = options.server;
    const auto single = gathering.run(plan);
    plan.window = options.window;
    const auto saturated = gathering.run(plan);
    print("window_1", single, ", ");
    print("saturated", saturated, "}\n");
}

void run(const Options& options)
{
    ScramKeyring keyring{options.password, options.keys};
    Loop loop;
    Crowd crowd{options.target, loop, keyring, now() + options.deadline * per_second};
    if (options.command == "sessions") {
        measure_sessions(options, crowd, keyring);
    } else if (options.command == "messages") {
        measure_messages(options, crowd);
    } else if (options.command == "archive") {
        measure_archive(options, crowd);
    } else if (options.command == "rooms") {
        measure_rooms(options, crowd);
    } else {
        throw std::runtime_error(usage);
    }
    keyring.save();
}

} // namespace
} // namespace sarang::bench

int main(int argc, char** argv)
{
    try {
        sarang::bench::run(sarang::bench::parse({argv + 1, argv + argc}));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "load: %s\n", error.what());
        return 1;
    }
}
