// SPDX-License-Identifier: Apache-2.0
// The half of Connection that reads.
#include "net/connection.h"
#include "net/connection_state.h"
#include "net/output.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace sarang {

void Connection::readable()
{
    // What waits in TLS comes first, and is bounded so.
    if (tls_ && tls_->pending() && !closing_) {
        if (blocked_ || before_tls_) {
            listen(false); // until the peer takes what we have to say
        } else {
            attend();
        }
        return;
    }
    // Once a turn, so that no peer starves the others; the loop comes back for what is left.
    const std::span<char> input = shard_->input();
    const ssize_t received = ::recv(socket_.descriptor(), input.data(), input.size(), 0);
    if (received > 0) {
        take_in({input.data(), static_cast<std::size_t>(received)});
    } else if (received == 0) {
        input_ended();
    } else if (errno != EAGAIN && errno != EINTR) {
        close(CloseReason::reset, std::strerror(errno));
    }
}

void Connection::take_in(std::string_view bytes)
{
    if (closing_) {
        return;
    }
    if (!tls_) {
        events_->on_bytes(bytes);
        return;
    }
    const Guard guard{*this};
    tls_->feed(bytes);
    if (!before_tls_) {
        run_tls();
    }
    if (guard.gone()) {
        return;
    }
    tls_->put_by();
    if (output_) {
        attend(); // it may have waited for this input
    }
}

/// Shakes hands and decrypts, as far as the input goes and the owner reads.
void Connection::run_tls()
{
    const Guard guard{*this};
    if (!tls_->established()) {
        const TlsSession::Step step = tls_->handshake();
        if (step != TlsSession::Step::done) {
            stopped_by(step);
            return;
        }
        attend(); // for output that has waited
        events_->on_tls_established();
    }
    while (!guard.gone() && reading_ && !closing_) {
        std::size_t size = 0;
        const std::span<char> record = shard_->record();
        const TlsSession::Step step = tls_->read(record, size);
        if (step != TlsSession::Step::done) {
            stopped_by(step);
            return;
        }
        events_->on_bytes({record.data(), size});
    }
}

void Connection::stopped_by(TlsSession::Step step)
{
    switch (step) {
    case TlsSession::Step::ended:
        input_ended();
        break;
    case TlsSession::Step::wants_output:
        await_writable();
        break;
    case TlsSession::Step::failed:
        close(CloseReason::tls, tls_->failure());
        break;
    case TlsSession::Step::broken:
        close(CloseReason::reset, tls_->failure());
        break;
    default:
        break;
    }
}

void Connection::input_ended()
{
    const Guard guard{*this};
    if (closing_ && !closing_->output_ended) {
        // There may still be somebody who reads; there is nothing more to hear.
        closing_->input_ended = true;
        listen(false);
        attend();
        return;
    }
    flush();
    if (!guard.gone()) {
        close(closing_ ? CloseReason::finished : CloseReason::ended, {});
    }
}

} // namespace sarang
