# SPDX-License-Identifier: Apache-2.0
"""RFC 6121, rule by rule: delivery, rosters, subscriptions, presence; and what XEP-0160 adds."""

import itertools
import unittest

import report
from server import Server
from xmpp import BIND, CLIENT, PING, ROSTER, Client

SUBSCRIBING = ("subscribe", "subscribed", "unsubscribe", "unsubscribed")


def roster_get(ver=None):
    return f"<query xmlns='{ROSTER}'{'' if ver is None else f' ver={chr(39)}{ver}{chr(39)}'}/>"


def roster_set(jid, inner="", **attributes):
    written = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<query xmlns='{ROSTER}'><item jid='{jid}'{written}>{inner}</item></query>"


class People(unittest.TestCase):
    """Each test has people of its own, on one server."""

    settings = {"limits.resources": 20}
    count = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(
            Server(cls.settings, hosts={"localhost": {}, "other.localhost": {},
                                        "anon.localhost": {"accounts": "anonymous"}}))

    def account(self):
        name = f"p{next(self.count)}"
        self.server.add(name + "@localhost")
        return name

    def client(self, name=None, resource=None, priority=0, interested=True):
        """Logged in, interested in the roster, and available unless the priority is None."""
        client = self.enterContext(Client(self.server, direct=True))
        client.login(name or self.account(), resource, mechanism="SCRAM-SHA-1")
        if interested:
            client.iq("get", roster_get())
        if priority is not None:
            client.come(priority)
        return client

    def pair(self):
        return self.client(resource="one"), self.client(resource="two")

    def roster(self, client):
        """What the roster says: address → (subscription, ask, approved)."""
        query = client.iq("get", roster_get()).child("query", ROSTER)
        return {item["jid"]: (item["subscription"], item["ask"], item["approved"])
                for item in query.children}

    def assertAnswer(self, stanza, kind, condition):
        self.assertEqual(stanza.error(), (kind, condition), stanza)


class TestDelivery(People):
    """RFC 6121 §8.5."""

    types = ("normal", "chat", "groupchat", "headline", "error")
    situations = (
        {},
        {"here": 0},
        {"here": 5, "there": 1},
        {"here": 0, "there": -1},
        {"here": -1},
        {"here": None},
        {"here": None, "there": -5},
        {"here": None, "there": 3},
    )

    @staticmethod
    def rule(kind, resource, priorities):
        """Which resources get it; "kept", "refused", or no one hears of it."""
        if resource in priorities:
            return {resource}
        if kind == "error" or (resource and kind == "headline"):
            return set()
        if kind == "groupchat" or (resource and kind != "chat"):
            return "refused"
        ready = {name for name, priority in priorities.items()
                 if priority is not None and priority >= 0}
        if kind == "headline":
            return ready
        return ready or "kept"

    def check_messages(self, priorities):
        sender = self.client(priority=None)
        name = self.account()
        bare = name + "@localhost"
        sessions = {resource: self.client(name, resource, priority)
                    for resource, priority in priorities.items()}
        for session in sessions.values():
            session.gather()
        expected = {}
        for kind, resource in itertools.product(self.types, ("", "here", "there", "nowhere")):
            what = f"{kind} to {resource or 'the account'}"
            to = f"{bare}/{resource}" if resource else bare
            expected[what] = self.rule(kind, resource, priorities)
            sender.message(to, what, None if kind == "normal" else kind, id=what)
        refused = {stanza["id"]: stanza for stanza in sender.gather(bare)}
        came = {resource: [stanza.body for stanza in session.gather()]
                for resource, session in sessions.items()}
        kept = [stanza.body for stanza in self.client(name, "later", None).come(1)
                if stanza.name == "message"]
        for what, rule in expected.items():
            for resource in sessions:
                hears = not isinstance(rule, str) and resource in rule
                self.assertEqual(came[resource].count(what), int(hears), (what, resource, rule))
            self.assertEqual(kept.count(what), int(rule == "kept"), (what, rule))
            self.assertEqual(what in refused, rule == "refused", (what, rule))
            if what in refused:
                self.assertAnswer(refused[what], "cancel", "service-unavailable")

    def test_a_message_reaches_whom_section_8_5_names(self):
        for priorities in self.situations:
            with self.subTest(priorities):
                self.check_messages(priorities)

    def test_a_message_to_no_account_is_refused_like_one_that_nobody_can_get(self):
        sender = self.client(priority=None)
        for kind, resource in itertools.product(self.types, ("", "/x")):
            sender.message("nobody@localhost" + resource, "?", kind, id=f"{kind}{resource}")
        refused = {stanza["id"]: stanza for stanza in sender.gather("nobody@localhost")}
        for kind, resource in itertools.product(self.types[:3], ("", "/x")):
            self.assertAnswer(refused[f"{kind}{resource}"], "cancel", "service-unavailable")
        self.assertNotIn("error", refused)
        self.assertNotIn("error/x", refused)

    def test_a_request_to_an_account_is_answered_by_the_server(self):
        sender, other = self.pair()
        for to in (other.bare, "nobody@localhost", other.bare + "/nowhere", "nobody@localhost/x"):
            for kind in ("get", "set"):
                answer = sender.iq(kind, "<query xmlns='test:unknown'/>", to)
                self.assertAnswer(answer, "cancel", "service-unavailable")
                self.assertEqual(answer["from"], to)
        self.assertEqual(other.gather(), [])

    def test_a_request_to_a_session_is_delivered_as_it_is_and_so_is_the_answer(self):
        sender, other = self.pair()
        id = sender.request("get", "<query xmlns='test:app'><a b='c'>ü</a></query>", other.jid)
        request = other.expect(lambda stanza: stanza["id"] == id)
        self.assertEqual((request["from"], request["to"]), (sender.jid, other.jid))
        self.assertEqual(request.child("query", "test:app").child("a").text, "ü")
        other.send(f"<iq type='result' id='{id}' to='{sender.jid}'/>")
        answer = sender.expect(lambda stanza: stanza["id"] == id)
        self.assertEqual((answer["type"], answer["from"]), ("result", other.jid))

    def test_an_answer_that_nobody_waits_for_is_dropped(self):
        sender, other = self.pair()
        for to in (other.bare, other.bare + "/nowhere", "nobody@localhost", "localhost"):
            sender.send(f"<iq type='result' id='r' to='{to}'/>"
                        f"<iq type='error' id='e' to='{to}'><error type='cancel'/></iq>")
            self.assertEqual(sender.gather(to), [])
        self.assertEqual(other.gather(), [])

    def test_a_request_that_is_none_gets_bad_request(self):
        sender, other = self.pair()
        for to in (None, "localhost", other.bare, sender.bare):
            for payload in ("", "<a xmlns='x:y'/><b xmlns='x:y'/>"):
                self.assertAnswer(sender.iq("get", payload, to), "modify", "bad-request")
            answer = sender.iq("fetch", f"<ping xmlns='{PING}'/>", to)
            self.assertAnswer(answer, "modify", "bad-request")

    def test_an_address_that_is_none_gets_jid_malformed(self):
        sender = self.client()
        for to in ("@localhost", "a@", "a@localhost/", "a b@localhost", "x" * 1024 + "@localhost"):
            answer = sender.iq("get", f"<ping xmlns='{PING}'/>", to)
            self.assertAnswer(answer, "modify", "jid-malformed")
            sender.message(to, "hello", id="m")
            self.assertAnswer(
                sender.expect(lambda stanza: stanza["id"] == "m"), "modify", "jid-malformed")

    def test_a_stanza_to_a_server_that_is_not_there_gets_remote_server_not_found(self):
        sender = self.client()
        answer = sender.iq("get", f"<ping xmlns='{PING}'/>", "a@nowhere.invalid")
        self.assertAnswer(answer, "cancel", "remote-server-not-found")
        sender.message("nowhere.invalid", "hello", id="m")
        self.assertAnswer(
            sender.expect(lambda stanza: stanza["id"] == "m"), "cancel", "remote-server-not-found")

    def test_addresses_are_compared_after_stringprep(self):
        sender, other = self.pair()
        sender.message(other.bare.upper().replace("P", "Ｐ"), "folded", "chat")
        self.assertEqual(other.expect_message("folded")["to"], other.bare)

    def test_hosts_of_one_server_reach_each_other(self):
        self.server.add("cousin@other.localhost")
        sender = self.client()
        cousin = self.enterContext(Client(self.server, "other.localhost", direct=True))
        cousin.login("cousin", "x").come()
        sender.message("cousin@other.localhost", "hello", "chat")
        self.assertEqual(cousin.expect_message("hello")["from"], sender.jid)

    def test_what_one_sends_to_another_never_overtakes(self):
        sender, other = self.pair()
        total = 300
        for number in range(total):
            to = other.jid if number % 3 else other.bare
            sender.message(to, str(number), "chat")
        bodies = [stanza.body for stanza in sender.gather(other.bare) + other.gather()]
        self.assertEqual(bodies, [str(number) for number in range(total)])

    def test_payloads_go_through_as_they_came(self):
        sender, other = self.pair()
        payload = ("<body xml:lang='ko'>안녕 &lt;&amp;&gt; 🎈\n\t</body><x xmlns='a:b' xmlns:c='c:d'"
                   " c:e=\"'&quot;&#xA;\"><c:f/><g xmlns=''/><body xmlns='jabber:client'/></x>")
        sender.send(f"<message to='{other.jid}' id='raw' xml:lang='de-CH'>{payload}</message>")
        came = other.expect(lambda stanza: stanza["id"] == "raw")
        self.assertEqual(came.attributes["http://www.w3.org/XML/1998/namespace lang"], "de-CH")
        self.assertEqual(came.body, "안녕 <&> 🎈\n\t")
        x = came.child("x", "a:b")
        self.assertEqual(x.attributes, {"c:d e": "'\"\n"})
        self.assertEqual([(child.ns, child.name) for child in x.children],
                         [("c:d", "f"), ("", "g"), (CLIENT, "body")])


