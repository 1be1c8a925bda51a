// SPDX-License-Identifier: Apache-2.0
#include "core/host.h"

#include "core/module.h"
#include "core/router.h"
#include "core/server_shard.h"

#include <algorithm>
#include <chrono>

namespace sarang {
namespace {

/// RFC 6120 §8.2.3: a request has exactly one child. What is wrong with this one, if anything.
std::optional<Error> malformed(const Stanza& stanza)
{
    if (stanza.type == Type::unknown) {
        return Error{Condition::bad_request, "No such type of iq", {}, {}};
    }
    if (stanza.id.empty()) {
        return Error{Condition::bad_request, "An iq needs an id", {}, {}};
    }
    if (!stanza.payload || stanza.payload->size() != 1) {
        return Error{Condition::bad_request, "A request has exactly one child", {}, {}};
    }
    return std::nullopt;
}

Iq kind_of(const Stanza& stanza)
{
    return stanza.type == Type::get ? Iq::get : Iq::set;
}

} // namespace

HostOptions::HostOptions(
    Schema& schema, std::shared_ptr<const Config> config, const std::string& host)
    : options{schema, std::move(config), "host", host}
    , accounts{options.choice<Accounts>(
          "accounts",
          Accounts::stored,
          {{"stored", Accounts::stored},
           {"anonymous", Accounts::anonymous},
           {"none", Accounts::none}},
          "who has an account here: those that are kept, whoever comes, nobody",
          Effect::restart)}
    , certificate{options.string("certificate", "", "file with the certificate chain, PEM")}
    , key{options.string("key", "", "file with the certificate's private key, PEM")}
    , modules{options.list(
          "modules",
          {"roster",
           "presence",
           "message",
           "mam",
           "inbox",
           "carbons",
           "csi",
           "offline",
           "sm",
           "disco",
           "ping",
           "version"},
          "modules that are loaded for this host",
          Effect::restart)}
{}

Host::Host(ServerShard& server, Jid domain, std::string name)
    : server_{server}
    , jid_{std::move(domain)}
    , name_{std::move(name)}
    , log_{Log{"host"}.with(jid_.str())}
    , fault_{[this](std::exception_ptr exception) { server_.report(std::move(exception)); }}
    , options_{server.schema(), server.config(), name_}
{
    // RFC 3921 §3 had clients establish a session, with the server or without an address; nothing
    // is left to be done for it.
    const auto nothing = [](const auto&) { return IqAnswer{std::nullopt}; };
    account_requests_.add(Iq::set, Scope::account, ns::session, "session", {nothing, {}});
    host_requests_.add(Iq::set, Scope::host, ns::session, "session", {nothing, {}});
}

Host::~Host() = default;

Router& Host::router()
{
    return server_.router();
}

Shard& Host::shard()
{
    return server_.shard();
}

Storage& Host::storage()
{
    return server_.storage();
}

const Clock& Host::clock()
{
    return server_.clock();
}

KeyedStore& keyed_values(Host& host)
{
    return host.server().values();
}

User* Host::find(std::string_view local) const
{
    const auto found = users_.find(local);
    return found != users_.end() ? found->second.get() : nullptr;
}

User& Host::make_user(const Jid& bare)
{
    auto user = std::make_unique<User>(*this, bare);
    User& made = *user;
    users_.emplace(made.jid().local(), std::move(user));
    made.load();
    return made;
}

Task<Result<User::Pin>> Host::user(Jid bare)
{
    User* user = find(bare.local());
    if (user != nullptr && user->outdated() && user->idle()) {
        users_.erase(bare.local());
        user = nullptr;
    }
    if (user == nullptr) {
        user = &make_user(bare);
    }
    Oneshot<Result<User::Pin>> turn;
    user->wait_for_turn(turn);
    Result<User::Pin> pin = co_await turn;
    co_return std::move(pin);
}

void Host::receive(Stanza&& stanza, const SessionId& sender)
{
    User* user = find(stanza.to.local());
    if (user == nullptr) {
        if (*options_.accounts != Accounts::stored) {
            receive_at_service(std::move(stanza), sender);
            return;
        }
        user = &make_user(stanza.to.bare());
    }
    user->receive(std::move(stanza), sender);
}

void Host::receive_at_service(Stanza&& stanza, const SessionId& sender)
{
    if (!changing() && delayed_.empty()) {
        offer_to_service(std::move(stanza), sender, {});
    } else if (
        !(stanza.kind == Kind::presence && stanza.type == Type::unavailable) &&
        delayed_.size() >= static_cast<std::size_t>(*server_.options().account_queue)) {
        router().bounce(stanza, Error{Condition::resource_constraint, "Too much at once", {}, {}});
    } else {
        const bool first = delayed_.empty();
        Receipts::Hold hold = server_.receipts().hold(sender);
        delayed_.push_back(Delayed{std::move(stanza), sender, std::move(hold)});
        if (first) {
            gate_.spawn(offer_delayed());
        }
    }
}

// What comes meanwhile stands behind them.
Task<void> Host::offer_delayed()
{
    while (!delayed_.empty()) {
        Task<void> steady = this->steady();
        co_await steady;
        Delayed next = std::move(delayed_.front());
        delayed_.pop_front();
        offer_to_service(std::move(next.stanza), next.sender, std::move(next.hold));
    }
}

void Host::offer_to_service(Stanza&& stanza, const SessionId& sender, Receipts::Hold hold)
{
    ServiceArrival arrival{stanza, sender, std::move(hold)};
    const Verdict verdict = hooks_.to_service.run(arrival, fault_);
    if (verdict.bounces()) {
        router().bounce(stanza, verdict.error());
    } else if (verdict.passes() && stanza.kind != Kind::presence) {
        router().bounce(stanza, Error{Condition::service_unavailable, {}, {}, {}});
    }
}

void Host::note(NoteInInboxes notes)
{
    if (changing()) {
        gate_.spawn(note_later(std::move(notes)));
    } else {
        hooks_.room_noted.run(notes, fault_);
    }
}

Task<void> Host::note_later(NoteInInboxes notes)
{
    Task<void> steady = this->steady();
    co_await steady;
    hooks_.room_noted.run(notes, fault_);
}

std::optional<Task<void>> Host::receive_at_domain(Stanza&& stanza)
{
    if (stanza.kind == Kind::presence || !stanza.answerable()) {
        return std::nullopt;
    }
    if (stanza.kind == Kind::message) {
        router().bounce(stanza, Error{Condition::service_unavailable, {}, {}, {}});
        return std::nullopt;
    }
    if (auto error = malformed(stanza)) {
        router().bounce(stanza, *error);
        return std::nullopt;
    }
    Element child = stanza.payload->element(std::size_t{0});
    return answer_by(host_requests_, std::move(stanza), std::move(child));
}

std::optional<Task<void>> Host::answer(Stanza&& stanza, User& user, Resource* resource)
{
    if (!stanza.answerable()) {
        return std::nullopt;
    }
    if (auto error = malformed(stanza)) {
        router().bounce(stanza, *error);
        return std::nullopt;
    }
    Element child = stanza.payload->element(std::size_t{0});
    return answer_by(account_requests_, std::move(stanza), std::move(child), &user, resource);
}

namespace {

// What a handler is shown; made where the stanza and the child will stay.
HostRequest request(const IqTable<HostRequest>&, const Stanza& stanza, const Element& child)
{
    return {stanza, child};
}

IqRequest request(
    const IqTable<IqRequest>&,
    const Stanza& stanza,
    const Element& child,
    User* user,
    Resource* resource)
{
    return {stanza, child, *user, resource};
}

bool may_ask(const IqTable<HostRequest>::Entry&, const Stanza&)
{
    return true;
}

bool may_ask(const IqTable<IqRequest>::Entry& entry, const Stanza& stanza, User* user, Resource*)
{
    return entry.scope == Scope::anyone || stanza.from.same_bare(user->jid());
}

} // namespace

template <class Request, class... Parties>
std::optional<Task<void>>
Host::answer_by(const IqTable<Request>& table, Stanza&& stanza, Element&& child, Parties... parties)
{
    const auto* entry = table.find(kind_of(stanza), child.ns(), child.name());
    if (entry == nullptr || !may_ask(*entry, stanza, parties...)) {
        router().bounce(stanza, Error{Condition::service_unavailable, {}, {}, {}});
        return std::nullopt;
    }
    if (entry->function.later) {
        return answer_later(
            table, entry->function.later, std::move(stanza), std::move(child), parties...);
    }
    try {
        const Request asked = request(table, stanza, child, parties...);
        reply(stanza, entry->function.at_once(asked));
    } catch (...) {
        fault_(std::current_exception());
        router().bounce(stanza, Error{Condition::internal_server_error, {}, {}, {}});
    }
    return std::nullopt;
}

template <class Request, class... Parties>
Task<void> Host::answer_later(
    const IqTable<Request>& table,
    std::function<Task<IqAnswer>(const Request&)> function,
    Stanza stanza,
    Element child,
    Parties... parties)
{
    const Request asked = request(table, stanza, child, parties...);
    std::optional<IqAnswer> answer;
    try {
        Task<IqAnswer> task = function(asked);
        IqAnswer given = co_await task;
        answer.emplace(std::move(given));
    } catch (...) {
        fault_(std::current_exception());
        answer.emplace(fail(Condition::internal_server_error));
    }
    reply(stanza, std::move(*answer));
}

void Host::reply(const Stanza& stanza, IqAnswer answer)
{
    if (!answer) {
        if (!answer.error().cause.empty()) {
            log_.warn(
                "request failed: {} {}", field("from", stanza.from.str()), answer.error().cause);
        }
        router().bounce(stanza, answer.error());
        return;
    }
    // An <error/> that a module made itself, since it has more to say (RFC 6120 §8.3.4).
    const bool refused = *answer && (*answer)->is(ns::client, "error");
    Stanza result = stanza.reply(refused ? Type::error : Type::result);
    if (*answer) {
        result.payload = Payload::make(**answer);
    }
    router().route(std::move(result));
}

void Host::sweep()
{
    const auto before = clock().now() - *server_.options().linger;
    while (!resting_.empty() && resting_.front().since < before) {
        const Jid jid = std::move(resting_.front().user);
        resting_.pop_front();
        User* const user = find(jid.local());
        if (user == nullptr || !user->resting()) {
            continue;
        }
        user->resting(false);
        if (user->idle() && user->last_used() < before) {
            users_.erase(jid.local());
        } else if (user->idle()) {
            forget_later(*user);
        }
    }
}

void Host::forget_later(User& user)
{
    if (!user.resting()) {
        user.resting(true);
        resting_.push_back({user.jid(), user.last_used()});
    }
}

void Host::bury(std::unique_ptr<Resource> resource)
{
    ended_.push_back(std::move(resource));
    start_reaping();
}

void Host::reap_soon(const User& user)
{
    doubtful_.push_back(user.jid());
    start_reaping();
}

void Host::start_reaping()
{
    if (!reaping_) {
        reaping_ = true;
        gate_.spawn(reap());
    }
}

Task<void> Host::reap()
{
    co_await yield();
    reaping_ = false;
    ended_.clear();
    for (const Jid& jid : std::exchange(doubtful_, {})) {
        const User* const user = find(jid.local());
        if (user != nullptr && user->idle() && user->expendable()) {
            users_.erase(jid.local());
        }
    }
}

void Host::forget(const Jid& account)
{
    AccountEvent event{account};
    hooks_.account_changed.run(event, fault_);
    if (User* const user = find(account.local())) {
        user->outdate();
        reap_soon(*user);
    }
}

void Host::each(const Visitor<User>& visitor)
{
    for (const auto& entry : users_) {
        visitor(*entry.second);
    }
}

void Host::each(const Visitor<Resource>& visitor)
{
    for (const auto& entry : users_) {
        for (const auto& resource : entry.second->resources()) {
            visitor(*resource);
        }
    }
}

std::map<std::string, std::string> Host::parts_of(const Resource& resource) const
{
    std::map<std::string, std::string> parts;
    for (const SessionPart& part : parts_) {
        if (auto bytes = part.encode(resource)) {
            parts.emplace(part.name, std::move(*bytes));
        }
    }
    return parts;
}

void Host::give_part(Resource& resource, const std::string& name, std::string bytes)
{
    const auto part = std::ranges::find(parts_, name, &SessionPart::name);
    if (part != parts_.end()) {
        part->decode(resource, bytes);
    } else {
        resource.slots().park(name, std::move(bytes));
    }
}

void Host::drop_slot(SlotId id)
{
    std::erase_if(parts_, [id](const SessionPart& part) { return part.slot == id; });
    each(Visitor<User>{[id](User& user) { user.slots().drop(id); }});
    each(Visitor<Resource>{[id](Resource& resource) { resource.slots().drop(id); }});
}

Host::Change::Change(Host& host)
    : host_{host}
{
    ++host_.changes_;
}

Host::Change::~Change()
{
    if (--host_.changes_ == 0) {
        for (const auto& waiting : std::exchange(host_.waiting_for_steady_, {})) {
            waiting->deliver(true);
        }
    }
}

Task<void> Host::steady()
{
    while (changing()) {
        Oneshot<bool> over;
        waiting_for_steady_.push_back(std::make_unique<Oneshot<bool>::Sender>(over));
        co_await over;
    }
}

std::optional<std::string> Host::unpark(const std::string& name)
{
    const auto node = parked_.extract(name);
    return node ? std::optional{std::move(node.mapped())} : std::nullopt;
}

void Host::add(std::unique_ptr<Module> module)
{
    modules_.push_back(std::move(module));
    ++generation_;
}

Module* Host::module(std::string_view name) const
{
    for (const auto& module : modules_) {
        if (module->name() == name) {
            return module.get();
        }
    }
    return nullptr;
}

} // namespace sarang
