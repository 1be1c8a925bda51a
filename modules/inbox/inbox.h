// SPDX-License-Identifier: Apache-2.0
// XEP-0430: Inbox, moved by displayed markers (XEP-0333) and by what XEP-0490 says of them.
//
// Tells an account's sessions of its conversations, which the archive keeps as messages come: also
// markers move them there. Of rooms it keeps notes; what was said is in their archives, and whether
// he may see it is asked of them each time.
#pragma once

#include "core/module.h"
#include "core/service/archive.h"
#include "core/service/read_positions.h"
#include "core/service/rooms.h"
#include "store/storage.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "modules/inbox/displayed.h"
#include "modules/inbox/request.h"

namespace sarang {

class Inbox final : public Module, private ReadPositions {
public:
    explicit Inbox(Host& host);

private:
    /// A page on its way to a session.
    struct Page {
        Jid owner;
        std::string query_id;
        InboxPage found;
        std::vector<RoomSight> sights; ///< of each conversation: of those with rooms it is known
    };

    /// A note that is to be kept.
    struct Waiting {
        Jid room;
        std::string message;
        InboxNote note;
    };

    Task<Result<Element>> answer(const IqRequest& request);
    Task<Result<void>> find(Page& page, const InboxQuery& query, Jid reader);
    Result<InboxQuery> query_of(const Jid& owner, const InboxRequest& asked);
    Result<void> bound(const Jid& owner, const std::optional<std::string>& name, ArchiveId& place);
    void deliver(ArchiveService& archive, Resource& resource, const Page& page);
    std::string entry(ArchiveService& archive, const Jid& owner, const Conversation& told);
    Element fin(ArchiveService& archive, const Page& page, bool unread_only);

    Verdict assist(Passage& passage);
    Task<void> move(Jid account, Jid party, std::string stanza_id);
    Task<Result<bool>> read_through(Jid account, Jid party, std::string stanza_id) override;

    // In noting.cpp.

    void take_notes(const NoteInInboxes& notes);
    Task<void> keep_notes();
    Task<void> keep_some(std::vector<Waiting> some);
    AppendTicket append_all(std::vector<Waiting>& some);
    Result<Appended>
    append(const Jid& account, const Jid& room, EntryRole role, std::string_view message);
    Task<bool> has_account(Jid account);
    void forget_account(const AccountEvent& event);
    Task<void> catch_up();

    // In rooms.cpp.

    Verdict keep_marker(Keeping& keeping);
    Task<Result<bool>> read_room_through(Jid account, Jid room, std::string message);
    /// Asks the rooms of a page what of them may be seen.
    Task<void> ask_rooms(Page& page, const InboxQuery& query, Jid reader);
    Task<std::vector<RoomSight>>
    ask_shard(unsigned shard, std::string domain, Jid reader, std::vector<RoomGlance> glances);
    /// Forgets those that are none of his any more. True where there are none.
    Task<bool> forget_hidden(const Page& page);

    ArchiveService* archive() { return host().service<ArchiveService>(); }

    Option<std::int64_t> max_page_;
    std::deque<Waiting> waiting_;
    bool keeping_ = false;
    std::uint64_t noted_ = 0;          ///< notes that came
    std::uint64_t kept_ = 0;           ///< of those, the first ones, that were seen to
    std::unordered_set<Jid> accounts_; ///< that there are, as far as was looked
};

} // namespace sarang
