// SPDX-License-Identifier: Apache-2.0
// Rooms full of sessions: how long they take to enter, and what it costs when
// one of them speaks to all.

#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "crowd.h"
#include "measuring.h"
#include "numbered.h"

namespace sarang::bench {

class Gathering final : public MessageListener {
public:
    struct Plan {
        unsigned window = 1; // closed loop: so many messages in flight a room
        Nanoseconds warm = 0;
        Nanoseconds measure = 0;
        pid_t server = 0;
    };

    struct Entering {
        double seconds = 0; // until everybody has been shown everybody
        double server_cpu = 0;
        uint64_t bytes = 0; // that the server has sent

        Entering& operator+=(const Entering& more);
    };

    // The first `rooms` * `occupants` sessions of `crowd` have to be logged in.
    Gathering(Crowd& crowd, unsigned rooms, unsigned occupants, std::string service);

    // Into the rooms from `first` on, before `end`: all at once, but for the first of each room. At
    // the relay they have done so by greeting.
    Entering enter(pid_t server, unsigned first, unsigned end);

    // Throws unless every message arrives at every occupant, once and in order. Its messages are
    // those that were delivered; a delay is that of the last occupant.
    Outcome run(const Plan& plan);

    void message(const Session& session, std::string_view stanza) override;
    void presence(const Session& session, std::string_view stanza) override;

private:
    struct Room {
        NumberedStanza stanza;
        uint64_t sent = 0;
        std::vector<unsigned> deliveries; // of each message in flight, by its number
    };

    uint64_t bytes() const;
    std::string address(unsigned room) const;
    void enter(unsigned number);
    void await_presences(uint64_t count);
    void send(Room& room, unsigned speaker);
    void turn_until(Nanoseconds time);
    void drain();

    Crowd& crowd_;
    unsigned occupants_;
    std::string service_;
    std::vector<Room> rooms_;
    std::vector<uint64_t> received_by_; // the last number that each session got
    Nanoseconds epoch_;
    Plan plan_;
    Measuring measuring_;
    bool sending_ = false;
    uint64_t presences_ = 0;
    uint64_t sent_ = 0;     // deliveries that are due
    uint64_t received_ = 0; // deliveries
};

} // namespace sarang::bench
