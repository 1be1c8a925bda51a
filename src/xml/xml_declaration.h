// SPDX-License-Identifier: Apache-2.0
// The XML declaration at the start of a stream (RFC 6120 §11.5, XML 1.0 §2.8). Scanners stand
// inside a document, where Expat would not take one.
#pragma once

#include "base/api.h"
#include "base/error.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace sarang {

struct SARANG_API XmlDeclaration {
    /// Looks at the beginning of a stream.
    static XmlDeclaration read(std::string_view bytes);

    std::size_t size = 0;    ///< of the declaration; nothing when there is none
    bool incomplete = false; ///< more bytes are needed to tell
    std::optional<StreamCondition> error;
};

} // namespace sarang
