// SPDX-License-Identifier: Apache-2.0
// What the mam module offers: archives as their owners' clients see them.
#pragma once

#include "base/task.h"
#include "store/archive_store.h"
#include "xml/jid.h"

#include <optional>
#include <string>
#include <string_view>

namespace sarang {

class Resource;

class ArchiveService {
public:
    static constexpr const char* service_name = "archive";

    /// Waits until what this session's account had retracted is gone from its archive, and until
    /// its client has taken most of what it was given. False when it is to be given no more.
    virtual Task<bool> ready(Resource& resource) = 0;

    /// How an entry is named to clients of its owner (XEP-0359); empty while the key that is
    /// needed for it is not loaded.
    virtual std::string name(const Jid& owner, ArchiveId id) = 0;
    /// Nothing for what name() did not give for this owner. Not whether there is such an entry.
    virtual std::optional<ArchiveId> named(const Jid& owner, std::string_view name) = 0;

    /// The entry as XML, a <result/> (XEP-0313 §4.2). Requires a key: that name() gives one.
    virtual std::string
    result(const Jid& owner, const ArchiveEntry& entry, std::string_view query_id) = 0;

protected:
    ~ArchiveService() = default;
};

} // namespace sarang