class TestSender(People):
    """RFC 6120 §8.1.2.1, and what passes for another's word."""

    def test_the_sender_is_stamped_on_all_that_goes_out(self):
        sender, other = self.pair()
        for claim in ({}, {"from": sender.bare}, {"from": sender.jid}):
            sender.message(other.jid, "hello", id="m", **claim)
            self.assertEqual(other.expect(lambda stanza: stanza["id"] == "m")["from"], sender.jid)

    def test_a_forged_sender_ends_the_stream_with_invalid_from(self):
        for forge in ("{other.jid}", "{other.bare}", "localhost", "{sender.bare}/else", "@@", ""):
            with self.subTest(forge):
                sender, other = self.pair()
                claim = forge.format(sender=sender, other=other)
                sender.message(other.jid, "forged", **{"from": claim})
                self.assertEqual(sender.stream_error(), "invalid-from")
                self.assertEqual([s for s in other.gather() if s.name == "message"], [])

    def test_a_carbon_from_a_stranger_is_dropped(self):
        sender, other = self.pair()
        for name in ("sent", "received"):
            forwarded = (f"<{name} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                         f"<message xmlns='jabber:client' from='{other.bare}' to='x@y'>"
                         f"<body>never said</body></message></forwarded></{name}>")
            for to in (other.bare, other.jid):
                sender.send(f"<message to='{to}' type='chat'>{forwarded}</message>")
        self.assertEqual(sender.gather(other.bare), [])
        self.assertEqual(other.gather(), [])

    def test_a_roster_push_from_a_stranger_reaches_no_client(self):
        sender, other = self.pair()
        for to in (other.bare, other.jid):
            answer = sender.iq("set", roster_set("evil@localhost", subscription="both"), to)
            self.assertEqual(answer["type"], "error")
        self.assertEqual(other.gather(), [])
        self.assertEqual(self.roster(other), {})

    def test_a_stranger_learns_no_roster(self):
        sender, other = self.pair()
        other.iq("set", roster_set("friend@localhost"))
        for to in (other.bare, "nobody@localhost"):
            self.assertAnswer(sender.iq("get", roster_get(), to), "cancel", "service-unavailable")


