// SPDX-License-Identifier: Apache-2.0
// XEP-0030: Service Discovery.
//
// Tells what the domain and its accounts are, as the modules filled it in.

#include "core/module.h"
#include "core/server_shard.h"
#include "core/service/roster.h"

#include <algorithm>
#include <set>

namespace sarang {
namespace {

constexpr auto info_ns = "http://jabber.org/protocol/disco#info"sv;
constexpr auto items_ns = "http://jabber.org/protocol/disco#items"sv;

Element info(const Disco& disco)
{
    Element reply{info_ns, "query"};
    for (const DiscoIdentity& identity : disco.identities) {
        Element& element = reply.add("identity");
        element.set("category", identity.category).set("type", identity.type);
        if (!identity.name.empty()) {
            element.set("name", identity.name);
        }
    }
    const std::set<std::string_view> features{disco.features.begin(), disco.features.end()};
    for (const std::string_view feature : features) {
        reply.add("feature").set("var", feature);
    }
    for (const Element& form : disco.forms) {
        reply.add(form);
    }
    return reply;
}

Element items(const Disco& disco)
{
    Element reply{items_ns, "query"};
    for (const DiscoItem& item : disco.items) {
        Element& element = reply.add("item");
        element.set("jid", item.jid);
        if (!item.name.empty()) {
            element.set("name", item.name);
        }
        if (!item.node.empty()) {
            element.set("node", item.node);
        }
    }
    return reply;
}

class DiscoModule final : public Module {
public:
    explicit DiscoModule(Host& host)
        : Module{host}
    {
        if (*host.options().accounts != Accounts::none) {
            identity("server", "im", "sarang");
        }
        const bool anonymous = *host.options().accounts == Accounts::anonymous;
        account_identity("account", anonymous ? "anonymous" : "registered");
        for (const std::string_view ns : {info_ns, items_ns}) {
            feature(ns);
            account_feature(ns);
        }
        iq(Iq::get, Scope::host, info_ns, "query", &DiscoModule::host_info);
        iq(Iq::get, Scope::host, items_ns, "query", &DiscoModule::host_items);
        iq(Iq::get, Scope::anyone, info_ns, "query", &DiscoModule::account_info);
        iq(Iq::get, Scope::anyone, items_ns, "query", &DiscoModule::account_items);
    }

private:
    Result<Element> host_info(const HostRequest& request)
    {
        return known(request.child, info(host().disco()));
    }

    Task<Result<Element>> host_items(const HostRequest& request)
    {
        Result<Element> reply = known(request.child, items(host().disco()));
        if (reply) {
            add_services(*reply);
            DiscoItemsEvent event{request, *reply};
            const Verdict verdict = co_await hooks().disco_items_async.run(event, host().fault());
            if (verdict.bounces()) {
                co_return fail(verdict.error());
            }
        }
        co_return std::move(reply);
    }

    // XEP-0045 §6.1: hosts without accounts that are below this domain.
    void add_services(Element& reply)
    {
        const std::string below = '.' + std::string{host().domain()};
        for (const auto& other : host().server().hosts()) {
            if (*other->options().accounts != Accounts::none || !other->domain().ends_with(below)) {
                continue;
            }
            Element& item = reply.add("item");
            item.set("jid", other->domain());
            const std::vector<DiscoIdentity>& identities = other->disco().identities;
            if (!identities.empty() && !identities.front().name.empty()) {
                item.set("name", identities.front().name);
            }
        }
    }

    Result<Element> account_info(const IqRequest& request)
    {
        if (!may_know(request)) {
            return fail(Condition::service_unavailable);
        }
        return known(request.child, info(host().account_disco()));
    }

    // XEP-0030 §8: a stranger is not told which resources there are; one who may know gets those
    // that are available.
    Result<Element> account_items(const IqRequest& request)
    {
        if (!may_know(request)) {
            return fail(Condition::service_unavailable);
        }
        Element reply = items(host().account_disco());
        for (const auto& resource : request.user.resources()) {
            if (resource->available()) {
                reply.add("item").set("jid", resource->jid().str());
            }
        }
        return known(request.child, std::move(reply));
    }

    // A node is a name that nobody has registered yet.
    static Result<Element> known(const Element& query, Element reply)
    {
        if (!query.attribute("node").empty()) {
            return fail(Condition::item_not_found);
        }
        return reply;
    }

    // RFC 6121 §8.5: to those who have no subscription, an account does not differ from none.
    bool may_know(const IqRequest& request)
    {
        if (request.stanza.from.same_bare(request.user.jid())) {
            return true;
        }
        const RosterService* const roster = host().service<RosterService>();
        return roster != nullptr && roster->sees_presence(request.user, request.stanza.from.bare());
    }
};

} // namespace
} // namespace sarang

SARANG_MODULE(sarang::DiscoModule)
