// SPDX-License-Identifier: Apache-2.0
// A dialogue as it is written in a .talk file.
//
//	# RFC 6121 §5.2.1: A message reaches a full JID
//
//	[romeo] romeo@localhost/orchard secret
//	[juliet] juliet@localhost/balcony secret
//
//	romeo connects
//	juliet comes online
//
//	romeo sends:
//	    <message to='juliet@localhost/balcony' type='chat'><body>Hi</body></message>
//
//	juliet receives:
//	    <message from='romeo@localhost/orchard' type='chat'><body>Hi</body></message>
//
// The head of t/talk/Makefile.inc tells what else can be said.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace sarang {

/// Someone with a session; several may share an account.
struct Part {
    std::string name;
    std::string account; ///< the bare JID, as it is written
    std::string resource;
    std::string password;
};

enum class Deed {
    connect,
    disconnect,
    be_cut_off,
    be_dismissed, ///< text: the condition of the stream error
    send,         ///< text: XML
    receive,      ///< text: XML
    receive_in_any_order,
    receive_nothing,
    ignore,     ///< text: the name of a stanza
    open_room,  ///< text: the occupant JID, and in further lines the fields of its configuration
    enter_room, ///< text: the occupant JID, and in further lines what is in <x/>
    befriend,   ///< text: the name of the other one
};

struct Step {
    std::size_t line;
    Deed deed;
    std::string who;
    std::string text;
};

/// What ends a dialogue early. Lines count from 1; 0: none in particular.
struct TalkFailure : std::runtime_error {
    TalkFailure(std::size_t at, const std::string& what)
        : std::runtime_error{what}
        , line{at}
    {}

    std::size_t line;
};

struct Dialogue {
    std::string path;
    std::string title;
    std::vector<Part> cast;
    std::vector<Step> steps;

    /// Throws TalkFailure where it cannot be understood.
    static Dialogue read(const std::string& path);
};

} // namespace sarang
