// SPDX-License-Identifier: Apache-2.0
// What the inbox module offers: how far an account has read its conversations.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "xml/jid.h"

#include <string>

namespace sarang {

class ReadPositions {
public:
    static constexpr const char* service_name = "read_positions";

    /// The account has read its conversation with a party up to the message of this stanza-id, as
    /// an item of urn:xmpp:mds:displayed:0 tells (XEP-0490 §4.2); of a room's, of the stanza-id
    /// that the room gave it. False where that conversation has no such message; with a room, where
    /// it has none that was unread. On the account's shard; durable when done, and only forwards.
    virtual Task<Result<bool>> read_through(Jid account, Jid party, std::string stanza_id) = 0;

protected:
    ~ReadPositions() = default;
};

} // namespace sarang
