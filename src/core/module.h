// SPDX-License-Identifier: Apache-2.0
// Module: the base of every feature, and the one door through which a module sees the server.
// One instance per host and shard, so that it needs no locks. Its constructor is its manifest:
// all that it registers is recorded here and taken back by the loader before it is destroyed.
#pragma once

#include "base/api.h"
#include "base/gate.h"
#include "base/log.h"
#include "base/task.h"
#include "core/host.h"
#include "core/keyed.h"
#include "core/resource.h"
#include "core/router.h"
#include "core/user.h"
#include "xml/element.h"
#include "xml/stanza.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

using namespace std::string_view_literals;

class SARANG_API Module {
public:
    virtual ~Module();
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    const std::string& name() const { return name_; }

    /// Waits for what still runs, then takes back all that was registered. Called once, before the
    /// module is destroyed; `for_reload` has its slots' values kept for the one that follows.
    Task<void> retire(bool for_reload);

    /// True when nothing runs that holds this module.
    bool idle() const { return gate_.inside() == 0; }

    /// Takes over a new configuration and tells what changed.
    std::vector<OptionChange> configure(std::shared_ptr<const Config> config);

protected:
    explicit Module(Host& host);

    Host& host() { return host_; }

    Hooks& hooks() { return host_.hooks(); }

    Router& router() { return host_.router(); }

    /// Not in the constructor: a configuration is checked without a store.
    Storage& storage() { return host_.storage(); }

    const Log& log() const { return log_; }

    /// Declares options of this module's table: `max_{options().integer("max", …)}`.
    Options& options() { return options_; }

    /// Of a table below that: `options("room")` are those of [muc.room].
    Options& options(std::string_view table);

    /// A feature of the domain, or of its accounts, for service discovery.
    void feature(std::string_view ns);
    void account_feature(std::string_view ns);
    void identity(std::string category, std::string type, std::string name = {});
    void account_identity(std::string category, std::string type, std::string name = {});
    /// Told to clients in the stream features after log-in.
    void stream_feature(Element feature);

    /// Takes part at a hook point: `on(hooks().to_account, &Blocking::screen, priority::screen)`.
    template <class M, class Event, class Argument>
    void on(Chain<Event>& chain, Verdict (M::*deed)(Argument&), Priority at = priority::normal)
    {
        record(chain, at, [self = static_cast<M*>(this), deed](Event& event) {
            return (self->*deed)(event);
        });
    }

    template <class M, class Event, class Argument>
    void on(Notice<Event>& notice, void (M::*deed)(Argument&), Priority at = priority::normal)
    {
        record(notice, at, [self = static_cast<M*>(this), deed](Event& event) {
            (self->*deed)(event);
        });
    }

    template <class M, class Event, class Argument>
    void
    on(AsyncChain<Event>& chain,
       Task<Verdict> (M::*deed)(Argument&),
       Priority at = priority::normal)
    {
        record(chain, at, [self = static_cast<M*>(this), deed](Event& event) {
            return self->template inside<Verdict>((self->*deed)(event));
        });
    }

    /// Answers requests: to an account (IqRequest) or to the domain (HostRequest). Returns the
    /// answer, or nothing for an empty result, or a Task of either. An empty `name` takes any.
    template <class M, class Request, class Answer>
    void
    iq(Iq kind,
       Scope scope,
       std::string_view ns,
       std::string_view name,
       Answer (M::*deed)(const Request&))
    {
        constexpr bool to_host = std::is_same_v<Request, HostRequest>;
        IqFunction<Request> function = iq_function<M, Request>(deed);
        if constexpr (to_host) {
            record(host_.host_requests(), kind, Scope::host, ns, name, std::move(function));
        } else {
            record(host_.account_requests(), kind, scope, ns, name, std::move(function));
        }
    }

    /// State that hangs on a user or on a resource of this host. Where there is a Codec<T>, it
    /// outlives a reload of the module.
    template <class T>
    Slot<User, T> slot(std::string_view name)
    {
        return make_slot<User, T>(name);
    }

    template <class T>
    Slot<Resource, T> resource_slot(std::string_view name)
    {
        return make_slot<Resource, T>(name);
    }

    /// A slot that is loaded with the user from a store.
    template <class T>
    Slot<User, T> slot(Store<T> store)
    {
        const Slot<User, T> slot{new_slot()};
        undo([this, slot] { host_.drop_slot(slot.id()); });
        record(hooks().load_async, priority::normal, [this, store, slot](UserEvent& event) {
            return inside<Verdict>(load_slot<T>(store, slot, event.user));
        });
        return slot;
    }

    /// One value of type T for each owner; `Codec<T>` says how it is kept.
    template <class T>
    Store<T> store(std::string_view name)
    {
        return Store<T>{host_, name_ + "." + std::string{name}};
    }

    /// What the module holds on this shard for the host as a whole, and that outlives its reload:
    /// the old one is asked for it once nothing of it runs any more, and the new one is given it
    /// here: the last thing in a constructor.
    void outlive_reload(
        std::string_view name,
        std::function<std::string()> encode,
        const std::function<void(std::string_view bytes)>& decode);

    /// Offers a service to other modules until retired; T is the interface it is found by.
    template <class T>
    void provide(T& service)
    {
        host_.services().put(T::service_name, &service);
        undo([this, &service] { host_.services().remove(&service); });
    }

    /// Runs a task that ends before this module does.
    void spawn(Task<void> task) { gate_.spawn(std::move(task)); }

    /// What a service does for another module holds this while it waits; nothing once this module
    /// is on its way.
    std::optional<Gate::Hold> enter() { return gate_.enter(); }