class TestRoster(People):
    """RFC 6121 §2."""

    def test_a_change_is_pushed_to_the_sessions_that_asked_for_the_roster(self):
        first = self.client(resource="first")
        second = self.client(first.bare.split("@")[0], "second")
        third = self.client(first.bare.split("@")[0], "third", interested=False)
        for client in (first, second, third):
            client.gather()
        groups = "<group>벗</group><group>Friends</group>"
        answer = first.iq("set", roster_set("nurse@localhost", groups, name="유모 🧕"))
        self.assertEqual((answer["type"], answer.children), ("result", []))
        for client in (first, second):
            push, = client.gather()
            item, = push.child("query", ROSTER).children
            self.assertEqual((push["type"], push["from"] in (None, client.bare)), ("set", True))
            self.assertEqual(item.attributes, {
                "jid": "nurse@localhost", "name": "유모 🧕", "subscription": "none"})
            self.assertEqual(sorted(group.text for group in item.children), ["Friends", "벗"])
        self.assertEqual(third.gather(), [])

    def test_a_client_sets_neither_subscription_nor_ask(self):
        client = self.client()
        answer = client.iq("set", roster_set(
            "nurse@localhost", subscription="both", ask="subscribe", approved="true"))
        self.assertEqual(answer["type"], "result")
        self.assertEqual(self.roster(client), {"nurse@localhost": ("none", None, None)})

    def test_a_set_that_is_wrong_is_refused_as_section_2_3_3_says(self):
        client = self.client()
        item = "<item jid='a@localhost'/>"
        group = "<group>g</group>"
        table = (
            (f"<query xmlns='{ROSTER}'/>", "bad-request"),
            (f"<query xmlns='{ROSTER}'>{item}{item}</query>", "bad-request"),
            (f"<query xmlns='{ROSTER}'><item/></query>", "bad-request"),
            (roster_set("a@localhost", group + group), "bad-request"),
            (roster_set("a@localhost", "<group/>"), "not-acceptable"),
            (roster_set("a@localhost", f"<group>{'g' * 1024}</group>"), "not-acceptable"),
            (roster_set("a@localhost", name="n" * 1024), "not-acceptable"),
            (roster_set("@"), "jid-malformed"),
        )
        for payload, condition in table:
            with self.subTest(payload[:200]):
                self.assertAnswer(client.iq("set", payload), "modify", condition)
        answer = client.iq("set", roster_set(client.bare))
        self.assertAnswer(answer, "cancel", "not-allowed")
        self.assertEqual(self.roster(client), {})

    def test_removing_what_is_not_there_gets_item_not_found(self):
        client = self.client()
        answer = client.iq("set", roster_set("ghost@localhost", subscription="remove"))
        self.assertAnswer(answer, "cancel", "item-not-found")

    def test_removing_a_contact_ends_both_subscriptions(self):
        user, contact = self.befriended()
        contact.gather()
        answer = user.iq("set", roster_set(contact.bare, subscription="remove"))
        self.assertEqual(answer["type"], "result")
        push = user.expect(lambda stanza: stanza.name == "iq" and stanza["type"] == "set")
        item, = push.child("query", ROSTER).children
        self.assertEqual((item["jid"], item["subscription"]), (contact.bare, "remove"))
        user.roundtrip(contact.bare)
        kinds = [stanza["type"] for stanza in contact.gather()
                 if stanza.name == "presence" and stanza["from"].startswith(user.bare)]
        self.assertEqual(sorted(kinds), ["unavailable", "unsubscribe", "unsubscribed"])
        self.assertEqual(self.roster(user), {})
        self.assertEqual(self.roster(contact), {user.bare: ("none", None, None)})

    def befriended(self):
        user, contact = self.pair()
        befriend(user, contact)
        return user, contact

    def test_changes_of_one_contact_that_cross_each_other_are_all_kept(self):
        """A name, a request to the contact, and the contact's own, at the same time."""
        user = self.client(resource="one")
        other = self.client(user.bare.split("@")[0], "two")
        for _ in range(20):
            contact = self.client()
            user.presence("subscribe", contact.bare)
            contact.presence("subscribe", user.bare)
            other.iq("set", roster_set(contact.bare, name="friend"))
            contact.expect_presence(user.bare, "subscribe")
            user.expect_presence(contact.bare, "subscribe")
            settle(user, contact)
            query = other.iq("get", roster_get()).child("query", ROSTER)
            item, = (item for item in query.children if item["jid"] == contact.bare)
            self.assertEqual((item["name"], item["ask"]), ("friend", "subscribe"))
            contact.presence("subscribed", user.bare)
            user.presence("subscribed", contact.bare)
            settle(user, contact)
            self.assertEqual(self.roster(user)[contact.bare], ("both", None, None))
            self.assertEqual(self.roster(contact)[user.bare], ("both", None, None))
            contact.close()

    def test_pushes_come_in_the_order_of_their_versions(self):
        user = self.client(resource="one")
        other = self.client(user.bare.split("@")[0], "two")
        settle(user)
        user.take()
        for number in range(20):
            other.request("set", roster_set(f"a{number}@localhost"))
            user.request("set", roster_set(f"b{number}@localhost"))
        settle(user, other)
        versions = [int(push.child("query", ROSTER)["ver"]) for push in user.gather()
                    if push.name == "iq" and push["type"] == "set"]
        self.assertEqual(len(versions), 40)
        self.assertEqual(versions, sorted(versions))

    def test_the_roster_module_may_be_reloaded_amid_changes(self):
        users = [self.client() for _ in range(4)]
        reloads = 5
        for reload in range(reloads):
            for user in users:
                for number in range(25):
                    user.presence("subscribe", f"c{reload}-{number}@other.localhost", id=f"s{reload}-{number}")
            self.server.ctl("module", "reload", "roster")
        for user in users:
            refused = {stanza["id"] for stanza in user.gather(user.bare)
                       if stanza.error() == ("wait", "resource-constraint")}
            kept = {"s" + jid.split("@")[0][1:] for jid in self.roster(user)}
            self.assertEqual(len(refused) + len(kept), 25 * reloads)
            self.assertFalse(refused & kept)

    def test_a_version_that_is_current_gets_an_empty_result(self):
        client = self.client()
        features = self.enterContext(Client(self.server, direct=True))
        features.features()
        features.authenticate(client.bare.split("@")[0])
        offered = features.features()
        self.assertTrue(offered.has("ver", "urn:xmpp:features:rosterver"))
        self.assertTrue(offered.has("sub", "urn:xmpp:features:pre-approval"))
        client.iq("set", roster_set("nurse@localhost"))
        query = client.iq("get", roster_get("")).child("query", ROSTER)
        self.assertEqual(len(query.children), 1)
        version = query["ver"]
        self.assertEqual(client.iq("get", roster_get(version)).children, [])
        client.gather()
        client.iq("set", roster_set("nurse@localhost", name="nurse"))
        push, = client.gather()
        newer = push.child("query", ROSTER)["ver"]
        self.assertNotEqual(newer, version)
        again = client.iq("get", roster_get(version)).child("query", ROSTER)
        self.assertEqual((again["ver"], len(again.children)), (newer, 1))
        self.assertIsNone(client.iq("get", roster_get()).child("query", ROSTER)["ver"])


def settle(*clients):
    """Lets what they sent each other, and what that led to, arrive."""
    for _ in range(2):
        for client in clients:
            for other in clients:
                client.roundtrip(other.bare)


def befriend(user, contact):
    """Both see each other afterwards."""
    for one, other in ((user, contact), (contact, user)):
        one.presence("subscribe", other.bare)
        other.expect_presence(one.bare, "subscribe")
        other.presence("subscribed", one.bare)
        one.expect_presence(other.bare, "subscribed")
        one.expect_presence(other.jid)
    settle(user, contact)
    user.take()
    contact.take()


# RFC 6121 appendix A: a state of the user, by subscription, pending out, pending in.
STATES = ("none", "none+out", "none+in", "none+out+in", "to", "to+in", "from", "from+out", "both")

