// SPDX-License-Identifier: Apache-2.0
// SessionKeeper: has the sessions of one shard outlive the server. They are saved when it ends, and
// come back, each account's together, when its user is next loaded: as sessions whose client is
// away, with what is left of their time. Nobody's rest for ever: users whom nobody asks for are
// loaded once that time is over. The shard's thread only.
#pragma once

#include "base/api.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "core/delivery.h"
#include "core/saved_session.h"
#include "core/stream_queue.h"
#include "net/timer.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

class Jid;
class Resource;
class ServerShard;
class User;

class SARANG_API SessionKeeper {
public:
    explicit SessionKeeper(ServerShard& server);
    SessionKeeper(const SessionKeeper&) = delete;
    SessionKeeper& operator=(const SessionKeeper&) = delete;

    /// Begins to look after those whom nobody asks for.
    void start();
    /// Ends that.
    Task<void> close();

    /// The user's sessions are there again, if any were saved. Called once, when he is loaded.
    Task<void> bring_back(User& user);

    /// Saves all that may be resumed. Requires that no client is there any more.
    Task<void> save_all();

    /// An account has gone: its sessions are nobody's.
    void forget(const Jid& account);

private:
    using Places = std::map<const Delivery*, std::uint32_t>;
    using Deliveries = std::vector<Ref<Delivery>>;

    // No JIDs: none has an empty domain. Under the first one, an account's sessions by its name;
    // under the other, by the number of a shard, whose they are and when they end.
    static constexpr std::string_view keeper_owner = "/sessions";
    static constexpr std::string_view ends_owner = "/sessions' ends";

    /// account -> what is to be written.
    using Records = std::vector<std::pair<std::string, std::string>>;

    bool all_settled();
    Task<void> settle();
    Task<void> settle_receipts();
    std::optional<std::string> saved(User& user);
    SavedSession saved(Resource& resource, SavedSessions& all, Places& places);
    static SavedSession::Entry
    saved(const StreamQueue::Entry& entry, SavedSessions& all, Places& places);
    Task<void> put_all(Records& records);
    Task<void> put_some(Records& records);
    Task<bool> put(std::string owner, std::string name, std::string bytes);
    Task<bool> save_ends();
    Task<void> forget_ends_of_others();
    void give_up(const std::string& account);
    void give_up_all(Records& records);

    Task<void> erase(std::string account);
    Task<std::optional<SavedSessions>> read(std::string account);
    Task<std::optional<SavedSessions>> take(std::string account);
    Task<bool> fill_in(std::string account, std::vector<SavedSession>& sessions);
    Resource* revive(User& user, SavedSession&& session, const Deliveries& deliveries);

    Task<void> find_left();
    Task<Result<void>> read_ends();
    Task<Result<void>> read_accounts();
    bool is_here(std::string_view account);
    void wait_for_left();
    void look_again(std::string account);
    void late();
    Task<void> load(std::string account);

    ServerShard& server_;
    std::vector<SavedEnd> left_;      ///< those who are not known to be here; the next one last
    std::set<std::string> forgotten_; ///< whose are being removed
    Timer late_{Timer::calls<&SessionKeeper::late>(*this)};
    Clock::Time latest_{}; ///< when it is given up to save them
    bool gave_up_ = false; ///< sessions that could not be saved
    Gate saving_;
    Gate looking_;
    Log log_{"sessions"};
};

} // namespace sarang
