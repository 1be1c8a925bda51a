// SPDX-License-Identifier: Apache-2.0
// Host: a domain that is served, as one shard sees it: its hooks, its modules, and those of its
// users whose buckets lie here. Every shard has one of each domain. Its shard's thread only.
#pragma once

#include "base/api.h"
#include "base/gate.h"
#include "base/log.h"
#include "core/disco.h"
#include "core/hooks.h"
#include "core/iq.h"
#include "core/message.h"
#include "core/option.h"
#include "core/service.h"
#include "core/slot.h"
#include "core/user.h"
#include "xml/jid.h"
#include "xml/stanza.h"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sarang {

class Module;
class Router;
class ServerShard;
class Shard;
class Storage;

/// Who has an account on a host.
enum class Accounts : std::uint8_t {
    stored,    ///< those in the account store
    anonymous, ///< whoever comes, for as long as the session lasts (XEP-0175)
    none,      ///< nobody: a service, whose addresses its modules see to
};

/// What a host may be told in its own table of the configuration.
struct HostOptions {
    HostOptions(Schema& schema, std::shared_ptr<const Config> config, const std::string& host);

    Options options;
    Option<Accounts> accounts;
    Option<std::string> certificate;
    Option<std::string> key;
    Option<std::vector<std::string>> modules;
};

template <class T>
using Visitor = std::function<void(T&)>;

class SARANG_API Host {
public:
    /// `domain` is normalised; `name` is the host as the file spells it.
    Host(ServerShard& server, Jid domain, std::string name);
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    ServerShard& server() { return server_; }

    Router& router();
    Shard& shard();
    Storage& storage();
    const Clock& clock();

    const Jid& jid() const { return jid_; }

    std::string_view domain() const { return jid_.str(); }

    const std::string& name() const { return name_; }

    HostOptions& options() { return options_; }

    Hooks& hooks() { return hooks_; }

    IqTable<IqRequest>& account_requests() { return account_requests_; }

    IqTable<HostRequest>& host_requests() { return host_requests_; }

    Services& services() { return services_; }

    Disco& disco() { return disco_; }

    Disco& account_disco() { return account_disco_; }

    /// Told to clients after log-in, beside bind: such as roster versioning.
    std::vector<Element>& stream_features() { return stream_features_; }

    /// The service of a module, if one offers it now.
    template <class T>
    T* service() const
    {
        return services_.find<T>();
    }

    /// A user who is here already, or none.
    User* find(std::string_view local) const;
    /// The user, loaded; item-not-found when there is no such account.
    Task<Result<User::Pin>> user(Jid bare);

    const std::unordered_map<std::string_view, std::unique_ptr<User>>& users() const
    {
        return users_;
    }

    /// A stanza for an account, or for a service's address, whose bucket lies here, and the session
    /// that may ask for its receipt.
    void receive(Stanza&& stanza, const SessionId& sender);
    /// A room tells the inboxes of accounts of this host, which lie here, of a message.
    void note(NoteInInboxes notes);

    /// A stanza for the domain itself; seen to on the shard where it came up. Returns what is
    /// left to wait for.
    std::optional<Task<void>> receive_at_domain(Stanza&& stanza);

    /// Answers an iq request of an account by what modules registered.
    /// Returns what is left to wait for. `user` and `resource` must outlive that.
    std::optional<Task<void>> answer(Stanza&& stanza, User& user, Resource* resource);

    /// Forgets users that nothing keeps and that were not used for a while. Looks at those alone
    /// that were told of.
    void sweep();
    /// To be told when the last session of a user has ended and nothing waits.
    void forget_later(User& user);
    /// Destroys a session that has ended, or forgets a user who may not be needed any more, once
    /// nothing further up the stack can be at work in them.
    void bury(std::unique_ptr<Resource> resource);
    void reap_soon(const User& user);
    /// An account was removed or changed: it is loaded anew when next needed.
    void forget(const Jid& account);

    /// A slot of sessions that is kept while the server is down, as bytes.
    struct SessionPart {
        SlotId slot;
        std::string name;
        std::function<std::optional<std::string>(const Resource&)> encode;
        std::function<void(Resource&, std::string_view bytes)> decode;
    };

