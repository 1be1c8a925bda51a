// SPDX-License-Identifier: Apache-2.0
// The half of Connection that connects and writes.
#include "net/connection.h"
#include "net/connection_state.h"
#include "net/output.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>

namespace sarang {
namespace {

constexpr std::size_t pieces_at_once = 64;

/// One system call. What was sent, or -1.
ssize_t send_front(int descriptor, const Output& output, std::size_t& offered)
{
    std::array<iovec, pieces_at_once> pieces;
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = output.pieces(pieces);
    offered = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
        offered += pieces[i].iov_len;
    }
    if (message.msg_iovlen == 1) {
        return ::send(descriptor, pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL);
    }
    return ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

} // namespace

void Connection::writable()
{
    const Guard guard{*this};
    blocked_ = false;
    if (connecting_) {
        write_event_.reset();
        end_connecting();
        return;
    }
    if (tls_ && !before_tls_) {
        run_tls();
    }
    if (!guard.gone()) {
        flush();
    }
    if (!guard.gone() && !blocked_) {
        write_event_.reset();
        listen(reading_ || closing_);
        events_->on_drained();
    }
}

void Connection::end_connecting()
{
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        close(CloseReason::reset, std::strerror(error));
        return;
    }
    connecting_ = false;
    listen(reading_ || closing_);
    attend();
    events_->on_connected();
}

void Connection::flush()
{
    if (blocked_ || connecting_) {
        return;
    }
    if (before_tls_) {
        if (!write_plain(before_tls_)) {
            return;
        }
        attend(); // a client speaks first
    }
    if (tls_ && !tls_->established()) {
        if (!closing_) {
            return;
        }
        output_.reset();
    }
    if (output_ && !(tls_ ? write_tls() : write_plain(output_))) {
        return;
    }
    if (closing_) {
        end_output();
    }
}

/// True when all of it went to the kernel.
bool Connection::write_plain(std::unique_ptr<Output>& output)
{
    while (!output->empty()) {
        std::size_t offered = 0;
        const ssize_t sent = send_front(socket_.descriptor(), *output, offered);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            close(CloseReason::reset, std::strerror(errno));
            return false;
        }
        const auto taken = static_cast<std::size_t>(std::max(sent, ssize_t{0}));
        output->consume(taken);
        if (taken < offered) {
            await_writable();
            return false;
        }
    }
    shard_->give_back(std::move(output));
    return true;
}

bool Connection::write_tls()
{
    while (!output_->empty()) {
        std::size_t taken = 0;
        const TlsSession::Step step = tls_->write(output_->front(shard_->record()), taken);
        if (step == TlsSession::Step::ended) {
            // The peer has said goodbye, and takes no more either: nobody gets what is left.
            close(closing_ ? CloseReason::finished : CloseReason::ended, {});
            return false;
        }
        if (step != TlsSession::Step::done) {
            stopped_by(step);
            return false;
        }
        output_->consume(taken);
    }
    shard_->give_back(std::move(output_));
    return true;
}

/// Says goodbye: all that was to be said has gone.
void Connection::end_output()
{
    if (closing_->output_ended) {
        return;
    }
    if (tls_ && tls_->established() && tls_->close() == TlsSession::Step::wants_output) {
        await_writable();
        return;
    }
    closing_->output_ended = true;
    ::shutdown(socket_.descriptor(), SHUT_WR);
    if (closing_->input_ended) {
        close(CloseReason::finished, {});
    }
}

} // namespace sarang
