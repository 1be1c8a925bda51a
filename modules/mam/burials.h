// SPDX-License-Identifier: Apache-2.0
// Burials: messages of an account's archive that were retracted and are still to be replaced
// (XEP-0424 §5). Kept before the retraction is, so that a crash leaves none behind.
#pragma once

#include "core/keyed.h"
#include "xml/jid.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/mam/entry.h"

namespace sarang {

/// A message that is to be replaced in an archive, once its retraction is kept.
struct Burial {
    std::string with;
    std::string message_id;
    Retraction retraction;

    bool operator==(const Burial&) const = default;
};

using Burials = std::vector<Burial>;

template <>
struct Codec<Burials> {
    static std::string encode(const Burials& burials);
    static std::optional<Burials> decode(std::string_view bytes);
};

} // namespace sarang
