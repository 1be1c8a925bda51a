// SPDX-License-Identifier: Apache-2.0
// What a client asks of its inbox (XEP-0430 §3.1).
#pragma once

#include "core/result_set.h"
#include "xml/element.h"

#include <string_view>

namespace sarang {

inline constexpr std::string_view inbox_ns = "urn:xmpp:inbox:1";
/// Ours: what the XEP has no words for.
inline constexpr std::string_view inbox_details_ns = "urn:sarang:inbox:0";

struct InboxRequest {
    bool unread_only = false;
    bool messages = true;
    ResultSetRequest page;

    /// Of an <inbox/>: bad-request for what is no boolean or number where there must be one.
    static Result<InboxRequest> read(const Element& inbox);
};

} // namespace sarang