# What the user's server does with what the user sends: is it routed? which state is next?
OUTBOUND = {
    "subscribe": {
        "none": (True, "none+out"), "none+out": (True, "none+out"),
        "none+in": (True, "none+out+in"), "none+out+in": (True, "none+out+in"),
        "to": (True, "to"), "to+in": (True, "to+in"), "from": (True, "from+out"),
        "from+out": (True, "from+out"), "both": (True, "both")},
    "unsubscribe": {
        "none": (True, "none"), "none+out": (True, "none"), "none+in": (True, "none+in"),
        "none+out+in": (True, "none+in"), "to": (True, "none"), "to+in": (True, "none+in"),
        "from": (True, "from"), "from+out": (True, "from"), "both": (True, "from")},
    "subscribed": {
        "none": (False, "none"), "none+out": (False, "none+out"), "none+in": (True, "from"),
        "none+out+in": (True, "from+out"), "to": (False, "to"), "to+in": (True, "both"),
        "from": (False, "from"), "from+out": (False, "from+out"), "both": (False, "both")},
    "unsubscribed": {
        "none": (False, "none"), "none+out": (False, "none+out"), "none+in": (True, "none"),
        "none+out+in": (True, "none+out"), "to": (False, "to"), "to+in": (True, "to"),
        "from": (True, "none"), "from+out": (True, "none+out"), "both": (True, "to")},
}

# And with what the contact's server sends: is it shown to the user?
INBOUND = {
    "subscribe": {
        "none": (True, "none+in"), "none+out": (True, "none+out+in"),
        "none+in": (False, "none+in"), "none+out+in": (False, "none+out+in"),
        "to": (True, "to+in"), "to+in": (False, "to+in"), "from": (False, "from"),
        "from+out": (False, "from+out"), "both": (False, "both")},
    "unsubscribe": {
        "none": (False, "none"), "none+out": (False, "none+out"), "none+in": (True, "none"),
        "none+out+in": (True, "none+out"), "to": (False, "to"), "to+in": (True, "to"),
        "from": (True, "none"), "from+out": (True, "none+out"), "both": (True, "to")},
    "subscribed": {
        "none": (False, "none"), "none+out": (True, "to"), "none+in": (False, "none+in"),
        "none+out+in": (True, "to+in"), "to": (False, "to"), "to+in": (False, "to+in"),
        "from": (False, "from"), "from+out": (True, "both"), "both": (False, "both")},
    "unsubscribed": {
        "none": (False, "none"), "none+out": (True, "none"), "none+in": (False, "none+in"),
        "none+out+in": (True, "none+in"), "to": (True, "none"), "to+in": (True, "none+in"),
        "from": (False, "from"), "from+out": (True, "from"), "both": (True, "from")},
}


