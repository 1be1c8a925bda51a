// SPDX-License-Identifier: Apache-2.0
// What a host and its accounts say of themselves to service discovery (XEP-0030): kept by the
// core, filled by modules, told by the disco module.
#pragma once

#include "xml/element.h"
#include "xml/jid.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sarang {

struct DiscoIdentity {
    bool operator==(const DiscoIdentity&) const = default;

    std::string category;
    std::string type;
    std::string name;
};

struct DiscoItem {
    std::string jid;
    std::string name;
    std::string node;
};

/// Of a domain, or of the accounts on it.
struct Disco {
    std::vector<DiscoIdentity> identities;
    std::vector<std::string> features; ///< one entry for each module that named it
    std::vector<DiscoItem> items;
    std::vector<Element> forms; ///< XEP-0128
};

} // namespace sarang
