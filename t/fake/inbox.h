// SPDX-License-Identifier: Apache-2.0
// FakeInbox: the conversations of one owner, as plain lists of messages.
#pragma once

#include "store/archive_store.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

class FakeInbox {
public:
    /// An entry has settled; all are told of in order.
    void add(const ArchiveEntry& entry, const ArchiveDraft& draft)
    {
        if (is_note(draft.role)) {
            return; // of rooms it knows nothing
        }
        const auto known = talks_.find(entry.with);
        const bool message = draft.role == EntryRole::sent || draft.role == EntryRole::received ||
                             draft.role == EntryRole::mention;
        if (known == talks_.end() && !message) {
            return;
        }
        Talk& talk = talks_[entry.with];
        talk.told.with = entry.with;
        talk.told.last = entry.id;
        if (message) {
            talk.told.message = entry.id;
        }
        if (draft.role == EntryRole::sent) {
            talk.read(entry.id);
            talk.unseen.push_back({entry.id, std::string{draft.message_id}, false});
        } else if (message) {
            const bool mention = draft.role == EntryRole::mention;
            talk.unread.push_back({entry.id, std::string{draft.message_id}, mention});
        } else if (draft.role == EntryRole::displayed) {
            if (const auto id = find(talk.unread, draft.refers_to)) {
                talk.read(*id);
            }
        } else if (draft.role == EntryRole::seen) {
            if (const auto id = find(talk.unseen, draft.refers_to)) {
                talk.told.seen = *id;
                talk.drop(talk.unseen, *id);
            }
        }
        talk.shorten();
    }

    bool read(std::string_view with, ArchiveId through)
    {
        const auto known = talks_.find(with);
        if (known == talks_.end()) {
            return false;
        }
        known->second.read(through);
        return true;
    }

    void forget(ArchiveId id)
    {
        for (auto& [with, talk] : talks_) {
            std::erase_if(talk.unread, [id](const Message& message) { return message.id == id; });
        }
    }

    void remove_before(ArchiveId bound)
    {
        const auto gone = [bound](ArchiveId id) { return bound == ArchiveId::none || id < bound; };
        for (auto& [with, talk] : talks_) {
            std::erase_if(talk.unread, [&gone](const Message& it) { return gone(it.id); });
            std::erase_if(talk.unseen, [&gone](const Message& it) { return gone(it.id); });
            talk.beyond = gone(talk.beyond) ? ArchiveId::none : talk.beyond;
        }
        std::erase_if(talks_, [&gone](const auto& it) { return gone(it.second.told.message); });
    }

    std::optional<Conversation> conversation(std::string_view with) const
    {
        const auto known = talks_.find(with);
        return known == talks_.end() ? std::nullopt : std::optional{known->second.conversation()};
    }

    /// All of them, the newest first.
    std::vector<Conversation> all() const
    {
        std::vector<Conversation> all;
        for (const auto& [with, talk] : talks_) {
            all.push_back(talk.conversation());
        }
        std::ranges::sort(all, std::ranges::greater{}, &Conversation::message);
        return all;
    }

private:
    struct Message {
        ArchiveId id;
        std::string message_id;
        bool mention;
    };

    using Messages = std::vector<Message>;

    struct Talk {
        Conversation told;
        ArchiveId beyond = ArchiveId::none;
        Messages unread;
        Messages unseen;

        static void drop(Messages& messages, ArchiveId through)
        {
            std::erase_if(messages, [through](const Message& it) { return it.id <= through; });
        }

        void read(ArchiveId through)
        {
            told.read = std::max(told.read, through);
            drop(unread, told.read);
        }

        void shorten()
        {
            drop(unread, told.read);
            while (unread.size() > Conversation::most_unread) {
                beyond = unread.front().id;
                unread.erase(unread.begin());
            }
            while (unseen.size() > Conversation::most_unseen) {
                unseen.erase(unseen.begin());
            }
        }

        Conversation conversation() const
        {
            Conversation now = told;
            now.unread = unread.size();
            now.mentions =
                static_cast<std::size_t>(std::ranges::count(unread, true, &Message::mention));
            now.more = beyond > told.read;
            return now;
        }
    };

    static std::optional<ArchiveId> find(const Messages& messages, std::string_view message_id)
    {
        for (auto it = messages.rbegin(); it != messages.rend(); ++it) {
            if (!message_id.empty() && it->message_id == message_id) {
                return it->id;
            }
        }
        return std::nullopt;
    }

    std::map<std::string, Talk, std::less<>> talks_;
};

} // namespace sarang
