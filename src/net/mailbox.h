// SPDX-License-Identifier: Apache-2.0
// Mailbox: what other threads hand to a shard. Many senders, one reader (the shard), no locks: an
// atomic stack that the reader takes whole and turns round, so that mail of one sender stays in
// order. A sender wakes the reader only if that one sleeps: one write a batch.
#pragma once

#include "base/api.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace sarang {

class Shard;

/// Something that crosses to another shard, and what is to be done with it there.
class SARANG_API Mail {
public:
    Mail() = default;
    Mail(const Mail&) = delete;
    Mail& operator=(const Mail&) = delete;
    virtual ~Mail();

    /// Called once, on the shard that it was sent to; the mail is destroyed there afterwards.
    virtual void open(Shard& here) = 0;

private:
    friend class Mailbox;
    friend class MailList;

    Mail* next_ = nullptr;
    bool counted_ = false;
};

/// Mail that calls something.
template <class Deed>
class Errand final : public Mail {
public:
    explicit Errand(Deed deed)
        : deed_{std::move(deed)}
    {}

    void open(Shard&) override { deed_(); }

private:
    Deed deed_;
};

/// A queue of mail, first in, first out. Used by one thread.
class SARANG_API MailList {
public:
    MailList() = default;

    MailList(MailList&& other) noexcept
        : first_{std::exchange(other.first_, nullptr)}
        , last_{std::exchange(other.last_, nullptr)}
    {}

    MailList& operator=(MailList&& other) noexcept
    {
        std::swap(first_, other.first_);
        std::swap(last_, other.last_);
        return *this;
    }

    ~MailList();

    bool empty() const { return first_ == nullptr; }

    void push(std::unique_ptr<Mail> mail);
    void push_front(std::unique_ptr<Mail> mail);
    /// Nothing when empty.
    std::unique_ptr<Mail> pop();

private:
    Mail* first_ = nullptr;
    Mail* last_ = nullptr;
};

class SARANG_API Mailbox {
public:
    /// `capacity` bounds the mail of try_post(). Throws std::system_error without descriptors.
    explicit Mailbox(std::size_t capacity);
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    ~Mailbox();

    // Any thread.

    /// False when full: `mail` is left with the caller, and the reader will be told by
    /// take_turned_away() to call the senders back.
    bool try_post(std::unique_ptr<Mail>& mail);
    /// Always goes: for replies and control, which are bounded by what they answer.
    void post_control(std::unique_ptr<Mail> mail);
    /// Ends the reader's sleep without mail.
    void wake();

    // The reader's thread.

    /// All that has come, oldest first. The reader counts as awake from here on.
    MailList take();
    /// False when there is mail; else the next sender writes to descriptor().
    bool fall_asleep();
    /// True once after senders were turned away, when there is room again.
    bool take_turned_away();

    /// An eventfd that becomes readable when the sleeping reader shall wake.
    int descriptor() const { return descriptor_; }

private:
    void push(std::unique_ptr<Mail> mail);
    bool reserve(std::size_t seen);

    // No mail lies at our own address: it stands for a reader that sleeps.
    Mail* asleep() { return reinterpret_cast<Mail*>(this); }

    const std::size_t capacity_;
    const int descriptor_;
    std::atomic<Mail*> newest_{nullptr}; ///< or asleep()
    std::atomic<std::size_t> counted_{0};
    std::atomic<bool> turned_away_{false};
};

} // namespace sarang
