// SPDX-License-Identifier: Apache-2.0
// What rooms tell the inbox. What was said is in the room's archive, once; of each account that it
// is for, a note is kept, in the order in which they came and many in one sync.
#include "core/placement.h"
#include "core/server_shard.h"
#include "net/shard.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "modules/inbox/inbox.h"

namespace sarang {
namespace {

using namespace std::chrono_literals;

// What a full disk holds up is bounded; what is beyond is not noted.
constexpr std::size_t most_waiting = 100'000;
constexpr std::size_t notes_at_once = 256;
constexpr unsigned most_tries = 50;
constexpr auto before_next_try = 20ms;
constexpr unsigned most_looks = 250;
constexpr auto before_next_look = 2ms;

// So many accounts are known to exist without asking.
constexpr std::size_t most_known = 100'000;

} // namespace

Result<Appended>
Inbox::append(const Jid& account, const Jid& room, EntryRole role, std::string_view message)
{
    const bool of_message = role == EntryRole::room_sent || role == EntryRole::room_received ||
                            role == EntryRole::room_mention;
    ArchiveDraft draft;
    draft.owner = account.str();
    draft.host = host().domain();
    draft.bucket = bucket_of(draft.owner);
    draft.with = room.str();
    (of_message ? draft.message_id : draft.refers_to) = message;
    draft.role = role;
    return storage().archive().append(draft);
}

void Inbox::take_notes(const NoteInInboxes& notes)
{
    for (const InboxNote& note : notes.notes) {
        if (waiting_.size() >= most_waiting) {
            log().warn("messages are left out of inboxes {}", field("room", notes.room.str()));
            break;
        }
        waiting_.push_back({notes.room, notes.message, note});
        ++noted_;
    }
    if (!keeping_ && !waiting_.empty()) {
        keeping_ = true;
        spawn(keep_notes());
    }
}

Task<void> Inbox::keep_notes()
{
    while (!waiting_.empty()) {
        const std::size_t count = std::min(waiting_.size(), notes_at_once);
        const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<Waiting> some{waiting_.begin(), end};
        waiting_.erase(waiting_.begin(), end);
        Task<void> keeping = keep_some(std::move(some));
        co_await keeping;
        kept_ += count;
    }
    keeping_ = false;
}

Task<void> Inbox::keep_some(std::vector<Waiting> some)
{
    std::vector<Waiting> left;
    for (Waiting& one : some) {
        Task<bool> looking = has_account(one.note.account);
        const bool known = co_await looking;
        if (known) {
            left.push_back(std::move(one));
        }
    }
    for (unsigned tries = 0; !left.empty() && tries < most_tries && enter(); ++tries) {
        if (tries > 0) {
            co_await host().shard().sleep(before_next_try);
        }
        const AppendTicket last = append_all(left);
        Task<AppendOutcome> settling = host().server().settlements().outcome(last);
        const AppendOutcome outcome = co_await settling;
        if (outcome != AppendOutcome::durable) {
            log().warn("messages of rooms are not in inboxes: {}", append_error(outcome).text);
        }
    }
    if (!left.empty()) {
        log().warn("messages of rooms are not in inboxes: too much waits for the disk");
    }
}

// Leaves those that were refused.
AppendTicket Inbox::append_all(std::vector<Waiting>& some)
{
    AppendTicket last = AppendTicket::none;
    const auto refused = std::ranges::find_if(some, [this, &last](const Waiting& one) {
        const auto appended = append(one.note.account, one.room, one.note.role, one.message);
        last = appended ? appended->ticket : last;
        return !appended;
    });
    some.erase(some.begin(), refused);
    return last;
}

// What was said before somebody asked is in what he is told.
Task<void> Inbox::catch_up()
{
    const std::uint64_t through = noted_;
    for (unsigned tries = 0; kept_ < through && tries < most_looks && enter(); ++tries) {
        co_await host().shard().sleep(before_next_look);
    }
}

// A list of members may name whom it likes.
Task<bool> Inbox::has_account(Jid account)
{
    if (accounts_.contains(account)) {
        co_return true;
    }
    const std::string name{account.str()};
    Task<Result<std::optional<Account>>> finding = storage().accounts().find(name);
    const Result<std::optional<Account>> found = co_await finding;
    const bool exists = found && *found;
    if (exists) {
        if (accounts_.size() >= most_known) {
            accounts_.clear();
        }
        accounts_.insert(account);
    }
    co_return exists;
}

void Inbox::forget_account(const AccountEvent& event)
{
    accounts_.erase(event.account);
}

} // namespace sarang
