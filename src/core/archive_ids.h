// SPDX-License-Identifier: Apache-2.0
// ArchiveIds: how entries of archives are named to clients (XEP-0313 §3.3): opaque, though the
// same each time, so that nobody learns when or how often others wrote. One shard's.
#pragma once

#include "base/api.h"
#include "base/crypto.h"
#include "store/archive_store.h"

#include <optional>
#include <string>
#include <string_view>

namespace sarang {

class SARANG_API ArchiveIds {
public:
    /// `key`: 32 bytes, the same for all archives of a host and for ever (store/secrets.h).
    explicit ArchiveIds(const Secret& key)
        : cipher_{key}
    {}

    /// 22 characters of A-Z a-z 0-9 - _, of the archive of that bare JID.
    std::string show(std::string_view owner, ArchiveId id);

    /// Nothing for what show() did not give for that archive. Not whether there is such an entry.
    std::optional<ArchiveId> read(std::string_view owner, std::string_view text);

private:
    BlockCipher cipher_;
};

} // namespace sarang
