// SPDX-License-Identifier: Apache-2.0
// What the presence module offers.
#pragma once

#include "core/service/roster.h"

namespace sarang {

class User;

class PresenceService {
public:
    static constexpr const char* service_name = "presence";

    /// A contact was taken out of the roster: ends the subscriptions that it had (RFC 6121 §2.5).
    virtual void contact_removed(User& user, const Contact& former) = 0;

protected:
    ~PresenceService() = default;
};

} // namespace sarang
