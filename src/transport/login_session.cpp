// SPDX-License-Identifier: Apache-2.0
// Login's last part: the session, one that is bound or one that the client comes back to.
#include "base/id.h"
#include "core/host.h"
#include "core/resource.h"
#include "core/server_shard.h"
#include "core/user.h"
#include "transport/c2s_shard.h"
#include "transport/client_stream.h"
#include "transport/login.h"
#include "xml/ns.h"

#include <chrono>

namespace sarang {
namespace {

constexpr std::chrono::milliseconds renewal_poll{10};

} // namespace

// What a client may send instead of binding a resource, or before: modules know.
Task<void> Login::ask_modules(Element element)
{
    Task<Result<User::Pin>> loading = current_user();
    const Result<User::Pin> user = co_await loading;
    if (!user) {
        stream_.close(StreamError{StreamCondition::internal_server_error, {}});
        co_return;
    }
    Task<void> steady = host_->steady();
    co_await steady;
    if (stream_.closing()) {
        co_return;
    }
    LoginElement event{**user, element};
    const Verdict verdict = co_await host_->hooks().login_element_async.run(event, host_->fault());
    if (event.lost_since) {
        lost_since_ = event.lost_since;
    }
    Resource* const resource = stream_.home().server().session(event.resumed);
    if (event.error) {
        stream_.close(*event.error);
    } else if (verdict.passes() || verdict.bounces()) {
        stream_.close(StreamError{StreamCondition::unsupported_stanza_type, {}});
    } else if (event.resumed != SessionId{} && (resource == nullptr || !resource->hibernating())) {
        stream_.close(StreamError{StreamCondition::reset, {}});
    } else if (!stream_.closing()) {
        if (event.answer) {
            stream_.write(*event.answer);
        }
        if (resource != nullptr) {
            resume(*resource);
        }
    }
}

void Login::resume(Resource& resource)
{
    stream_.attach(resource);
    resource.attach(stream_);
    bound_ = true;
    stream_.log().info(
        "resumed {} {}",
        field("jid", resource.jid().str()),
        field("from", stream_.network().str()));
}

Task<void> Login::bind(std::string id, std::string resource)
{
    Task<Result<void>> making = make_session(id, std::move(resource));
    Result<void> made = co_await making;
    if (!made) {
        answer_bind(id, fail(std::move(made).error()));
    }
}

Task<Result<void>> Login::make_session(std::string id, std::string resource)
{
    User::Pin user = co_await ok(current_user());
    const Jid full = co_await ok(choose_name(*user, std::move(resource)));
    Task<void> steady = host_->steady();
    co_await steady;
    if (stream_.closing()) {
        co_return Result<void>{};
    }
    if (user->outdated()) {
        co_return fail(Condition::resource_constraint, "The account has just changed");
    }
    answer_bind(id, full);
    Resource& bound = user->bind(full, stream_);
    stream_.attach(bound);
    bound_ = true;
    if (lost_since_) {
        bound.may_repeat(*lost_since_);
    }
    stream_.log().info(
        "bound {} {}", field("jid", full.str()), field("from", stream_.network().str()));
    co_return Result<void>{};
}

// Waits for the end of one whose sessions are being ended, because the account has changed or goes.
Task<Result<User::Pin>> Login::current_user()
{
    for (;;) {
        Task<Result<User::Pin>> loading = host_->user(user_);
        Result<User::Pin> user = co_await loading;
        if (!user || !(*user)->outdated() || stream_.closing()) {
            co_return std::move(user);
        }
        user = fail(Condition::resource_constraint);
        co_await stream_.home().shard().sleep(renewal_poll);
    }
}

// The full JID to bind, when nothing stands in its way any more.
Task<Result<Jid>> Login::choose_name(User& user, std::string resource)
{
    for (;;) {
        const std::string name = resource.empty() ? random_id() : resource;
        Result<Jid> full = user_.with_resource(name);
        if (!full) {
            co_return fail(Condition::bad_request, "That is no resource");
        }
        Resource* older = user.resource(full->resource());
        if (older == nullptr) {
            const auto most =
                static_cast<std::size_t>(*stream_.home().server().options().resources);
            if (user.resources().size() < most) {
                co_return std::move(full);
            }
            older = first_away(user);
            if (older == nullptr) {
                co_return fail(Condition::resource_constraint, "Too many sessions");
            }
        }
        const ResourceConflict policy = older->hibernating()
                                            ? ResourceConflict::replace
                                            : *stream_.home().options().resource_conflict;
        if (policy == ResourceConflict::refuse) {
            co_return fail(Condition::conflict);
        }
        if (policy == ResourceConflict::generate) {
            resource = std::string{full->resource().substr(0, 900)} + "-" + random_id();
            continue;
        }
        Task<void> replacing = replace(user, *older);
        co_await replacing;
    }
}

Task<void> Login::replace(User& user, Resource& older)
{
    const Jid name = older.jid();
    older.end(StreamError{StreamCondition::conflict, "Bound by another session"});
    if (user.resource(name.resource()) == &older) {
        Task<void> ending = Resource::ended(older);
        co_await ending;
    }
}

// Of the sessions whose client is gone, the oldest.
Resource* Login::first_away(const User& user)
{
    for (const auto& resource : user.resources()) {
        if (resource->hibernating()) {
            return resource.get();
        }
    }
    return nullptr;
}

void Login::answer_bind(const std::string& id, Result<Jid> full)
{
    Stanza request;
    request.kind = Kind::iq;
    request.type = Type::set;
    request.id = id;
    if (!full) {
        stream_.write(request.error_reply(full.error()));
        return;
    }
    Stanza answer = request.reply(Type::result);
    Element bound{ns::bind, "bind"};
    bound.add("jid").text(full->str());
    answer.payload = Payload::make(bound);
    stream_.write(answer);
}

} // namespace sarang
