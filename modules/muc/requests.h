// SPDX-License-Identifier: Apache-2.0
// Requests to a room: what it answers, and where.
#pragma once

#include "base/task.h"
#include "core/iq.h"
#include "xml/element.h"
#include "xml/stanza.h"

#include "modules/muc/room.h"

namespace sarang::muc {

/// All outlive the task. service-unavailable for what no room answers; nothing: it was confirmed.
Task<IqAnswer> take_request(Room& room, const Stanza& request, const Element& child);

/// Tells who asked that it is done. Others are told of it after that (§8.2, §9.3).
IqAnswer confirm(Room& room, const Stanza& request);

// In admin.cpp: XEP-0045 §8 and §9.
Task<IqAnswer> list_people(Room& room, const Stanza& request, const Element& query);
Task<IqAnswer> change_people(Room& room, const Stanza& request, const Element& query);

// In owner.cpp: §10.
Task<IqAnswer> show_config(Room& room, const Stanza& request, const Element& query);
Task<IqAnswer> change_config(Room& room, const Stanza& request, const Element& query);

// In retracting.cpp: XEP-0425, and as it was in its version 0.2.
Task<IqAnswer> moderate(Room& room, const Stanza& request, const Element& moderate);
Task<IqAnswer> moderate_fastened(Room& room, const Stanza& request, const Element& apply);
// In register.cpp: §7.10.
Task<IqAnswer> show_registration(Room& room, const Stanza& request, const Element& query);
Task<IqAnswer> change_registration(Room& room, const Stanza& request, const Element& query);

// In disco.cpp: §6.4 to §6.6.
Task<IqAnswer> tell_info(Room& room, const Stanza& request, const Element& query);
Task<IqAnswer> tell_items(Room& room, const Stanza& request, const Element& query);

// In adhoc.cpp: XEP-0050.
Task<IqAnswer> run_command(Room& room, const Stanza& request, const Element& command);

// In card_requests.cpp: XEP-0486.
Task<IqAnswer> show_card(Room& room, const Stanza& request, const Element& vcard);
Task<IqAnswer> change_card(Room& room, const Stanza& request, const Element& vcard);

} // namespace sarang::muc
