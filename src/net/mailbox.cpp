// SPDX-License-Identifier: Apache-2.0
#include "net/mailbox.h"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace sarang {
namespace {

int make_eventfd()
{
    const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (descriptor < 0) {
        throw std::system_error{errno, std::generic_category(), "eventfd"};
    }
    return descriptor;
}

} // namespace

Mail::~Mail() = default;

MailList::~MailList()
{
    while (pop()) {
    }
}

void MailList::push(std::unique_ptr<Mail> mail)
{
    Mail* const last = mail.release();
    last->next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = last;
    last_ = last;
}

void MailList::push_front(std::unique_ptr<Mail> mail)
{
    Mail* const first = mail.release();
    first->next_ = first_;
    first_ = first;
    if (last_ == nullptr) {
        last_ = first;
    }
}

std::unique_ptr<Mail> MailList::pop()
{
    std::unique_ptr<Mail> mail{first_};
    if (mail) {
        first_ = mail->next_;
        if (first_ == nullptr) {
            last_ = nullptr;
        }
    }
    return mail;
}

Mailbox::Mailbox(std::size_t capacity)
    : capacity_{capacity}
    , descriptor_{make_eventfd()}
{}

Mailbox::~Mailbox()
{
    take();
    ::close(descriptor_);
}

bool Mailbox::try_post(std::unique_ptr<Mail>& mail)
{
    if (!reserve(counted_.load(std::memory_order_relaxed))) {
        // The second look is a read-modify-write: if it comes before the reader makes room, the
        // reader sees the flag; if after, there is room.
        turned_away_.store(true, std::memory_order_relaxed);
        if (!reserve(counted_.fetch_add(0, std::memory_order_acq_rel))) {
            return false;
        }
    }
    mail->counted_ = true;
    push(std::move(mail));
    return true;
}

void Mailbox::post_control(std::unique_ptr<Mail> mail)
{
    mail->counted_ = false;
    push(std::move(mail));
}

void Mailbox::wake()
{
    // It fails only when the reader is to wake anyhow.
    const std::uint64_t one = 1;
    static_cast<void>(!::write(descriptor_, &one, sizeof one));
}

MailList Mailbox::take()
{
    Mail* mail = newest_.load(std::memory_order_relaxed);
    if (mail != nullptr) {
        mail = newest_.exchange(nullptr, std::memory_order_acq_rel);
    }
    if (mail == asleep()) {
        mail = nullptr;
    }
    MailList list;
    std::size_t counted = 0;
    while (mail != nullptr) {
        Mail* const older = mail->next_;
        counted += mail->counted_ ? 1 : 0;
        list.push_front(std::unique_ptr<Mail>{mail});
        mail = older;
    }
    if (counted != 0) {
        counted_.fetch_sub(counted, std::memory_order_acq_rel);
    }
    return list;
}

bool Mailbox::fall_asleep()
{
    Mail* none = nullptr;
    return newest_.compare_exchange_strong(
        none, asleep(), std::memory_order_acq_rel, std::memory_order_relaxed);
}

bool Mailbox::take_turned_away()
{
    return turned_away_.load(std::memory_order_relaxed) &&
           turned_away_.exchange(false, std::memory_order_acq_rel);
}

bool Mailbox::reserve(std::size_t seen)
{
    while (seen < capacity_) {
        if (counted_.compare_exchange_weak(
                seen, seen + 1, std::memory_order_acq_rel, std::memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

void Mailbox::push(std::unique_ptr<Mail> mail)
{
    Mail* const mine = mail.release();
    Mail* before = newest_.load(std::memory_order_relaxed);
    do {
        mine->next_ = before == asleep() ? nullptr : before;
    } while (!newest_.compare_exchange_weak(
        before, mine, std::memory_order_acq_rel, std::memory_order_relaxed));
    if (before == asleep()) {
        wake();
    }
}

} // namespace sarang