    void add_part(SessionPart part) { parts_.push_back(std::move(part)); }

    /// All of a session's: name -> bytes.
    std::map<std::string, std::string> parts_of(const Resource& resource) const;
    /// Gives one back, now or when its module is loaded.
    void give_part(Resource& resource, const std::string& name, std::string bytes);

    /// Work that must end before the host does.
    Gate& gate() { return gate_; }

    /// A new slot's number, and its end on every user and resource.
    SlotId make_slot() { return ++last_slot_; }

    void drop_slot(SlotId id);
    /// Shows it all users, or all sessions, that are here.
    void each(const Visitor<User>& visitor);
    void each(const Visitor<Resource>& visitor);

    /// Modules of this host are exchanged while one of these lives: what comes for users, and
    /// from their sessions, waits.
    class SARANG_API Change {
    public:
        explicit Change(Host& host);
        ~Change();
        Change(const Change&) = delete;
        Change& operator=(const Change&) = delete;

    private:
        Host& host_;
    };

    bool changing() const { return changes_ > 0; }

    /// Done when no module is being exchanged.
    Task<void> steady();

    /// Keeps what a module holds for the host as a whole until the one that follows takes it.
    void park(std::string name, std::string bytes) { parked_[std::move(name)] = std::move(bytes); }

    /// Nothing where nothing was parked under that name.
    std::optional<std::string> unpark(const std::string& name);

    /// Rises with each module that comes.
    std::uint64_t generation() const { return generation_; }

    std::vector<std::unique_ptr<Module>>& modules() { return modules_; }

    /// Takes a new instance in.
    void add(std::unique_ptr<Module> module);

    Module* module(std::string_view name) const;

    /// Where exceptions of hooks go.
    const HookFault& fault() const { return fault_; }

    const Log& log() const { return log_; }

    /// The name of the module that is being made; set by the loader for Module's constructor.
    std::string_view making() const { return making_; }

    void making(std::string_view name) { making_ = name; }

private:
    /// A stanza for a service whose module is being exchanged.
    struct Delayed {
        Stanza stanza;
        SessionId sender;
        Receipts::Hold hold;
    };

    /// A user without a session.
    struct Resting {
        Jid user;
        Clock::Time since;
    };

    User& make_user(const Jid& bare);
    void receive_at_service(Stanza&& stanza, const SessionId& sender);
    void offer_to_service(Stanza&& stanza, const SessionId& sender, Receipts::Hold hold);
    Task<void> offer_delayed();
    Task<void> note_later(NoteInInboxes notes);
    template <class Request, class... Parties>
    std::optional<Task<void>>
    answer_by(const IqTable<Request>& table, Stanza&& stanza, Element&& child, Parties... parties);
    template <class Request, class... Parties>
    Task<void> answer_later(
        const IqTable<Request>& table,
        std::function<Task<IqAnswer>(const Request&)> function,
        Stanza stanza,
        Element child,
        Parties... parties);
    void start_reaping();
    Task<void> reap();
    void reply(const Stanza& stanza, IqAnswer answer);

    ServerShard& server_;
    Jid jid_;
    std::string name_;
    Log log_;
    HookFault fault_;
    HostOptions options_;
    Hooks hooks_;
    IqTable<IqRequest> account_requests_;
    IqTable<HostRequest> host_requests_;
    Services services_;
    Disco disco_;
    Disco account_disco_;
    std::vector<Element> stream_features_;
    SlotId last_slot_ = 0;
    std::vector<SessionPart> parts_;
    std::string_view making_;
    Gate gate_;
    std::unordered_map<std::string_view, std::unique_ptr<User>> users_; ///< by local part
    std::vector<std::unique_ptr<Resource>> ended_;
    std::vector<Jid> doubtful_;   ///< users that may have to go
    std::deque<Resting> resting_; ///< the longest first
    bool reaping_ = false;
    unsigned changes_ = 0;
    std::vector<std::unique_ptr<Oneshot<bool>::Sender>> waiting_for_steady_;
    std::list<Delayed> delayed_;
    std::map<std::string, std::string> parked_;
    std::uint64_t generation_ = 0;
    std::vector<std::unique_ptr<Module>> modules_;
};

} // namespace sarang
