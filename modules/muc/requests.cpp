// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/requests.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "modules/muc/adhoc.h"
#include "modules/muc/names.h"
#include "modules/muc/vcard.h"

namespace sarang::muc {
namespace {

struct Row {
    Type type;
    std::string_view ns;
    std::string_view name;
    Task<IqAnswer> (*answer)(Room&, const Stanza&, const Element&);
};

constexpr std::array rows{
    Row{Type::get, "http://jabber.org/protocol/disco#info", "query", &tell_info},
    Row{Type::get, "http://jabber.org/protocol/disco#items", "query", &tell_items},
    Row{Type::get, admin_ns, "query", &list_people},
    Row{Type::set, admin_ns, "query", &change_people},
    Row{Type::get, owner_ns, "query", &show_config},
    Row{Type::set, owner_ns, "query", &change_config},
    Row{Type::set, moderate_ns, "moderate", &moderate},
    Row{Type::set, fasten_ns, "apply-to", &moderate_fastened},
    Row{Type::get, register_ns, "query", &show_registration},
    Row{Type::set, register_ns, "query", &change_registration},
    Row{Type::set, commands_ns, "command", &run_command},
    Row{Type::get, vcard_ns, "vCard", &show_card},
    Row{Type::set, vcard_ns, "vCard", &change_card},
};

Task<IqAnswer> refuse(Error error)
{
    co_return fail(std::move(error));
}

} // namespace

IqAnswer confirm(Room& room, const Stanza& request)
{
    room.router().route(request.reply(Type::result));
    return std::optional<Element>{};
}

Task<IqAnswer> take_request(Room& room, const Stanza& request, const Element& child)
{
    if (!room.there_for(request.from)) {
        return refuse(Error{Condition::item_not_found, "There is no such room", {}, {}});
    }
    const auto* const row = std::ranges::find_if(rows, [&](const Row& one) {
        return one.type == request.type && child.is(one.ns, one.name);
    });
    if (row == rows.end()) {
        return refuse(Error{Condition::service_unavailable, {}, {}, {}});
    }
    return row->answer(room, request, child);
}

} // namespace sarang::muc