class TestSubscription(People):
    """RFC 6121 §3 and its appendix A."""

    def bring(self, state, user, contact):
        """Leads both from nothing to this state of the user's."""
        if state.endswith("in") or state.startswith(("from", "both")):
            contact.presence("subscribe", user.bare)
            settle(contact, user)
        if state.startswith(("from", "both")):
            user.presence("subscribed", contact.bare)
            settle(user, contact)
        if "out" in state or state.startswith(("to", "both")):
            user.presence("subscribe", contact.bare)
            settle(user, contact)
        if state.startswith(("to", "both")):
            contact.presence("subscribed", user.bare)
            settle(contact, user)
        user.take()
        contact.take()

    def listed(self, user, contact):
        """The user's state as far as the roster tells it."""
        subscription, ask, _ = self.roster(user).get(contact.bare, ("none", None, None))
        return subscription + ("+out" if ask == "subscribe" else "")

    def state(self, user, contact):
        """The same and whether a request waits for an answer: a session that comes is told. It
        also probes, and from the answer learns of a subscription that is none any more."""
        listed = self.listed(user, contact)
        waiting = self.client(user.bare.split("@")[0], "look", None)
        requests = [stanza for stanza in waiting.come() if stanza["type"] == "subscribe"]
        waiting.close()
        settle(user)
        user.take()
        return listed + ("+in" if requests else "")

    def shown(self, client, other):
        """The subscription stanzas of the other's that this client has in its inbox."""
        return [stanza["type"] for stanza in client.take()
                if stanza.name == "presence" and stanza["type"] in SUBSCRIBING
                and stanza["from"] == other.bare]

    def test_what_the_user_sends_does_what_appendix_a_2_says(self):
        for kind, state in itertools.product(SUBSCRIBING, STATES):
            routed, after = OUTBOUND[kind][state]
            with self.subTest(f"{kind} in {state}"):
                user, contact = self.pair()
                self.bring(state, user, contact)
                self.assertEqual(self.state(user, contact), state)
                before = self.mirror(contact, user)
                user.presence(kind, contact.bare)
                settle(user, contact)
                # Routed, it does to the contact what A.3 says; and is shown if that says so.
                visible = routed and INBOUND[kind][before][0]
                self.assertEqual(self.shown(contact, user), [kind] if visible else [])
                self.assertEqual(self.state(user, contact), after)
                if routed:
                    self.assertEqual(self.mirror(contact, user), INBOUND[kind][before][1])

    def mirror(self, contact, user):
        state = self.state(contact, user)
        contact.take()
        return state

    def bring_one_sided(self, state, user, contact):
        """The same, but leaves the contact's side with a request of the user's, and with no other
        wish to answer it: accounts are made anew, which takes what they knew with them."""
        if state in ("to", "to+in", "both"):
            self.bring(state.split("+")[0], user, contact)
            contact = self.anew(contact)
            user.presence("subscribe", contact.bare)
            settle(user, contact)
        elif "out" not in state:
            user.presence("subscribe", contact.bare)
            settle(user, contact)
            user = self.anew(user)
        if state.endswith("in") or state.startswith("from"):
            contact.presence("subscribe", user.bare)
            settle(contact, user)
        if state.startswith("from"):
            user.presence("subscribed", contact.bare)
            settle(user, contact)
        if "out" in state:
            user.presence("subscribe", contact.bare)
            settle(user, contact)
        user.take()
        contact.take()
        return user, contact

    def anew(self, client):
        """The same account once more, with nothing in it."""
        name = client.bare.split("@")[0]
        self.server.ctl("user", "del", client.bare)
        self.assertEqual(client.stream_error(), "not-authorized")
        self.server.add(client.bare)
        return self.client(name, "anew")

    def test_what_comes_from_a_contact_does_what_appendix_a_3_says(self):
        for kind, state in itertools.product(SUBSCRIBING, STATES):
            visible, after = INBOUND[kind][state]
            with self.subTest(f"{kind} in {state}"):
                user, contact = self.bring_one_sided(state, *self.pair())
                self.assertEqual(self.listed(user, contact), state.removesuffix("+in"))
                contact.presence(kind, user.bare)
                settle(contact, user)
                self.assertEqual(self.shown(user, contact), [kind] if visible else [])
                self.assertEqual(self.state(user, contact), after)

    def test_a_request_of_one_who_is_approved_already_is_answered_by_the_server(self):
        user, contact = self.pair()
        befriend(user, contact)
        contact = self.anew(contact)
        user.gather(contact.bare)
        contact.presence("subscribe", user.bare)
        contact.expect_presence(user.bare, "subscribed")
        settle(contact, user)
        self.assertEqual(self.shown(user, contact), [])
        self.assertEqual(self.listed(contact, user), "to")

    def test_both_see_each_other_once_each_has_approved(self):
        user, contact = self.pair()
        befriend(user, contact)
        for one, other in ((user, contact), (contact, user)):
            self.assertEqual(self.roster(one), {other.bare: ("both", None, None)})
        user.presence(inner="<show>away</show>")
        self.assertEqual(contact.expect_presence(user.jid).child("show").text, "away")

    def test_a_request_bears_the_bare_address_and_what_the_user_wrote(self):
        user, contact = self.pair()
        user.presence("subscribe", contact.jid, "<status>나야 🎈</status>", id="s")
        request = contact.expect_presence(user.bare, "subscribe")
        self.assertEqual((request["to"], request["id"]), (contact.bare, "s"))
        self.assertEqual(request.child("status").text, "나야 🎈")

    def test_a_request_waits_for_one_who_is_away_and_comes_until_it_is_answered(self):
        user = self.client()
        name = self.account()
        user.presence("subscribe", name + "@localhost", "<status>bitte</status>")
        settle(user)
        for _ in range(2):
            contact = self.client(name, priority=None)
            request, = [s for s in contact.come() if s.name == "presence"]
            self.assertEqual((request["type"], request["from"]), ("subscribe", user.bare))
            self.assertEqual(request.child("status").text, "bitte")
            contact.close()
        contact = self.client(name)
        contact.presence("subscribed", user.bare)
        user.expect_presence(contact.bare, "subscribed")
        contact.close()
        again = self.client(name, priority=None)
        self.assertEqual([s["type"] for s in again.come() if s.name == "presence"], [])

    def test_a_pre_approval_answers_the_request_that_comes_later(self):
        user, contact = self.pair()
        contact.presence("subscribed", user.bare)
        settle(contact, user)
        self.assertEqual(user.take(), [])
        self.assertEqual(self.roster(contact), {user.bare: ("none", None, "true")})
        contact.take()
        user.presence("subscribe", contact.bare)
        user.expect_presence(contact.bare, "subscribed")
        user.expect_presence(contact.jid)
        settle(user, contact)
        self.assertEqual(self.shown(contact, user), [])
        self.assertEqual(self.roster(contact)[user.bare][0], "from")
        self.assertEqual(self.roster(user), {contact.bare: ("to", None, None)})

    def test_a_pre_approval_can_be_taken_back(self):
        user, contact = self.pair()
        contact.presence("subscribed", user.bare)
        contact.presence("unsubscribed", user.bare)
        settle(contact, user)
        self.assertEqual(user.take(), [])
        user.presence("subscribe", contact.bare)
        contact.expect_presence(user.bare, "subscribe")

    def test_nothing_is_said_of_a_request_to_no_account_but_unsubscribed_or_nothing(self):
        user = self.client()
        user.presence("subscribe", "nobody@localhost")
        kinds = {stanza["type"] for stanza in user.gather("nobody@localhost")
                 if stanza.name == "presence"}
        self.assertLessEqual(kinds, {"unsubscribed"})

    def test_that_a_request_does_not_arrive_is_told_to_those_who_know_the_roster(self):
        user = self.client(resource="one", priority=None)
        name = user.bare.split("@")[0]
        available = self.client(name, "two", 0, interested=False)
        neither = self.client(name, "three", None, interested=False)
        for kind in ("subscribe", "unsubscribe"):
            user.presence(kind, "a@nowhere.invalid", id="r")
            for client in (user, available):
                answer = client.expect(lambda stanza: stanza["type"] == "error")
                self.assertAnswer(answer, "cancel", "remote-server-not-found")
                self.assertEqual((answer["from"], answer["id"]), ("a@nowhere.invalid", "r"))
        self.assertEqual(neither.gather(user.bare), [])

    def test_too_many_requests_are_refused_and_take_no_place_from_contacts(self):
        with Server({"roster.max_requests": 3, "roster.max_contacts": 2,
                     "presence.max_request_size": 300}) as server:
            server.add("user@localhost", *(f"c{n}@localhost" for n in range(4)))
            clients = [Client(server).login(f"c{n}", "x") for n in range(4)]
            for n, client in enumerate(clients):
                client.iq("get", roster_get())
                client.presence("subscribe", "user@localhost", f"<status>{'hi' * 200 * (n % 2)}</status>", id="r")
                client.roundtrip("user@localhost")
            refused = [[s.error() for s in client.gather() if s["id"] == "r"] for client in clients]
            self.assertEqual(refused, [[], [], [], [("wait", "resource-constraint")]])
            user = Client(server).login("user", "x")
            user.iq("get", roster_get())
            # Each one as it came, but for what is too large.
            requests = {s["from"]: len(s.children) for s in user.come() if s["type"] == "subscribe"}
            self.assertEqual(requests, {"c0@localhost": 1, "c1@localhost": 0, "c2@localhost": 1})
            for number, wanted in enumerate(("result", "result", "error")):
                self.assertEqual(user.iq("set", roster_set(f"n{number}@localhost"))["type"], wanted)
            for client in (user, *clients):
                client.cut()

    def test_an_anonymous_user_parts_from_the_contacts_and_keeps_them_over_a_reload(self):
        user = self.client()
        guest = self.enterContext(Client(self.server, "anon.localhost"))
        guest.starttls()
        guest.features()
        guest.authenticate(None, mechanism="ANONYMOUS")
        guest.features()
        guest.bind()
        guest.iq("get", roster_get())
        guest.come()
        info = guest.iq("get", "<query xmlns='http://jabber.org/protocol/disco#info'/>", guest.bare)
        identity = info.children[0].child("identity")
        self.assertEqual((identity["category"], identity["type"]), ("account", "anonymous"))
        befriend(user, guest)
        known = self.roster(guest)
        self.assertEqual(known, {user.bare: ("both", None, None)})
        self.server.ctl("module", "reload", "roster")
        self.assertEqual(self.roster(guest), known)
        user.take()
        guest.cut()
        kinds = [user.expect(lambda s: s.name == "presence")["type"] for _ in range(3)]
        self.assertEqual(kinds, ["unavailable", "unsubscribed", "unsubscribe"])
        settle(user)
        self.assertEqual(self.roster(user), {guest.bare: ("none", None, None)})

    def test_a_subscription_to_oneself_leaves_no_trace(self):
        user = self.client()
        user.presence("subscribe", user.bare)
        settle(user)
        self.assertEqual(self.roster(user), {})

    def test_one_who_believes_in_a_subscription_that_is_none_learns_it_by_unsubscribing(self):
        user, contact = self.bring_one_sided("to", *self.pair())
        self.assertEqual(self.listed(user, contact), "to")
        contact.take()
        # The request that waits there is gone with it, and the answer comes: shown to nobody.
        user.presence("unsubscribe", contact.bare)
        settle(user, contact)
        self.assertEqual(self.shown(contact, user), ["unsubscribe"])
        self.assertEqual(self.state(contact, user), "none")

    def test_subscriptions_survive_a_restart(self):
        with Server() as server:
            server.add("romeo@localhost", "juliet@localhost")
            romeo, juliet = (Client(server).login(name, "x") for name in ("romeo", "juliet"))
            for client in (romeo, juliet):
                client.iq("get", roster_get())
                client.come()
            befriend(romeo, juliet)
            romeo.cut()
            juliet.cut()
            server.stop()
            server.start()
            romeo, juliet = (Client(server).login(name, "x") for name in ("romeo", "juliet"))
            romeo.come()
            juliet.come()
            romeo.expect_presence(juliet.jid)
            romeo.cut()
            juliet.cut()


