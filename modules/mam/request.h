// SPDX-License-Identifier: Apache-2.0
// What a client asks of an archive (XEP-0313 §4): read, not yet compared with what there is.
#pragma once

#include "base/clock.h"
#include "core/data_form.h"
#include "core/result_set.h"
#include "xml/element.h"
#include "xml/jid.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/mam/preferences.h"

namespace sarang {

/// Ours: what refers to a message comes with it. The field, and what then stands in results.
inline constexpr std::string_view archive_ns = "urn:sarang:archive:0";
inline constexpr std::string_view order_ns = "urn:xmpp:order-by:1";
inline constexpr std::string_view fulltext_ns = "urn:xmpp:fulltext:0";
inline constexpr std::string_view extended_ns = "urn:xmpp:mam:2#extended";
inline constexpr std::string_view ordered_ns = "urn:xmpp:order-by:1@urn:xmpp:mam:2";

struct ArchiveRequest {
    static constexpr std::size_t max_ids = 100;

    std::optional<std::string> query_id;
    std::optional<Jid> with;
    std::optional<Clock::Wall> start;
    std::optional<Clock::Wall> end;
    std::optional<std::string> before_id;
    std::optional<std::string> after_id;
    std::optional<std::string> words; ///< that all stand in each (XEP-0431)
    std::vector<std::string> ids;     ///< these alone, where there are any
    bool fold = false;
    bool flip = false;       ///< the page is sent last first; it is the same page
    bool descending = false; ///< the whole of the result is (XEP-0413)
    ResultSetRequest page;

    /// Of a <query/>: feature-not-implemented for a field or an order that is not known.
    static Result<ArchiveRequest> read(const Element& query);
};

/// The fields that there are, to be filled in.
DataForm archive_form();

} // namespace sarang
