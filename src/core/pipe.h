// SPDX-License-Identifier: Apache-2.0
// Pipe: all that a resource knows of how its client is reached. TCP, WebSocket and BOSH
// implement it; in a cluster the pipe may be on another node. The other direction is
// Resource::receive(), stream_ended() and pipe_gone().
#pragma once

#include "base/api.h"
#include "base/error.h"

#include <cstddef>
#include <string>

namespace sarang {

struct Stanza;
class Element;

/// What an operator sees of a pipe.
struct PipeFacts {
    std::string transport;  ///< "tcp", "tls" …
    std::string address;    ///< of the peer
    std::string cipher;     ///< empty without encryption
    std::size_t queued = 0; ///< bytes that the client has not taken yet
};

class SARANG_API Pipe {
public:
    /// Takes the stanza; it is written at the end of the loop's turn. May end the pipe later
    /// (queue too long), never within the call.
    virtual void write(const Stanza& stanza) = 0;
    /// The same for what is no stanza (stream management and the like).
    virtual void write(const Element& element) = 0;

    /// Ends the stream with an error, or in peace. The resource hears of it no more.
    virtual void close(const StreamError& error) = 0;
    virtual void close() = 0;

    /// Takes no more from the client while on: how a slow hook slows its sender.
    virtual void pause(bool on) = 0;

    virtual PipeFacts facts() const = 0;

protected:
    ~Pipe() = default;
};

} // namespace sarang