class TestPresence(People):
    """RFC 6121 §4."""

    def friends(self):
        user, contact = self.pair()
        befriend(user, contact)
        return user, contact

    def test_presence_that_is_available_comes_with_its_payload_to_those_who_may_see_it(self):
        user, contact = self.friends()
        stranger = self.client()
        user.presence(inner="<show>dnd</show><status>수업 중</status><priority>7</priority>")
        came = contact.expect_presence(user.jid)
        self.assertEqual(came["to"], contact.bare)
        self.assertEqual([child.text for child in came.children], ["dnd", "수업 중", "7"])
        settle(user, stranger)
        self.assertEqual(stranger.take(), [])

    def test_initial_presence_brings_that_of_the_contacts_and_of_one_s_other_sessions(self):
        user, contact = self.friends()
        again = self.client(user.bare.split("@")[0], "again", None)
        again.presence()
        again.expect_presence(contact.jid)
        again.expect_presence(user.jid)
        again.expect_presence(again.jid)
        user.expect_presence(again.jid)
        contact.expect_presence(again.jid)

    def test_unavailable_reaches_those_who_saw_the_session_once(self):
        user, contact = self.friends()
        user.presence("unavailable", inner="<status>gute Nacht</status>")
        gone = contact.expect_presence(user.jid, "unavailable")
        self.assertEqual(gone.child("status").text, "gute Nacht")
        user.close()
        self.assertEqual([s for s in contact.gather(user.bare) if s.name == "presence"], [])

    def test_a_stream_that_is_closed_makes_its_session_unavailable(self):
        user, contact = self.friends()
        user.close()
        contact.expect_presence(user.jid, "unavailable")

    def test_a_connection_that_is_cut_makes_its_session_unavailable(self):
        user, contact = self.friends()
        user.cut()
        contact.expect_presence(user.jid, "unavailable")

    def test_a_stream_error_makes_its_session_unavailable(self):
        user, contact = self.friends()
        user.send("<!-- -->")
        self.assertEqual(user.stream_error(), "restricted-xml")
        contact.expect_presence(user.jid, "unavailable")

    def test_one_s_other_sessions_see_one_come_and_go(self):
        user = self.client()
        other = self.client(user.bare.split("@")[0], "other")
        user.expect_presence(other.jid)
        other.close()
        user.expect_presence(other.jid, "unavailable")

    def test_a_priority_that_is_none_gets_bad_request(self):
        user, contact = self.friends()
        for priority in ("128", "-129", "high", "", "1.5", "1 2", " ", "+", "+-1", "--1"):
            user.presence(inner=f"<priority>{priority}</priority>", id="p")
            answer = user.expect(lambda stanza: stanza["id"] == "p")
            self.assertAnswer(answer, "modify", "bad-request")
        for priority in ("-128", "127", "+5", " 5 ", "\n-1\t"):
            user.presence(inner=f"<priority>{priority}</priority>")
            self.assertEqual(contact.expect_presence(user.jid).child("priority").text, priority)
        self.assertEqual([s for s in contact.gather() if s.name == "presence"], [])

    def test_a_type_that_is_none_gets_bad_request(self):
        user = self.client()
        user.presence("invisible", id="p")
        answer = user.expect(lambda stanza: stanza["id"] == "p")
        self.assertAnswer(answer, "modify", "bad-request")

    def test_directed_presence_reaches_one_and_is_taken_back_at_the_end(self):
        for end in ("unavailable", "close", "cut"):
            with self.subTest(end):
                user, stranger = self.pair()
                user.presence(to=stranger.jid, inner="<status>psst</status>")
                came = stranger.expect_presence(user.jid)
                self.assertEqual(came.child("status").text, "psst")
                if end == "unavailable":
                    user.presence("unavailable")
                else:
                    getattr(user, end)()
                stranger.expect_presence(user.jid, "unavailable")
                self.assertEqual(stranger.gather(user.bare), [])

    def test_directed_presence_that_was_taken_back_is_not_taken_back_twice(self):
        user, stranger = self.pair()
        user.presence(to=stranger.jid)
        user.presence("unavailable", stranger.jid)
        user.close()
        stranger.expect_presence(user.jid)
        stranger.expect_presence(user.jid, "unavailable")
        self.assertEqual(stranger.gather(user.bare), [])

    def test_directed_presence_before_the_initial_one_is_taken_back_too(self):
        user, stranger = self.client(priority=None), self.client()
        user.presence(to=stranger.bare)
        stranger.expect_presence(user.jid)
        user.cut()
        stranger.expect_presence(user.jid, "unavailable")

    def test_presence_to_the_account_reaches_all_available_sessions_of_any_priority(self):
        sender = self.client()
        name = self.account()
        sessions = [self.client(name, f"r{priority}", priority) for priority in (1, -1, None)]
        for session in sessions:
            session.gather()
        sender.presence(to=sessions[0].bare)
        sender.roundtrip(sessions[0].bare)
        counts = [len([s for s in session.gather() if s["from"] == sender.jid])
                  for session in sessions]
        self.assertEqual(counts, [1, 1, 0])

    def test_presence_to_no_account_is_ignored(self):
        user = self.client()
        for kind in (None, "unavailable"):
            for to in ("nobody@localhost", "nobody@localhost/x", user.bare + "/nowhere"):
                user.presence(kind, to)
                self.assertEqual(user.gather("nobody@localhost"), [])

    def test_a_client_s_probe_tells_a_stranger_nothing(self):
        user, stranger = self.pair()
        stranger.presence("probe", user.bare)
        stranger.presence("probe", user.jid)
        came = stranger.gather(user.bare)
        self.assertLessEqual({stanza["type"] for stanza in came}, {"unsubscribed"})
        self.assertNotIn(user.jid, [stanza["from"] for stanza in came])
        self.assertEqual(user.gather(), [])

    def probe(self, client, to):
        """The answers to a probe that the client sends."""
        client.presence("probe", to, id="probe")
        return [(stanza["from"], stanza["type"]) for stanza in client.gather(to.split("/")[0])
                if stanza.name == "presence" and stanza["id"] == "probe"]

    def test_a_probe_is_answered_for_all_sessions_or_for_the_one_it_names(self):
        user, contact = self.friends()
        other = self.client(contact.bare.split("@")[0], "other")
        self.client(contact.bare.split("@")[0], "hidden", None)
        settle(user, contact)
        user.take()
        self.assertEqual(sorted(self.probe(user, contact.bare)),
                         sorted([(contact.jid, None), (other.jid, None)]))
        self.assertEqual(self.probe(user, other.jid), [(other.jid, None)])
        # One sees oneself.
        self.assertEqual(self.probe(user, user.bare), [(user.jid, None)])
        for name in ("hidden", "nobody"):
            jid = f"{contact.bare}/{name}"
            self.assertEqual(self.probe(user, jid), [(jid, "unavailable")])

    def test_one_who_is_away_is_said_to_be_so_since_when(self):
        user, contact = self.friends()
        contact.close()
        settle(user)
        user.take()
        user.presence("probe", contact.bare, id="probe")
        answer = user.expect(lambda stanza: stanza["id"] == "probe")
        self.assertEqual((answer["from"], answer["type"]), (contact.bare, "unavailable"))
        delay = answer.child("delay", "urn:xmpp:delay")
        self.assertEqual(delay["from"], contact.bare)
        self.assertRegex(delay["stamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def test_one_to_whom_presence_was_directed_may_ask_whether_it_holds(self):
        user, stranger = self.client(resource="one"), self.client()
        other = self.client(user.bare.split("@")[0], "two")
        user.presence(inner="<status>for friends</status>")
        user.presence(to=stranger.jid)
        stranger.expect_presence(user.jid)
        self.assertEqual(self.probe(stranger, user.jid), [(user.jid, None)])
        self.assertEqual(self.probe(stranger, user.bare), [(user.jid, None)])
        self.assertNotIn((other.jid, None), self.probe(stranger, other.jid))
        user.presence("unavailable", stranger.jid)
        settle(user, stranger)
        stranger.take()
        self.assertNotIn((user.jid, None), self.probe(stranger, user.jid))

    def test_a_probe_harms_no_request_that_waits(self):
        user, contact = self.pair()
        user.presence("subscribe", contact.bare)
        contact.expect_presence(user.bare, "subscribe")
        self.assertEqual(self.probe(user, contact.bare), [])
        self.assertEqual(self.roster(user)[contact.bare], ("none", "subscribe", None))

    def test_probes_cancel_no_subscription_while_there_is_no_roster(self):
        user, contact = self.friends()
        self.server.ctl("module", "unload", "roster")
        try:
            user.presence("probe", contact.bare)
            self.assertEqual([s for s in user.gather(contact.bare) if s.name == "presence"], [])
            user.presence("subscribe", contact.bare, id="s")
            answer = user.expect(lambda stanza: stanza["id"] == "s")
            self.assertAnswer(answer, "wait", "resource-constraint")
        finally:
            self.server.ctl("module", "load", "roster")
        self.assertEqual(self.roster(user)[contact.bare][0], "both")

    def test_presence_directed_to_a_subscriber_is_taken_back_by_one_who_was_not_available(self):
        user, contact = self.friends()
        silent = self.client(user.bare.split("@")[0], "silent", None)
        silent.presence(to=contact.bare)
        contact.expect_presence(silent.jid)
        silent.cut()
        contact.expect_presence(silent.jid, "unavailable")

    def test_one_who_has_gone_is_not_told_of_the_end_of_directed_presence(self):
        user, stranger = self.client(), self.client()
        user.presence(to=stranger.jid)
        stranger.expect_presence(user.jid)
        stranger.presence(to=user.jid)
        stranger.presence("unavailable", user.jid)
        settle(stranger, user)
        user.close()
        self.assertEqual(stranger.gather(user.bare), [])

    def test_a_contact_who_approved_is_probed_for_one_who_comes(self):
        user, contact = self.pair()
        user.presence("subscribe", contact.bare)
        contact.expect_presence(user.bare, "subscribe")
        contact.presence("subscribed", user.bare)
        user.expect_presence(contact.jid)
        contact.presence(inner="<show>xa</show>")
        user.expect_presence(contact.jid)
        later = self.client(user.bare.split("@")[0], "later", None)
        later.presence()
        self.assertEqual(later.expect_presence(contact.jid).child("show").text, "xa")
        # One way only: the contact sees nothing of it.
        self.assertEqual([s for s in contact.gather(user.bare) if s["from"] == later.jid], [])

    def kinds(self, client, other):
        return [(stanza["from"], stanza["type"]) for stanza in client.take()
                if stanza.name == "presence" and stanza["from"].startswith(other.bare)]

    def test_who_unsubscribes_sees_the_sessions_go_and_is_told_that_it_is_over(self):
        user, contact = self.friends()
        user.presence("unsubscribe", contact.bare)
        settle(user, contact)
        # The answer changes nothing any more, and so is not shown.
        self.assertEqual(self.kinds(user, contact), [(contact.jid, "unavailable")])
        self.assertEqual(self.roster(user)[contact.bare][0], "from")

    def test_who_removes_a_contact_goes_before_the_subscription_does(self):
        user, contact = self.friends()
        user.iq("set", roster_set(contact.bare, subscription="remove"))
        settle(user, contact)
        self.assertEqual(self.kinds(contact, user), [
            (user.jid, "unavailable"), (user.bare, "unsubscribed"), (user.bare, "unsubscribe")])

    def test_who_asks_once_more_is_shown_who_is_there(self):
        user, contact = self.friends()
        user.presence("subscribe", contact.bare)
        user.expect_presence(contact.jid)

    def test_who_is_unsubscribed_sees_the_sessions_go(self):
        user, contact = self.friends()
        user.presence("unsubscribed", contact.bare)
        settle(user, contact)
        self.assertEqual(self.kinds(contact, user), [(user.jid, "unavailable"),
                                                     (user.bare, "unsubscribed")])
        user.presence(inner="<show>away</show>")
        settle(user, contact)
        self.assertEqual([s for s in contact.take() if s["from"] == user.jid], [])


class TestOffline(People):
    """XEP-0160."""

    settings = {"offline.max_messages": 5}

    def kept(self, name, priority=0):
        client = self.client(name, priority=None)
        kept = [stanza for stanza in client.come(priority) if stanza.name == "message"]
        client.close()
        return kept

    def test_what_is_kept_bears_a_delay_and_comes_once_in_order(self):
        sender, name = self.client(resource="한"), self.account()
        bodies = ["하나 🎈", "둘", "셋"]
        for body in bodies:
            sender.message(f"{name}@localhost", body, "chat", id="i-" + body)
        sender.roundtrip(f"{name}@localhost")
        kept = self.kept(name)
        self.assertEqual([stanza.body for stanza in kept], bodies)
        for stanza in kept:
            delay = stanza.child("delay", "urn:xmpp:delay")
            self.assertEqual(delay["from"], "localhost")
            self.assertRegex(delay["stamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
            self.assertEqual((stanza["from"], stanza["type"], stanza["id"]),
                             (sender.jid, "chat", "i-" + stanza.body))
        self.assertEqual(self.kept(name), [])

    def test_what_is_kept_waits_for_a_priority_that_is_not_negative(self):
        sender, name = self.client(), self.account()
        sender.message(f"{name}@localhost", "later", "chat")
        sender.roundtrip(f"{name}@localhost")
        self.assertEqual(self.kept(name, -1), [])
        self.assertEqual([stanza.body for stanza in self.kept(name, 0)], ["later"])

    def test_a_session_that_becomes_less_shy_gets_what_was_kept(self):
        sender, name = self.client(), self.account()
        shy = self.client(name, priority=-1)
        sender.message(f"{name}@localhost", "later", "chat")
        sender.roundtrip(f"{name}@localhost")
        self.assertEqual([s for s in shy.gather() if s.name == "message"], [])
        shy.come(0)
        shy.presence(inner="<priority>1</priority>")
        shy.gather(shy.bare)
        again = self.kept(name)
        self.assertEqual(again, [])

    def test_presence_that_makes_nobody_less_shy_does_not_ask_for_what_was_kept(self):
        sender = self.client()
        user = self.client()
        # Without this module nobody takes a message, and it is kept though a session is there.
        self.server.ctl("module", "unload", "message", "localhost")
        sender.message(user.bare, "later", "chat")
        sender.roundtrip(user.bare)
        self.server.ctl("module", "load", "message", "localhost")
        for priority, expected in ((0, []), (5, []), (-1, []), (-2, []), (0, ["later"])):
            came = user.come(priority)
            self.assertEqual([s.body for s in came if s.name == "message"], expected, priority)

    def test_an_account_that_was_made_anew_has_nothing_of_the_old(self):
        sender, name = self.client(), self.account()
        bare = f"{name}@localhost"
        old = self.client(name, priority=-1)
        old.iq("set", roster_set(sender.bare))
        sender.presence("subscribe", to=bare)
        sender.message(bare, "of old", "chat")
        sender.roundtrip(bare)
        self.server.ctl("user", "del", bare)
        self.server.add(bare)
        new = self.client(name, priority=None)
        self.assertEqual(self.roster(new), {})
        self.assertEqual([s.name for s in new.come() if s["from"] != new.jid], [])

    def test_beyond_the_limit_the_sender_gets_service_unavailable(self):
        sender, name = self.client(), self.account()
        # Not in the archive, which would keep them all.
        passing = "<no-permanent-store xmlns='urn:xmpp:hints'/>"
        for number in range(7):
            sender.send(f"<message to='{name}@localhost' type='chat' id='{number}'>"
                        f"<body>{number}</body>{passing}</message>")
        refused = sender.gather(f"{name}@localhost")
        self.assertEqual([stanza["id"] for stanza in refused], ["5", "6"])
        for stanza in refused:
            self.assertAnswer(stanza, "cancel", "service-unavailable")
        self.assertEqual([stanza.body for stanza in self.kept(name)], list("01234"))

    def test_what_is_in_the_archive_is_not_refused_for_want_of_room(self):
        sender, name = self.client(), self.account()
        for number in range(7):
            sender.message(f"{name}@localhost", str(number), "chat", id=str(number))
        self.assertEqual(sender.gather(f"{name}@localhost"), [])
        self.assertEqual([stanza.body for stanza in self.kept(name)], list("01234"))

    def test_what_says_nothing_or_asks_not_to_be_kept_is_not(self):
        sender, name = self.client(), self.account()
        to = f"{name}@localhost"
        composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
        sender.send(f"<message to='{to}' type='chat'>{composing}</message>")
        sender.send(f"<message to='{to}' type='chat'><body>secret</body>"
                    "<no-store xmlns='urn:xmpp:hints'/></message>")
        sender.gather(to)
        self.assertEqual(self.kept(name), [])

    def test_what_brings_no_error_from_somebody_away_brings_none_from_nobody(self):
        sender = self.client()
        composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
        secret = "<body>secret</body><no-store xmlns='urn:xmpp:hints'/>"
        for address in (f"{self.account()}@localhost", "nobody@localhost"):
            for kind, inner in (("headline", "<body>news</body>"), ("chat", composing)):
                sender.send(f"<message to='{address}' type='{kind}'>{inner}</message>")
            self.assertEqual(sender.gather(address), [])
            for kind, inner in (("groupchat", "<body>hi</body>"), ("chat", secret)):
                sender.send(f"<message to='{address}' type='{kind}'>{inner}</message>")
            for error in (answers := sender.gather(address)):
                self.assertAnswer(error, "cancel", "service-unavailable")
            self.assertEqual(len(answers), 2)

    def test_receipts_and_markers_are_kept(self):
        sender, name = self.client(), self.account()
        to = f"{name}@localhost"
        for inner in ("<received xmlns='urn:xmpp:receipts' id='a'/>",
                      "<displayed xmlns='urn:xmpp:chat-markers:0' id='a'/>"):
            sender.send(f"<message to='{to}' type='chat'>{inner}</message>")
        self.assertEqual(sender.gather(to), [])
        self.assertEqual([stanza.children[0].name for stanza in self.kept(name)],
                         ["received", "displayed"])

    def test_what_is_kept_comes_before_what_is_sent_later(self):
        sender, name = self.client(), self.account()
        to = f"{name}@localhost"
        for number in range(4):
            sender.message(to, str(number), "chat")
        sender.roundtrip(to)
        client = self.client(name, priority=None)
        client.presence()
        sender.message(to, "4", "chat")
        sender.roundtrip(to)
        came = [stanza.body for stanza in client.gather(to) if stanza.name == "message"]
        self.assertEqual(sorted(came), list("01234"))
        self.assertEqual(came[:4], list("0123"))


del People

if __name__ == "__main__":
    report.main()
