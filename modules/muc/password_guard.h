// SPDX-License-Identifier: Apache-2.0
// PasswordGuard: who has tried wrong passwords of a room has to pause before the next, longer and
// longer, so that none is found by trying.
#pragma once

#include "base/clock.h"
#include "core/option_base.h"
#include "xml/jid.h"

#include <cstddef>
#include <list>
#include <unordered_map>

namespace sarang::muc {

class PasswordGuard {
public:
    struct Pauses {
        Milliseconds first; ///< zero: there are none
        Milliseconds longest;
    };

    /// Wrong ones after which there is a pause; it is twice as long after each further one.
    static constexpr unsigned free_tries = 3;
    /// Of more, the one that failed first is forgotten early.
    static constexpr std::size_t most_remembered = 1000;

    PasswordGuard() = default;
    PasswordGuard(PasswordGuard&&) = default; // a copy would share places in the list
    PasswordGuard& operator=(PasswordGuard&&) = default;

    /// How long `who` has to pause still; zero: the password is to be looked at.
    Milliseconds left(const Jid& who, Clock::Time now) const;

    void failed(const Jid& who, Clock::Time now, const Pauses& pauses);

    void succeeded(const Jid& who);

    std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        unsigned failures = 0;
        Clock::Time until;     ///< no try before
        Clock::Time forgotten; ///< what failed before is
        std::list<Jid>::iterator place;
    };

    Entry& entry(const Jid& who);
    void forget(const Jid& who);

    std::unordered_map<Jid, Entry> entries_;
    std::list<Jid> order_; ///< who failed last stands last
};

} // namespace sarang::muc
