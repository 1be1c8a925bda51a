// SPDX-License-Identifier: Apache-2.0
#include "modules/inbox/request.h"

#include <string>
#include <utility>

namespace sarang {
namespace {

// As XML Schema has it.
Result<bool> boolean(const Element& inbox, std::string_view name, bool otherwise)
{
    const std::string_view value = inbox.attribute(name);
    if (value == "true" || value == "1") {
        return true;
    }
    if (value == "false" || value == "0") {
        return false;
    }
    if (inbox.has(name)) {
        return fail(Condition::bad_request, "Neither true nor false: " + std::string{name});
    }
    return otherwise;
}

} // namespace

Result<InboxRequest> InboxRequest::read(const Element& inbox)
{
    const auto unread_only = boolean(inbox, "unread-only", false);
    const auto messages = boolean(inbox, "messages", true);
    if (!unread_only || !messages) {
        return fail((unread_only ? messages : unread_only).error());
    }
    auto page = ResultSetRequest::read(inbox);
    if (!page) {
        return std::move(page).failure();
    }
    if (page->index) {
        return fail(Condition::feature_not_implemented, "Pages have no numbers here");
    }
    return InboxRequest{*unread_only, *messages, std::move(*page)};
}

} // namespace sarang
