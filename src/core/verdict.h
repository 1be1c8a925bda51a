// SPDX-License-Identifier: Apache-2.0
// Verdict: what a handler on a hook says of what passes.
#pragma once

#include "base/error.h"

#include <memory>
#include <utility>

namespace sarang {

class [[nodiscard]] Verdict {
public:
    /// Goes on to the next handler.
    static Verdict pass() { return Verdict{Kind::pass}; }

    /// The chain ends here: the handler has seen to it, or it is dropped in silence.
    static Verdict done() { return Verdict{Kind::done}; }

    /// The chain ends here and the sender gets an error, where RFC 6120 §8.3.1 allows one.
    static Verdict bounce(Condition condition) { return bounce(Error{condition, {}, {}, {}}); }

    static Verdict bounce(Error error)
    {
        Verdict verdict{Kind::bounce};
        verdict.error_ = std::make_unique<Error>(std::move(error));
        return verdict;
    }

    bool passes() const { return kind_ == Kind::pass; }

    bool bounces() const { return kind_ == Kind::bounce; }

    /// Requires bounces().
    const Error& error() const { return *error_; }

private:
    enum class Kind : unsigned char { pass, done, bounce };

    explicit Verdict(Kind kind)
        : kind_{kind}
    {}

    Kind kind_;
    std::unique_ptr<Error> error_;
};

} // namespace sarang
