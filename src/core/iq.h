// SPDX-License-Identifier: Apache-2.0
// What the core answers itself: iq requests that modules registered for (RFC 6120 §8.2.3). Every
// request gets exactly one answer: the element returned, an empty result, or the error.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "core/hook.h"
#include "xml/element.h"
#include "xml/stanza.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sarang {

class Resource;
class User;

enum class Iq : std::uint8_t { get, set };

/// Whom a request is addressed to, and who may ask.
enum class Scope : std::uint8_t {
    account, ///< one's own account: no `to`, or the own bare JID; others are refused
    anyone,  ///< a local account, asked by anybody
    host,    ///< the domain, asked by anybody
};

/// A request to an account.
struct IqRequest {
    const Stanza& stanza;
    const Element& child; ///< the one child of the iq
    User& user;           ///< the account that is asked
    Resource* resource;   ///< the session that asks, where it is one of the account's own
};

/// A request to the domain. It is answered on the shard where it came up.
struct HostRequest {
    const Stanza& stanza;
    const Element& child;
};

/// Nothing: an empty result.
using IqAnswer = Result<std::optional<Element>>;

template <class Request>
struct IqFunction {
    std::function<IqAnswer(const Request&)> at_once;
    std::function<Task<IqAnswer>(const Request&)> later; ///< where at_once is empty
};

/// The registered requests of one kind of addressee.
template <class Request>
class IqTable {
public:
    using Key = std::uint64_t;

    Key
    add(Iq kind,
        Scope scope,
        std::string_view ns,
        std::string_view name,
        IqFunction<Request> function)
    {
        entries_.push_back(
            {++last_key_, kind, scope, std::string{ns}, std::string{name}, std::move(function)});
        return last_key_;
    }

    void remove(Key key)
    {
        std::erase_if(entries_, [key](const Entry& entry) { return entry.key == key; });
    }

    struct Entry {
        Key key;
        Iq kind;
        Scope scope;
        std::string ns;
        std::string name;
        IqFunction<Request> function;
    };

    /// The entry for a request, or none. `name` empty at registration matches any child.
    const Entry* find(Iq kind, std::string_view ns, std::string_view name) const
    {
        for (const Entry& entry : entries_) {
            if (entry.kind == kind && entry.ns == ns &&
                (entry.name.empty() || entry.name == name)) {
                return &entry;
            }
        }
        return nullptr;
    }

    const std::vector<Entry>& entries() const { return entries_; }

private:
    std::vector<Entry> entries_;
    Key last_key_ = 0;
};

} // namespace sarang