    /// Calls `deed` every `interval` until retired.
    void every(Milliseconds interval, std::function<void()> deed);

    /// For what is registered elsewhere: undone, last first, when the module retires.
    void undo(std::function<void()> deed) { undo_.push_back(std::move(deed)); }

private:
    template <class Point, class Function>
    void record(Point& point, Priority at, Function function)
    {
        const auto key = point.add(at, std::move(function));
        undo([&point, key] { point.remove(key); });
    }

    template <class Request>
    void record(
        IqTable<Request>& table,
        Iq kind,
        Scope scope,
        std::string_view ns,
        std::string_view name,
        IqFunction<Request> function)
    {
        const auto key = table.add(kind, scope, ns, name, std::move(function));
        undo([&table, key] { table.remove(key); });
    }

    template <class M, class Request>
    IqFunction<Request> iq_function(Result<Element> (M::*deed)(const Request&))
    {
        return {
            [self = static_cast<M*>(this), deed](const Request& request) {
                return widen((self->*deed)(request));
            },
            {}};
    }

    template <class M, class Request>
    IqFunction<Request> iq_function(Result<void> (M::*deed)(const Request&))
    {
        return {
            [self = static_cast<M*>(this), deed](const Request& request) {
                return widen((self->*deed)(request));
            },
            {}};
    }

    template <class M, class Request, class T>
    IqFunction<Request> iq_function(Task<Result<T>> (M::*deed)(const Request&))
    {
        return {{}, [self = static_cast<M*>(this), deed](const Request& request) {
                    return self->template inside_iq<T>((self->*deed)(request));
                }};
    }

    static IqAnswer widen(Result<Element> answer)
    {
        if (!answer) {
            return fail(std::move(answer).error());
        }
        return std::optional<Element>{std::move(answer).value()};
    }

    static IqAnswer widen(Result<void> answer)
    {
        if (!answer) {
            return fail(std::move(answer).error());
        }
        return std::optional<Element>{};
    }

    static IqAnswer widen(IqAnswer answer) { return answer; }

    // What runs on behalf of the module holds its gate; a retired module refuses.
    template <class T>
    Task<T> inside(Task<T> task)
    {
        auto hold = gate_.enter();
        if (!hold) {
            co_return Verdict::pass();
        }
        T value = co_await task;
        co_return std::move(value);
    }

    template <class T>
    Task<IqAnswer> inside_iq(Task<Result<T>> task)
    {
        auto hold = gate_.enter();
        if (!hold) {
            co_return fail(Condition::service_unavailable);
        }
        Result<T> value = co_await task;
        co_return widen(std::move(value));
    }

    template <class T>
    static Task<Verdict> load_slot(Store<T> store, Slot<User, T> slot, User& user)
    {
        Result<std::optional<T>> value = co_await store.load(user.jid().str());
        if (!value) {
            co_return Verdict::bounce(std::move(value).error());
        }
        if (*value) {
            user[slot] = std::move(**value);
        }
        co_return Verdict::pass();
    }

    template <class Owner, class T>
    Slot<Owner, T> make_slot(std::string_view name)
    {
        const Slot<Owner, T> slot{new_slot()};
        undo([this, slot] { host_.drop_slot(slot.id()); });
        if constexpr (requires(const T& value) { Codec<T>::encode(value); }) {
            const std::string parked = name_ + "." + std::string{name};
            undo([this, slot, parked] { park(slot, parked); });
            host_.each(Visitor<Owner>{[&](Owner& owner) {
                if (const std::optional<std::string> bytes = owner.slots().unpark(parked)) {
                    give<T>(owner, slot, *bytes);
                }
            }});
            if constexpr (std::is_same_v<Owner, Resource>) {
                host_.add_part(
                    {slot.id(),
                     parked,
                     [slot](const Resource& resource) {
                         const T* const value = resource.find(slot);
                         return value != nullptr ? std::optional{Codec<T>::encode(*value)}
                                                 : std::nullopt;
                     },
                     [slot](Resource& resource, std::string_view bytes) {
                         give<T>(resource, slot, bytes);
                     }});
            }
        }
        return slot;
    }

    template <class T, class Owner>
    static void give(Owner& owner, Slot<Owner, T> slot, std::string_view bytes)
    {
        if (std::optional<T> value = Codec<T>::decode(bytes)) {
            owner[slot] = std::move(*value);
        }
    }

    template <class Owner, class T>
    void park(Slot<Owner, T> slot, const std::string& name)
    {
        if (!for_reload_) {
            return;
        }
        host_.each(Visitor<Owner>{[&](Owner& owner) {
            if (const T* const value = owner.find(slot)) {
                owner.slots().park(name, Codec<T>::encode(*value));
            }
        }});
    }

    SlotId new_slot() { return host_.make_slot(); }

    void undo_all();

    Host& host_;
    std::string name_;
    Log log_;
    Options options_;
    std::vector<std::unique_ptr<Options>> tables_;
    Gate gate_;
    std::vector<std::function<void()>> undo_;
    bool for_reload_ = false;
};

} // namespace sarang

/// Rises when a module built before would misunderstand the server.
#define SARANG_MODULE_ABI 1

/// Ends a module's source file: `SARANG_MODULE(sarang::Ping)`. The only symbols it shows.
#define SARANG_MODULE(Class)                                                                       \
    extern "C" SARANG_API const unsigned sarang_module_abi = SARANG_MODULE_ABI;                    \
    extern "C" SARANG_API sarang::Module* sarang_module_make(sarang::Host& host)                   \
    {                                                                                              \
        return std::make_unique<Class>(host).release();                                            \
    }
