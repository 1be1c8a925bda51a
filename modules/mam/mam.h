// SPDX-License-Identifier: Apache-2.0
// XEP-0313: Message Archive Management, with XEP-0441 and the tombstones of XEP-0424.
//
// Keeps what an account's messages say before they go on, and answers the account's own sessions
// of it. What an archive holds is the store's; of its own it has each user's preferences.
#pragma once

#include "core/archive_ids.h"
#include "core/module.h"
#include "core/service/archive.h"
#include "core/turn.h"
#include "store/archive_store.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/mam/burials.h"
#include "modules/mam/entry.h"
#include "modules/mam/pager.h"
#include "modules/mam/preferences.h"
#include "modules/mam/request.h"

namespace sarang {

class ArchiveModule final : public Module, private ArchiveService {
public:
    explicit ArchiveModule(Host& host);

private:
    void announce();
    Task<Verdict> load(const UserEvent& event);
    Task<Result<void>> load_key();
    Verdict strip(Passage& passage);

    Task<Verdict> recall_sent(Keeping& keeping);
    Task<Verdict> recall_received(Keeping& keeping);
    Task<void> recall(Keeping& keeping, Jid with);
    Verdict keep_sent(Keeping& keeping);
    Verdict keep_received(Keeping& keeping);
    Verdict keep(Keeping& keeping, const Jid& with);
    bool wanted(User& user, const Jid& with);
    Result<Appended>
    append(const Jid& owner, const Stanza& message, const Jid& with, EntryRole role);
    std::optional<Burial> burial_for(const Stanza& stanza, const Jid& with);
    void note_burial(User& user, const Burial& burial);
    Task<void> bury(Jid account, Burial burial, AppendTicket ticket);
    Task<void> bury_left(Jid account, Burials left);
    void not_buried(const Jid& account, const Burial& burial, const Error& error);
    void bury_again();
    Task<Result<bool>> is_retracted(const Jid& account, const Burial& burial);
    Task<Result<std::vector<ArchiveEntry>>> corrections(std::string owner, std::string message_id);
    Task<Result<void>> replace_all(const Jid& account, const Burial& burial);
    Task<Result<void>> replace(const Jid& account, const Burial& burial, ArchiveEntry entry);
    Task<void> end_burial(Jid account, Burial burial);
    Task<void> note_burials(Jid account, Burials burials);

    Result<Element> form(const IqRequest& request);
    Task<Result<Element>> answer(const IqRequest& request);
    Task<Result<Element>> metadata(const IqRequest& request);
    Result<Element> preferences(const IqRequest& request);
    Task<Result<Element>> set_preferences(const IqRequest& request);
    Task<bool> room_for_a_page(Resource& resource);
    Task<bool> ready(Resource& resource) override;

    Task<Result<void>> open() override { return load_key(); }

    bool is_open() const override { return ids_.has_value(); }

    Result<std::optional<Kept>>
    keep(const Jid& owner, const Jid& with, const Stanza& message) override;
    std::string name(const Jid& owner, ArchiveId id) override;
    std::optional<ArchiveId> named(const Jid& owner, std::string_view name) override;
    std::string
    result(const Jid& owner, const ArchiveEntry& entry, std::string_view query_id) override;
    std::string
    result(const Jid& owner, const ArchivedMessage& message, std::string_view query_id) override;

    Task<Result<std::vector<ArchivedMessage>>>
    last(Jid owner, std::size_t most, std::function<bool(const Stanza&)> wanted) override;
    Task<Result<std::vector<ArchivedMessage>>> find(Jid owner, std::string name) override;
    Task<Result<void>> replace(Jid owner, ArchiveId id, Stanza message) override;
    Task<Result<void>> forget(Jid owner) override;
    ArchivedMessage read(const Jid& owner, ArchiveId id, Stanza message);
    std::vector<std::string_view> features() const override;
    Task<Result<Element>>
    answer(const Stanza& request, const Element& child, const ArchiveReader& reader) override;
    Task<Result<Element>> query(const Element& child, const ArchiveReader& reader);
    Task<Result<Element>> page(ArchiveRequest asked, const ArchiveReader& reader);
    void deliver(const ArchiveRequest& asked, ArchiveResult& found, const ArchiveReader& reader);
    Element fin(const std::string& owner, const ArchiveResult& found);
    Task<Result<Element>> extent(std::string owner);

    void begin_to_expire();
    Task<void> expire();

    Option<std::int64_t> max_page_;
    Option<std::size_t> page_size_;
    Option<Milliseconds> keep_;
    Option<ArchiveDefault> default_;
    Store<ArchivePreferences> kept_preferences_;
    Slot<User, ArchivePreferences> preferences_;
    Store<Burials> kept_burials_;
    Slot<User, Burials> burials_;       ///< that are under way
    std::map<Jid, Burials> not_buried_; ///< the same: an attempt has failed
    std::string archived_;              ///< what is just being kept
    std::optional<ArchiveIds> ids_;     ///< once the key was loaded, with the first user
    Turns turns_;                       ///< who looks for a message sees what was retracted before
    bool expiring_ = false;
};

} // namespace sarang
