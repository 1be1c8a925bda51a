# SPDX-License-Identifier: Apache-2.0
"""XEP-0198: a client that loses its connection comes back, and nothing is lost, doubled or out of
order; when it does not, others get what it was sent."""

import asyncio
import contextlib
import os
import re
import time
import unittest

import report
from server import Server, wait_until
from streams import Streams
from test_archive_kill import SID, archive
from test_disk import faulty
from test_order import slow_server
from test_slixmpp import Person
from xmpp import STANZAS, STREAM, STREAMS, Client, Element, Gone, condition_of

SM = "urn:xmpp:sm:3"
DELAY = "urn:xmpp:delay"
CHAT = "http://jabber.org/protocol/chatstates"
CARBONS = "urn:xmpp:carbons:2"
WITHOUT_ARCHIVE = ["roster", "presence", "message", "carbons", "csi", "offline", "sm", "disco", "ping",
                   "version"]


class Managed(Client):
    """Counts what comes, and acknowledges it when it is told to."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.h = 0
        self.acks = []
        self.asked = 0
        self.id = None

    def element(self, patience=None):
        while True:
            element = super().element(patience)
            if element.ns == SM and element.name == "r":
                self.asked += 1
            elif element.ns == SM and element.name == "a":
                self.acks.append(int(element["h"]))
            else:
                if element.ns == "jabber:client":
                    self.h += 1
                return element

    def enable(self, inner="resume='true'"):
        self.send(f"<enable xmlns='{SM}' {inner}/>")
        answer = self.expect(lambda element: element.ns == SM)
        self.h = 0
        self.id = answer["id"]
        return answer

    def acknowledge(self, h=None):
        self.send(f"<a xmlns='{SM}' h='{self.h if h is None else h}'/>")

    def resume(self, old, h=None):
        """Asks for the session of another, and gives the answer."""
        h = old.h if h is None else h
        self.send(f"<resume xmlns='{SM}' previd='{old.id}' h='{h}'/>")
        answer = self.element()
        if answer.name == "resumed":
            self.h, self.id, self.jid = h, old.id, old.jid
        return answer

    def confirmed(self, h):
        """Asks until the server has acknowledged so many."""
        self.send(f"<r xmlns='{SM}'/>")
        while not self.acks or self.acks[-1] != h:
            self.receive_one()

    def receive_one(self):
        before = len(self.acks)
        while len(self.acks) == before:
            item = self.next()
            assert isinstance(item, Element) and item.name != "error", item
            if item.ns == SM and item.name == "a":
                self.acks.append(int(item["h"]))
            elif item.ns == SM and item.name == "r":
                self.asked += 1
            else:
                self.h += 1
                self.inbox.append(item)


def failure(element):
    assert element.name == "failed" and element.ns == SM, element
    return [child.name for child in element.children if child.ns == STANZAS]


def bodies(stanzas):
    return [stanza.body for stanza in stanzas if stanza.body is not None]


class StreamManagement(Streams):
    kind = Managed
    settings = {"limits.stanza_rate": 0}
    archive = True
    users = ("romeo", "juliet", "nurse")

    @classmethod
    def make_server(cls):
        hosts = {} if cls.archive else {"modules": WITHOUT_ARCHIVE}
        return Server(cls.settings, hosts={"localhost": hosts})

    def setUp(self):
        self.server.add(*(f"{name}@localhost" for name in self.users))

    def tearDown(self):
        self.doCleanups()
        for name in self.users:
            self.server.ctl("user", "del", f"{name}@localhost")

    def managed(self, user, resource="r", inner="resume='true'"):
        client = self.client(user, resource)
        self.assertEqual(client.enable(inner).name, "enabled")
        return client

    def authenticated(self, user):
        client = self.connection()
        client.starttls()
        client.features()
        client.authenticate(user)
        client.features()
        return client

    def lose(self, client):
        """Its connection ends, and the server knows."""
        client.cut()
        self.wait_for_transport(client.jid, "hibernating")

    def transports(self, jid):
        rows = self.server.ctl("session", "list", jid.split("/")[0], json=True).rows()
        return [row["transport"] for row in rows if row["jid"] == jid]

    def wait_for_transport(self, jid, *transports):
        wait_until(lambda: self.transports(jid) == list(transports), f"{jid} is {transports}")


class TestNegotiation(StreamManagement):
    def test_it_is_announced_before_a_resource_is_bound(self):
        client = self.connection()
        client.starttls()
        client.features()
        client.authenticate("romeo")
        self.assertTrue(client.features().has("sm", SM))

    def test_it_cannot_be_enabled_before_a_resource_is_bound(self):
        client = self.authenticated("romeo")
        client.send(f"<enable xmlns='{SM}'/>")
        self.assertEqual(failure(client.element()), ["unexpected-request"])
        self.assertEqual(client.bind("r")["type"], "result")
        self.assertEqual(client.enable().name, "enabled")

    def test_it_is_enabled_once(self):
        romeo = self.managed("romeo")
        romeo.send(f"<enable xmlns='{SM}' resume='true'/>")
        self.assertEqual(romeo.stream_error(), "policy-violation")
        self.wait_for_transport(romeo.jid)

    def test_the_client_may_ask_for_less_time_than_there_is(self):
        for asked, given in (("30", "30"), ("100000", "300"), ("0", "300"), ("-1", "300"),
                             ("99999999999999", "300"), ("x", "300")):
            with self.subTest(asked=asked):
                answer = self.client("romeo", "r" + given, come=False).enable(
                    f"resume='1' max='{asked}'")
                self.assertEqual(answer["max"], given)
                self.assertEqual(answer["resume"], "true")
                self.assertEqual(len(answer["id"]), 22)

    def test_without_the_wish_nothing_can_be_resumed(self):
        romeo = self.client("romeo")
        answer = romeo.enable("")
        self.assertEqual(answer.attributes, {})
        romeo.cut()
        self.wait_for_transport(romeo.jid)

    def test_a_bound_session_cannot_be_exchanged_for_another(self):
        old = self.managed("romeo", "a")
        self.lose(old)
        new = self.client("romeo", "b")
        self.assertEqual(failure(new.resume(old)), ["unexpected-request"])

    def test_elements_of_it_mean_nothing_before_it_is_enabled(self):
        romeo = self.client("romeo")
        romeo.send(f"<r xmlns='{SM}'/>")
        self.assertEqual(romeo.stream_error(), "unsupported-stanza-type")


class TestAcknowledgement(StreamManagement):
    def test_what_came_before_does_not_count(self):
        romeo = self.client("romeo")
        romeo.ping("localhost")
        romeo.enable()
        romeo.send(f"<r xmlns='{SM}'/>")
        romeo.receive_one()
        self.assertEqual(romeo.acks, [0])

    def test_every_kind_of_stanza_counts_with_those_that_failed(self):
        romeo = self.managed("romeo")
        juliet = self.client("juliet")
        romeo.message(juliet.jid, "1")
        romeo.message("nobody@localhost", "2")
        romeo.message("juliet@local host", "3", id="bad")
        romeo.presence()
        romeo.send("<iq type='nonsense' id='x'/>")
        romeo.ping("localhost")
        romeo.message("nurse@localhost", "kept", "chat")
        romeo.confirmed(7)
        self.assertEqual(juliet.expect_message("1").body, "1")

    def test_many_messages_to_all_shards_are_acknowledged_in_the_end(self):
        romeo = self.managed("romeo")
        for number in range(200):
            romeo.message(("juliet", "nurse")[number % 2] + "@localhost", str(number), "chat")
        romeo.confirmed(200)
        self.assertEqual(romeo.acks, sorted(romeo.acks))

    def test_the_client_is_asked_after_some_stanzas_and_when_it_is_quiet(self):
        romeo = self.managed("romeo")
        juliet = self.client("juliet")
        for number in range(5):
            juliet.message(romeo.jid, str(number))
        romeo.expect_message("4")
        romeo.ping("localhost")
        self.assertEqual(romeo.asked, 1)
        romeo.acknowledge()
        juliet.message(romeo.jid, "quiet")
        while romeo.asked < 2:
            romeo.receive()
            while romeo.items:
                item = romeo.items.pop(0)
                romeo.asked += item.name == "r"

    def test_too_many_acknowledged_end_the_stream(self):
        romeo = self.managed("romeo")
        romeo.ping("localhost")
        romeo.acknowledge(7)
        error = None
        while error is None:
            item = romeo.next()
            error = item if isinstance(item, Element) and item.ns == STREAM else None
        self.assertEqual(condition_of(error), "undefined-condition")
        detail = error.child("handled-count-too-high", SM)
        self.assertEqual((detail["h"], detail["send-count"]), ("7", "1"))
        self.wait_for_transport(romeo.jid)

    def test_an_acknowledgement_without_a_number_ends_the_stream(self):
        for h in ("", "h='-1'", "h='4294967296'", "h=' 1'"):
            with self.subTest(h=h):
                romeo = self.managed("romeo")
                romeo.send(f"<a xmlns='{SM}' {h}/>")
                self.assertEqual(romeo.stream_error(), "bad-format")


class TestResumption(StreamManagement):
    def test_the_session_is_there_again_and_nobody_noticed(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        romeo.presence(to=juliet.jid)
        juliet.expect_presence(romeo.jid)
        romeo.confirmed(1)
        self.lose(romeo)
        again = self.authenticated("romeo")
        answer = again.resume(romeo)
        self.assertEqual((answer.name, answer["previd"], answer["h"]), ("resumed", romeo.id, "1"))
        self.wait_for_transport(again.jid, "starttls")
        again.message(juliet.jid, "here")
        self.assertEqual(juliet.expect_message("here")["from"], romeo.jid)
        self.assertEqual([item.name for item in juliet.gather()], [])
        again.confirmed(2)
        self.assertEqual(again.gather(), [])

    def test_what_was_lost_and_what_came_meanwhile_is_there_once_and_in_order(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        for number in range(40):
            juliet.message(romeo.jid if number % 2 else "romeo@localhost", str(number), "chat")
            if number == 9:
                romeo.expect_message("9")
                romeo.acknowledge()
            if number == 19:
                romeo.expect_message("14")
                self.lose(romeo)
        got = bodies(romeo.take())
        self.assertEqual(juliet.gather("romeo@localhost"), [])
        again = self.authenticated("romeo")
        self.assertEqual(again.resume(romeo).name, "resumed")
        juliet.message(romeo.jid, "live", "chat")
        again.expect_message("live")
        self.assertEqual(
            got + ["9", "14"] + bodies(again.take()),
            [str(n) for n in (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 9, 14)] +
            [str(number) for number in range(15, 40)])
        self.assertGreaterEqual(again.asked, 1)
        again.acknowledge()
        again.ping("localhost")

    def test_the_count_of_what_came_says_what_to_send_again(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        sent = 0
        for _ in range(5):
            for _ in range(20):
                sent += 1
                romeo.message(juliet.jid, str(sent), "chat")
            romeo.cut()
            again = self.authenticated("romeo")
            answer = again.resume(romeo)
            self.assertEqual(answer.name, "resumed")
            for number in range(int(answer["h"]) + 1, sent + 1):
                again.message(juliet.jid, str(number), "chat")
            romeo = again
            romeo.confirmed(sent)
        juliet.expect_message(str(sent))
        self.assertEqual(bodies(juliet.take()), [str(n) for n in range(1, sent)])

    def test_a_client_may_come_back_while_its_old_connection_stands(self):
        juliet = self.client("juliet")
        old = self.managed("romeo")
        old.presence(to=juliet.jid)
        juliet.expect_presence(old.jid)
        new = self.authenticated("romeo")
        self.assertEqual(new.resume(old).name, "resumed")
        self.assertEqual(old.stream_error(), "conflict")
        juliet.message(old.jid, "to the new one")
        new.expect_message("to the new one")
        self.assertEqual([item.name for item in juliet.gather("romeo@localhost")], [])

    def test_requests_to_a_session_without_a_client_wait(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        self.lose(romeo)
        id = juliet.request("get", "<ping xmlns='urn:xmpp:ping'/>", romeo.jid)
        again = self.authenticated("romeo")
        self.assertEqual(again.resume(romeo).name, "resumed")
        self.assertEqual(again.expect(lambda it: it.name == "iq")["id"], id)
        again.send(f"<iq type='result' id='{id}' to='{juliet.jid}'/>")
        juliet.expect(lambda it: it["id"] == id and it["type"] == "result")

    def test_nobody_resumes_the_session_of_another(self):
        romeo = self.managed("romeo")
        self.lose(romeo)
        juliet = self.authenticated("juliet")
        self.assertEqual(failure(juliet.resume(romeo)), ["item-not-found"])
        self.assertEqual(juliet.bind("r")["type"], "result")
        self.wait_for_transport(romeo.jid, "hibernating")

    def test_a_session_that_is_not_there_is_not_resumed_and_one_is_bound(self):
        romeo = self.authenticated("romeo")
        for attributes in ("previd='nonsense' h='0'", "previd='' h='0'"):
            romeo.send(f"<resume xmlns='{SM}' {attributes}/>")
            self.assertEqual(failure(romeo.element()), ["item-not-found"])
        for attributes in ("previd='nonsense'", "previd='nonsense' h='x'", ""):
            romeo.send(f"<resume xmlns='{SM}' {attributes}/>")
            self.assertEqual(failure(romeo.element()), ["bad-request"])
        self.assertEqual(romeo.bind("r")["type"], "result")

    def test_who_claims_too_much_does_not_come_back(self):
        romeo = self.managed("romeo")
        self.lose(romeo)
        again = self.authenticated("romeo")
        again.send(f"<resume xmlns='{SM}' previd='{romeo.id}' h='9'/>")
        self.assertEqual(again.stream_error(), "undefined-condition")
        honest = self.authenticated("romeo")
        self.assertEqual(honest.resume(romeo).name, "resumed")

    def test_a_clean_end_is_final(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        romeo.presence(to=juliet.jid)
        juliet.expect_presence(romeo.jid)
        romeo.close()
        juliet.expect_presence(romeo.jid, "unavailable")
        again = self.authenticated("romeo")
        answer = again.resume(romeo)
        self.assertEqual(failure(answer), ["item-not-found"])
        self.assertEqual(answer["h"], "1")

    def test_the_module_may_be_exchanged_meanwhile(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        juliet.message(romeo.jid, "before", "chat")
        romeo.expect_message("before")
        self.lose(romeo)
        self.server.ctl("module", "reload", "sm")
        again = self.authenticated("romeo")
        self.assertEqual(again.resume(romeo, h=0).name, "resumed")
        again.expect_message("before")
        again.acknowledge()
        again.confirmed(0)


    def test_of_presence_that_came_meanwhile_the_newest_of_each_sender_is_there(self):
        juliet, nurse = self.client("juliet"), self.client("nurse")
        romeo = self.managed("romeo")
        juliet.presence(to=romeo.jid, inner="<status>written</status>")
        romeo.expect_presence(juliet.jid)
        self.lose(romeo)
        for number in range(3):
            juliet.presence(to=romeo.jid, inner=f"<status>{number}</status>")
            nurse.presence(to=romeo.jid, inner=f"<status>{number}</status>")
            nurse.roundtrip("romeo@localhost")
            juliet.message(romeo.jid, str(number), "chat")
            juliet.roundtrip("romeo@localhost")
        juliet.presence("unavailable", romeo.jid)
        juliet.roundtrip("romeo@localhost")
        again = self.authenticated("romeo")
        self.assertEqual(again.resume(romeo, h=romeo.h - 1).name, "resumed")
        came = [(item["from"], item["type"], item.body or item.has("status") and
                 item.child("status").text) for item in again.gather("localhost")]
        self.assertEqual(came, [
            (juliet.jid, None, "written"),
            (juliet.jid, "chat", "0"), (juliet.jid, "chat", "1"), (nurse.jid, None, "2"),
            (juliet.jid, "chat", "2"), (juliet.jid, "unavailable", False)])
        again.acknowledge()
        again.ping("localhost")
        again.acknowledge()
        again.ping("localhost")


class TestEnd(StreamManagement):
    settings = {"sm.resume_timeout": "1s", "limits.resources": 3}
    archive = False

    def test_the_time_is_over(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        romeo.presence(to=juliet.jid)
        juliet.expect_presence(romeo.jid)
        self.lose(romeo)
        id = juliet.request("get", "<ping xmlns='urn:xmpp:ping'/>", romeo.jid)
        juliet.message(romeo.jid, "room", "groupchat", id="g")
        juliet.message(romeo.jid, "headline", "headline")
        juliet.message(romeo.jid, "one", "chat")
        juliet.message("romeo@localhost", "two")
        juliet.send(f"<message to='{romeo.jid}' type='chat'><composing xmlns='{CHAT}'/></message>")
        juliet.expect_presence(romeo.jid, "unavailable")
        answers = [juliet.expect(lambda it: it["type"] == "error") for _ in range(2)]
        self.assertEqual({answer["id"]: answer.error() for answer in answers}, {
            id: ("cancel", "service-unavailable"), "g": ("wait", "recipient-unavailable")})
        again = self.authenticated("romeo")
        answer = again.resume(romeo)
        self.assertEqual(failure(answer), ["item-not-found"])
        self.assertEqual(answer["h"], "1")
        again.bind("r")
        came = [item for item in again.come() if item.name == "message"]
        self.assertEqual(bodies(came), ["one", "two"])
        for message in came:
            self.assertEqual(
                [child.name for child in message.children if child.ns == DELAY], ["delay"])
            self.assertEqual(message.child("delay", DELAY)["from"], "localhost")
        self.assertEqual(juliet.gather("romeo@localhost"), [])

    def test_another_session_gets_what_it_did_not_have(self):
        juliet = self.client("juliet")
        other = self.client("romeo", "other")
        romeo = self.managed("romeo")
        other.gather()
        self.lose(romeo)
        juliet.message("romeo@localhost", "for all", "chat")
        other.expect_message("for all")
        # What says nothing later, and what is a copy of something that is kept elsewhere.
        juliet.send(f"<message to='{romeo.jid}' type='chat'><composing xmlns='{CHAT}'/></message>")
        juliet.send(f"<message to='{romeo.jid}'><result xmlns='urn:xmpp:mam:2'/></message>")
        juliet.message(romeo.jid, "for one", "chat")
        other.expect_message("for one")
        came = [item for item in other.gather("romeo@localhost") if item.name == "message"]
        self.assertEqual(came, [])
        other.presence("unavailable")
        other.gather("romeo@localhost")
        self.assertEqual(bodies(other.come()), [])

    def test_two_that_were_lost_leave_one_copy(self):
        juliet = self.client("juliet")
        lost = [self.managed("romeo", name) for name in ("a", "b")]
        for one in lost:
            self.lose(one)
        juliet.message("romeo@localhost", "once", "chat")
        juliet.gather("romeo@localhost")
        for one in lost:
            self.wait_for_transport(one.jid)
        romeo = self.client("romeo", "c", come=False)
        self.assertEqual(bodies(romeo.come()), ["once"])

    def test_who_acknowledged_it_had_it_for_all(self):
        juliet = self.client("juliet")
        a = self.managed("romeo", "a")
        b = self.managed("romeo", "b")
        self.lose(b)
        juliet.message("romeo@localhost", "had", "chat")
        a.expect_message("had")
        a.acknowledge()
        a.ping("localhost")
        a.presence("unavailable")
        self.wait_for_transport(b.jid)
        self.assertEqual(bodies(a.gather("romeo@localhost")), [])
        self.assertEqual(bodies(a.come()), [])

    def test_its_name_is_bound_again(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        self.lose(romeo)
        juliet.message(romeo.jid, "kept", "chat")
        juliet.gather("romeo@localhost")
        again = self.client("romeo", "r", come=False)
        self.assertEqual(bodies(again.come()), ["kept"])
        third = self.authenticated("romeo")
        self.assertEqual(failure(third.resume(romeo)), ["item-not-found"])

    def test_a_new_session_has_room_while_some_wait(self):
        lost = [self.managed("romeo", str(number)) for number in range(3)]
        for one in lost:
            self.lose(one)
        self.client("romeo", "new")
        self.assertEqual(self.transports(lost[0].jid), [])

    def test_what_it_did_not_acknowledge_at_a_clean_end_comes_again(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        juliet.message(romeo.jid, "had", "chat")
        juliet.message(romeo.jid, "perhaps", "chat")
        romeo.expect_message("had")
        romeo.acknowledge()
        romeo.expect_message("perhaps")
        romeo.close()
        again = self.client("romeo", "r", come=False)
        self.assertEqual(bodies(again.come()), ["perhaps"])

    def test_a_removed_account_leaves_nothing(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        self.lose(romeo)
        juliet.message(romeo.jid, "lost", "chat")
        juliet.gather("romeo@localhost")
        self.server.ctl("user", "del", "romeo@localhost")
        self.server.add("romeo@localhost")
        self.assertEqual(bodies(self.client("romeo", come=False).come()), [])


    def carbons(self, user, resource, enable=False):
        """A session that gets copies, and may leave them unacknowledged."""
        client = self.client(user, resource)
        client.iq("set", f"<enable xmlns='{CARBONS}'/>")
        if enable:
            client.enable()
        return client

    def test_who_got_a_copy_does_not_get_the_message_again(self):
        juliet = self.client("juliet")
        other = self.carbons("romeo", "other")
        romeo = self.managed("romeo")
        other.gather()
        self.lose(romeo)
        juliet.message(romeo.jid, "for one", "chat")
        other.expect(lambda item: item.has("received", CARBONS))
        self.wait_for_transport(romeo.jid)
        came = [item for item in other.gather("romeo@localhost") if item.name == "message"]
        self.assertEqual(came, [])

    def test_a_copy_that_was_not_acknowledged_either_leaves_the_message(self):
        juliet = self.client("juliet")
        for order in (("r", "other"), ("other", "r")):
            with self.subTest(order):
                lost = {"other": self.carbons("romeo", "other", enable=True),
                        "r": self.managed("romeo")}
                for name in order:
                    self.lose(lost[name])
                juliet.message("romeo@localhost/r", "for one", "chat")
                juliet.gather("romeo@localhost")
                for name in order:
                    self.wait_for_transport(lost[name].jid)
                third = self.client("romeo", "third", come=False)
                self.assertEqual(bodies(third.come()), ["for one"])
                third.close()


class TestEndWithArchive(StreamManagement):
    settings = {"sm.resume_timeout": "2s", "sm.max_queue": 20}

    def test_what_is_in_the_archive_rests_there_alone(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        self.lose(romeo)
        juliet.message(romeo.jid, "archived", "chat")
        juliet.send(f"<message to='{romeo.jid}' type='chat'><body>not archived</body>"
                    "<no-permanent-store xmlns='urn:xmpp:hints'/></message>")
        juliet.gather("romeo@localhost")
        self.wait_for_transport(romeo.jid)
        again = self.client("romeo", "again", come=False)
        self.assertEqual(bodies(again.come()), ["not archived"])
        self.assertEqual([body for _, body in archive(again)], ["archived"])

    def test_another_session_gets_it_all_the_same(self):
        juliet = self.client("juliet")
        other = self.client("romeo", "other")
        romeo = self.managed("romeo")
        self.lose(romeo)
        juliet.message(romeo.jid, "archived", "chat")
        message = other.expect_message("archived")
        self.assertTrue(message.has("delay", DELAY))
        self.assertEqual(archive(other), [(message.child("stanza-id", SID)["id"], "archived")])

    def test_so_does_what_is_too_much(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        self.lose(romeo)
        for number in range(25):
            juliet.message(romeo.jid, str(number), "chat")
        self.wait_for_transport(romeo.jid)
        juliet.gather("romeo@localhost")
        again = self.client("romeo", "again", come=False)
        # What came when the session had ended, nobody has seen: a client that reads no archive.
        kept = [body for _, body in archive(again)]
        self.assertEqual(kept, [str(number) for number in range(25)])
        came = [int(body) for body in bodies(again.come())]
        self.assertEqual(came, list(range(25 - len(came), 25)))
        self.assertLess(len(came), 5)


class TestLimits(StreamManagement):
    settings = {"sm.max_queue": 20, "sm.max_queue_size": "256KiB"}
    archive = False

    def test_a_client_that_never_acknowledges_is_ended_and_nothing_is_lost(self):
        # One who is there may leave eight times as much.
        for size, count in ((10, 161), (100_000, 22)):
            with self.subTest(size=size):
                juliet = self.client("juliet")
                romeo = self.managed("romeo")
                for number in range(count):
                    juliet.message(romeo.jid, f"{number} " + size * "x", "chat")
                self.assertEqual(romeo.stream_error(), "policy-violation")
                self.wait_for_transport(romeo.jid)
                again = self.client("romeo", "again", come=False)
                came = bodies(again.come())
                self.assertEqual([body.split()[0] for body in came], [str(n) for n in range(count)])
                again.close()

    def test_one_large_stanza_has_room(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        for number in range(4):
            juliet.message(romeo.jid, f"{number} " + 300_000 * "x", "chat")
            romeo.expect(lambda item, number=number: item.body.startswith(f"{number} "))
            romeo.acknowledge()
            romeo.ping("localhost")

    def test_the_same_without_a_client(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        self.lose(romeo)
        for number in range(25):
            juliet.message(romeo.jid, str(number), "chat")
        self.wait_for_transport(romeo.jid)
        juliet.gather("romeo@localhost")
        again = self.client("romeo", "again", come=False)
        self.assertEqual(bodies(again.come()), [str(n) for n in range(25)])

    def test_what_a_module_adds_when_it_is_saved_does_not_end_it(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        romeo.presence(to=juliet.jid)
        juliet.expect_presence(romeo.jid)
        for number in range(25):
            juliet.message(romeo.jid, str(number), "chat")
        juliet.gather("romeo@localhost")
        romeo.send("<inactive xmlns='urn:xmpp:csi:0'/>")
        romeo.send(f"<r xmlns='{SM}'/>")
        romeo.confirmed(1)
        juliet.presence(to=romeo.jid)
        juliet.gather("romeo@localhost")
        self.server.stop()
        self.server.start()
        again = self.authenticated("romeo")
        self.assertEqual(again.resume(romeo, 0).name, "resumed")
        again.expect_presence(juliet.jid, "unavailable")
        self.assertEqual(bodies(again.take()), [str(n) for n in range(25)])
        other = self.client("romeo", "other", come=False)
        self.assertEqual(bodies(other.come()), [])

    def test_acknowledgements_are_not_written_to_who_does_not_read(self):
        romeo = self.connection(small_window=True)
        romeo.login("romeo", "r")
        romeo.enable()
        requests = (f"<r xmlns='{SM}'/>" * 1000).encode()
        romeo.socket.settimeout(1)
        try:
            for _ in range(200):
                romeo.send(requests)
        except OSError:
            pass
        self.assertEqual(self.client("juliet").ping("localhost")["type"], "result")
        self.assertLess(self.server.resident(), 200 << 20)


class TestSlowReader(StreamManagement):
    settings = {"limits.stanza_rate": 0, "limits.byte_rate": 0, "limits.outbound_queue": "64KiB",
                "sm.max_queue": 10_000, "sm.max_queue_size": "8MiB"}
    archive = False

    def test_one_who_does_not_read_may_come_back_and_misses_nothing(self):
        juliet = self.client("juliet")
        romeo = self.connection(small_window=True)
        romeo.login("romeo", "r")
        romeo.come()
        romeo.enable()
        count = 0
        while self.transports(romeo.jid) != ["hibernating"]:
            self.assertNotEqual(self.transports(romeo.jid), [])
            for _ in range(20):
                juliet.message(romeo.jid, f"{count} " + 20_000 * "x", "chat")
                count += 1
            juliet.roundtrip(romeo.bare)
        juliet.message(romeo.jid, f"{count} " + 20_000 * "x", "chat")
        juliet.roundtrip(romeo.bare)
        count += 1
        came = []
        # Each time as much as has room; the rest comes the next time.
        while len(came) < count:
            again = self.authenticated("romeo")
            self.assertEqual(again.resume(romeo, len(came)).name, "resumed")
            while len(came) < count and isinstance(item := again.next(), Element):
                came += [int(item.body.split()[0])] if item.name == "message" else []
        self.assertEqual(came, list(range(count)))
        again.acknowledge(count)
        self.assertEqual(again.ping("localhost")["type"], "result")


class TestMuch(StreamManagement):
    settings = {"limits.stanza_rate": 0, "limits.byte_rate": 0}

    def test_an_account_for_which_much_was_kept_is_given_all_of_it(self):
        juliet = self.client("juliet")
        count = 200
        for number in range(count):
            juliet.message("romeo@localhost", f"{number} " + 30_000 * "x", "chat")
        juliet.gather("romeo@localhost")
        romeo = self.client("romeo", come=False)
        romeo.enable()
        romeo.presence()
        came = []
        while len(came) < count:
            item = romeo.element()
            if item.name == "message":
                came.append(int(item.body.split()[0]))
                romeo.acknowledge()
        self.assertEqual(came, list(range(count)))
        self.assertEqual(romeo.ping("localhost")["type"], "result")


    def test_a_restart_in_the_middle_of_that_loses_nothing(self):
        juliet = self.client("juliet")
        count = 120
        for number in range(count):
            juliet.message("romeo@localhost", f"{number} " + 4_000 * "x", "chat")
        juliet.gather("romeo@localhost")
        romeo = self.client("romeo", come=False)
        romeo.enable()
        romeo.presence()
        # As much as one is given who acknowledges nothing.
        romeo.expect(lambda item: item.name == "message" and item.body.startswith("49 "))
        self.server.stop()
        self.server.start()
        again = self.authenticated("romeo")
        self.assertEqual(again.resume(romeo, 0).name, "resumed")
        came = []
        while len(came) < count:
            item = again.element()
            if item.name == "message":
                came.append(int(item.body.split()[0]))
                again.acknowledge()
        self.assertEqual(came, list(range(count)))


class TestRestart(StreamManagement):
    """An end and a start in order: the sessions are there again."""

    def restart(self):
        self.server.stop()
        self.server.start()

    def back(self, old, h=None):
        """The client of a session resumes it."""
        new = self.authenticated(old.jid.split("@")[0])
        answer = new.resume(old, h)
        self.assertEqual(answer.name, "resumed", answer)
        new.told = int(answer["h"])
        return new

    def test_two_who_talk_go_on_where_they_were(self):
        juliet, romeo = self.managed("juliet"), self.managed("romeo")
        for number in range(20):
            juliet.message(romeo.jid if number % 2 else romeo.bare, f"j{number}", "chat")
            romeo.message(juliet.jid if number % 2 else juliet.bare, f"r{number}", "chat")
            if number == 7:
                romeo.expect_message("j7")
                romeo.acknowledge()
                juliet.expect_message("r7")
        romeo.confirmed(20)
        got = {who: bodies(who.take()) for who in (romeo, juliet)}
        held = {who: who.h for who in (romeo, juliet)}
        self.server.stop()
        for who in (romeo, juliet):
            self.assertEqual(who.stream_error(), "system-shutdown")
        self.server.start()
        # They remember what they had before the end alone.
        new_romeo, new_juliet = self.back(romeo, held[romeo]), self.back(juliet, held[juliet])
        self.assertEqual((new_romeo.told, new_juliet.told), (20, 20))
        new_juliet.message(romeo.jid, "j20", "chat")
        new_romeo.message(juliet.bare, "r20", "chat")
        new_romeo.expect_message("j20")
        new_juliet.expect_message("r20")
        for who, new, letter in ((romeo, new_romeo, "j"), (juliet, new_juliet, "r")):
            self.assertEqual(got[who] + bodies(new.take()),
                             [f"{letter}{number}" for number in range(20) if number != 7])
        new_romeo.acknowledge()
        new_romeo.confirmed(21)
        new_juliet.confirmed(21)

    def test_what_comes_while_a_client_is_away_is_there_before_and_after(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo")
        romeo.presence(to=juliet.jid)
        self.lose(romeo)
        juliet.message(romeo.jid, "before", "chat", id="x1")
        juliet.message(romeo.bare, "not kept", "headline")
        request = juliet.request("get", "<ping xmlns='urn:xmpp:ping'/>", romeo.jid)
        juliet.gather("romeo@localhost")
        for number in range(2):
            self.restart()
            juliet = self.client("juliet")
            juliet.message(romeo.jid, f"after {number}", "chat")
            juliet.gather("romeo@localhost")
            self.wait_for_transport(romeo.jid, "hibernating")
        again = self.back(romeo)
        again.expect_message("after 1")
        came = again.take()
        self.assertEqual(
            [item.body or item["id"] for item in came], ["before", "not kept", request, "after 0"])
        self.assertEqual((came[0]["id"], came[0]["to"]), ("x1", romeo.jid))
        self.assertEqual(came[0].has("stanza-id", SID), self.archive)
        again.send(f"<iq type='result' id='{request}' to='{juliet.jid}'/>")
        juliet.expect(lambda item: item["id"] == request)
        again.acknowledge()
        again.ping("localhost")
        # It came back as what it was: available, and known to those whom it told.
        juliet.message(romeo.bare, "to all", "chat")
        again.expect_message("to all")

    def test_it_is_saved_as_it_is_each_time(self):
        romeo = self.managed("romeo")
        for number in range(3):
            self.restart()
            romeo = self.back(romeo)
            self.assertEqual(romeo.told, number)
            romeo.message("juliet@localhost", str(number), "chat")
            romeo.confirmed(number + 1)

    def test_copies_go_on(self):
        romeo, other = self.managed("romeo"), self.managed("romeo", "other")
        other.iq("set", f"<enable xmlns='{CARBONS}'/>")
        romeo.gather()
        other.gather()
        self.restart()
        romeo, other = self.back(romeo), self.back(other)
        juliet = self.client("juliet")
        juliet.message(romeo.jid, "for one", "chat")
        romeo.expect_message("for one")
        other.expect(lambda item: item.has("received", CARBONS))
        romeo.message(juliet.jid, "from one", "chat")
        other.expect(lambda item: item.has("sent", CARBONS))

    def test_what_waits_for_somebody_who_does_not_look_is_there(self):
        juliet, romeo = self.managed("juliet"), self.managed("romeo")
        romeo.send("<inactive xmlns='urn:xmpp:csi:0'/>")
        romeo.ping("localhost")
        juliet.presence(to=romeo.jid)
        juliet.roundtrip(romeo.bare)
        self.restart()
        self.back(romeo).expect_presence(juliet.jid)

    def test_who_acknowledged_it_had_it_for_all(self):
        juliet = self.client("juliet")
        a, b = self.managed("romeo", "a"), self.managed("romeo", "b")
        self.lose(b)
        juliet.message("romeo@localhost", "had", "chat")
        a.expect_message("had")
        a.acknowledge()
        a.ping("localhost")
        self.restart()
        juliet = self.client("juliet")
        juliet.roundtrip("romeo@localhost")
        third = self.client("romeo", "third")
        third.gather()
        self.client("romeo", "b")
        self.assertEqual(bodies(third.gather("romeo@localhost")), [])

    def test_two_that_were_lost_leave_one_copy(self):
        juliet = self.client("juliet")
        lost = [self.managed("romeo", name) for name in ("a", "b")]
        for one in lost:
            self.lose(one)
        juliet.message("romeo@localhost", "once", "chat")
        juliet.gather("romeo@localhost")
        self.restart()
        third = self.client("romeo", "third")
        third.gather()
        for one in ("a", "b"):
            self.client("romeo", one).close()
        self.assertEqual(bodies(third.gather("romeo@localhost")), ["once"])

    def test_an_account_that_was_removed_meanwhile_is_nobodys(self):
        romeo = self.managed("romeo")
        self.restart()
        self.server.ctl("user", "del", "romeo@localhost")
        self.server.add("romeo@localhost")
        self.assertEqual(failure(self.authenticated("romeo").resume(romeo)), ["item-not-found"])

    def test_a_new_password_leaves_what_saved_sessions_were_sent(self):
        juliet = self.client("juliet")
        for deed, *options in (("passwd", "--password-stdin"), ("kick",)):
            romeo = self.managed("romeo", deed)
            self.lose(romeo)
            juliet.message(romeo.jid, deed, "chat")
            juliet.gather("romeo@localhost")
            self.restart()
            self.server.ctl("user", deed, "romeo@localhost", *options, input="secret\n")
            self.assertEqual(failure(self.authenticated("romeo").resume(romeo)), ["item-not-found"])
            other = self.client("romeo", "other", come=False)
            # What is in the archive rests there alone.
            self.assertEqual(bodies(other.come()), [] if self.archive else [deed])
            other.close()
            juliet = self.client("juliet")

    def test_a_damaged_record_is_dropped_and_the_count_stays(self):
        romeo = self.managed("romeo", "damaged-resource")
        romeo.message("juliet@localhost", "settled", "chat")
        romeo.confirmed(1)
        self.server.stop()
        path = os.path.join(self.server.folder, "data", "store", "data.mdb")
        with open(path, "r+b") as file:
            data = file.read()
            place = data.find(b"\x10damaged-resource")
            self.assertGreater(place, 0)
            while place >= 0:
                file.seek(place)
                file.write(b"\xff")
                place = data.find(b"\x10damaged-resource", place + 1)
        self.server.start()
        answer = self.authenticated("romeo").resume(romeo)
        self.assertEqual((failure(answer), answer["h"]), (["item-not-found"], "1"))
        self.assertIn("saved sessions are damaged", self.server.log())
        self.assertEqual(self.client("romeo").ping("localhost")["type"], "result")


class TestRestartWithoutArchive(TestRestart):
    archive = False


class TestEndAfterRestart(StreamManagement):
    settings = {"sm.resume_timeout": "3s"}
    archive = False

    def test_the_time_goes_on_and_nobody_need_ask(self):
        juliet = self.managed("juliet")
        romeo = self.managed("romeo")
        romeo.presence(to=juliet.jid)
        juliet.expect_presence(romeo.jid)
        self.lose(romeo)
        juliet.message(romeo.jid, "kept", "chat")
        juliet.gather("romeo@localhost")
        self.server.stop()
        self.server.start()
        again = self.authenticated("juliet")
        self.assertEqual(again.resume(juliet, h=juliet.h).name, "resumed")
        again.expect_presence(romeo.jid, "unavailable")
        romeo_again = self.authenticated("romeo")
        self.assertEqual(failure(romeo_again.resume(romeo)), ["item-not-found"])
        romeo_again.bind("r")
        self.assertEqual(bodies(romeo_again.come()), ["kept"])

    def test_it_may_be_over_before_the_start(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo", inner="resume='true' max='1'")
        self.lose(romeo)
        juliet.message(romeo.jid, "kept", "chat")
        juliet.gather("romeo@localhost")
        self.server.stop()
        time.sleep(1.1)  # the time that passes is what is tried
        self.server.start()
        self.wait_for_transport(romeo.jid)
        self.assertEqual(bodies(self.client("romeo", "other", come=False).come()), ["kept"])

    def test_what_it_leaves_is_not_given_to_one_who_has_it(self):
        juliet = self.client("juliet")
        over = self.managed("romeo", "over", inner="resume='true' max='1'")
        romeo = self.managed("romeo")
        self.lose(over)
        juliet.message("romeo@localhost", "had", "chat")
        romeo.expect_message("had")
        self.server.stop()
        time.sleep(1.1)  # the time that passes is what is tried
        self.server.start()
        again = self.authenticated("romeo")
        self.assertEqual(again.resume(romeo).name, "resumed")
        self.assertEqual(bodies(again.gather("romeo@localhost")), [])
        self.wait_for_transport(over.jid)

    def test_it_ends_as_well_where_the_list_of_ends_is_damaged(self):
        juliet = self.client("juliet")
        romeo = self.managed("romeo", inner="resume='true' max='1'")
        romeo.presence(to=juliet.jid)
        juliet.expect_presence(romeo.jid)
        juliet = self.managed("juliet", "watcher")
        romeo.presence(to=juliet.jid)
        juliet.expect_presence(romeo.jid)
        self.lose(romeo)
        self.server.stop()
        path = os.path.join(self.server.folder, "data", "store", "data.mdb")
        with open(path, "r+b") as file:
            data = file.read()
            lists = re.compile(rb"\x01[\x01-\x03].{8}[\x0f\x10](romeo|juliet)@localhost", re.DOTALL)
            for found in lists.finditer(data):
                file.seek(found.start())
                file.write(b"\xff")
        self.server.start()
        again = self.authenticated("juliet")
        self.assertEqual(again.resume(juliet).name, "resumed")
        again.expect_presence(romeo.jid, "unavailable")
        self.assertIn("when saved sessions end is not known", self.server.log())


class TestDurability(StreamManagement):
    settings = {"limits.stanza_rate": 0, "offline.max_messages": 1_000_000}

    def test_what_was_acknowledged_outlives_a_kill(self):
        for number in range(4):
            with self.subTest(round=number):
                romeo = self.managed("romeo")
                sent = 0
                # The moment is the subject here, wherever it falls.
                until = time.monotonic() + 0.1 + 0.07 * number
                while time.monotonic() < until or not any(romeo.acks):
                    for _ in range(5):
                        sent += 1
                        away = ("juliet", "nurse")[sent % 2]
                        romeo.message(f"{away}@localhost", str(sent), "chat")
                    romeo.send(f"<r xmlns='{SM}'/>")
                    romeo.receive_one()
                    romeo.acknowledge()
                self.server.kill()
                try:
                    while not isinstance(item := romeo.next(), Gone):
                        if item.name == "a":
                            romeo.acks.append(int(item["h"]))
                except OSError:
                    pass
                self.server.start()
                kept = []
                for away in ("juliet", "nurse"):
                    client = self.client(away, come=False)
                    kept += [int(body) for body in bodies(client.come())]
                    client.close()
                self.assertGreater(romeo.acks[-1], 0)
                self.assertEqual(
                    set(range(1, romeo.acks[-1] + 1)) - set(kept), set(), romeo.acks[-1])
                self.assertEqual(len(kept), len(set(kept)))


class TestCrash(StreamManagement):
    """After a kill there is no session, and a client sends again what it does not know to be kept."""

    def crash(self):
        self.server.kill()
        self.server.start()

    def begin_anew(self, old, come=True):
        """The answer to its wish for the session, and a new one."""
        new = self.authenticated(old.jid.split("@")[0])
        answer = new.resume(old)
        self.assertEqual(failure(answer), ["item-not-found"])
        self.assertEqual(new.bind("r")["type"], "result")
        if come:
            new.come()
        self.assertEqual(new.enable().name, "enabled")
        return int(answer["h"]), new

    def archives(self, *users):
        for user in users:
            with self.client(user, "reader", come=False) as reader:
                yield [body for _, body in archive(reader)]

    def test_what_was_acknowledged_still_is(self):
        romeo = self.managed("romeo")
        for number in range(3):
            romeo.message("juliet@localhost", str(number), "chat", id=str(number))
        romeo.confirmed(3)
        self.crash()
        h, _ = self.begin_anew(romeo)
        self.assertEqual(h, 3)

    def test_a_session_that_did_nothing_is_known(self):
        romeo = self.managed("romeo")
        self.crash()
        self.assertEqual(self.begin_anew(romeo)[0], 0)

    def test_what_is_kept_is_not_kept_again_and_not_delivered_again(self):
        juliet, romeo = self.managed("juliet"), self.managed("romeo")
        for number in range(4):
            romeo.message("juliet@localhost", str(number), "chat", id=str(number))
        juliet.expect_message("3")
        for crash in range(2):
            self.crash()
            h, romeo = self.begin_anew(romeo)
            self.assertEqual(h, 0)
            _, juliet = self.begin_anew(juliet)
            # With the time of the first time, as XEP-0198 has it, and one more.
            for number in range(4 + crash):
                romeo.send(f"<message to='juliet@localhost' type='chat' id='{number}'><body>{number}"
                           f"</body><delay xmlns='{DELAY}' stamp='2026-06-01T00:00:00Z'/></message>")
            romeo.message("juliet@localhost", str(4 + crash), "chat", id=str(4 + crash))
            juliet.expect_message(str(4 + crash))
            self.assertEqual(bodies(juliet.gather("juliet@localhost")), [])
            expected = [str(number) for number in range(5 + crash)]
            self.assertEqual(list(self.archives("romeo", "juliet")), [expected, expected])

    def test_what_is_kept_by_the_sender_alone_goes_on_again(self):
        juliet, romeo = self.managed("juliet"), self.managed("romeo")
        # Who is told to keep nothing has nothing to know it by.
        juliet.iq("set", "<prefs xmlns='urn:xmpp:mam:2' default='never'><always/><never/></prefs>")
        romeo.message("juliet@localhost", "one", "chat", id="1")
        juliet.expect_message("one")
        self.crash()
        _, romeo = self.begin_anew(romeo)
        _, juliet = self.begin_anew(juliet)
        romeo.message("juliet@localhost", "one", "chat", id="1")
        juliet.expect_message("one")
        romeo.confirmed(1)
        self.assertEqual(list(self.archives("romeo", "juliet")), [["one"], []])

    def test_another_message_with_an_old_id_is_another_message(self):
        juliet, romeo = self.managed("juliet"), self.managed("romeo")
        romeo.message("juliet@localhost", "one", "chat", id="1")
        juliet.expect_message("one")
        self.crash()
        _, romeo = self.begin_anew(romeo)
        _, juliet = self.begin_anew(juliet)
        romeo.message("juliet@localhost", "two", "chat", id="1")
        juliet.expect_message("two")
        romeo.message("juliet@localhost", "three", "chat", id="3")
        romeo.message("juliet@localhost", "three", "chat", id="3")
        juliet.expect_message("three")
        juliet.expect_message("three")
        expected = ["one", "two", "three", "three"]
        self.assertEqual(list(self.archives("romeo", "juliet")), [expected, expected])

    def test_who_did_not_ask_for_a_session_is_not_taken_for_one_who_repeats(self):
        juliet, romeo = self.managed("juliet"), self.managed("romeo")
        romeo.message("juliet@localhost", "one", "chat", id="1")
        juliet.expect_message("one")
        self.crash()
        juliet, romeo = self.client("juliet"), self.client("romeo")
        romeo.message("juliet@localhost", "one", "chat", id="1")
        juliet.expect_message("one")

    def test_what_is_sent_to_oneself_is_known_as_well(self):
        romeo = self.managed("romeo")
        romeo.message("romeo@localhost", "note", "chat", id="1")
        romeo.expect_message("note")
        self.crash()
        _, romeo = self.begin_anew(romeo)
        romeo.message("romeo@localhost", "note", "chat", id="1")
        self.assertEqual(bodies(romeo.gather("romeo@localhost")), [])
        self.assertEqual(list(self.archives("romeo")), [["note"]])

    def test_what_it_is_told_while_its_session_begins_waits_for_that(self):
        juliet = self.client("juliet")
        romeo = self.client("romeo")
        romeo.send(f"<enable xmlns='{SM}' resume='true'/><r xmlns='{SM}'/>"
                   "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>")
        first = romeo.next()
        self.assertEqual((first.name, first["resume"]), ("enabled", "true"))
        romeo.h, romeo.id = 0, first["id"]
        romeo.expect(lambda item: item["id"] == "1")
        juliet.message(romeo.jid, "after", "chat")
        romeo.expect_message("after")
        romeo.acknowledge(2)
        romeo.confirmed(1)


    def test_damaged_marks_are_dropped_and_the_next_session_may_come_back(self):
        romeo = self.managed("romeo")
        romeo.message("juliet@localhost", "one", "chat", id="1")
        romeo.confirmed(1)
        self.server.kill()
        path = os.path.join(self.server.folder, "data", "store", "data.mdb")
        with open(path, "r+b") as file:
            data = file.read()
            mark = b"\x16" + romeo.id.encode()
            self.assertIn(mark, data)
            file.seek(0)
            file.write(data.replace(mark, b"\xff" + romeo.id.encode()))
        self.server.start()
        new = self.authenticated("romeo")
        answer = new.resume(romeo)
        self.assertEqual((failure(answer), answer["h"]), (["item-not-found"], None))
        self.assertIn("what was known of sessions is damaged", self.server.log())
        new.bind("r")
        answer = new.enable()
        self.assertEqual((answer.name, answer["resume"]), ("enabled", "true"))
        self.crash()
        self.assertEqual(self.begin_anew(new)[0], 0)


class TestFaults(StreamManagement):
    """On a machine that does not do as it should."""

    begin_anew = TestCrash.begin_anew
    archives = TestCrash.archives

    @classmethod
    def make_server(cls):
        server = Server(cls.settings, environment=faulty())
        cls.switch = os.path.join(server.folder, "faults")
        server.environment["SARANG_FAULTS"] = cls.switch
        return server

    def test_sessions_that_cannot_be_saved_end_and_the_next_start_is_like_any_other(self):
        romeo = self.managed("romeo")
        romeo.message("juliet@localhost", "one", "chat", id="1")
        romeo.confirmed(1)
        self.server.stop()
        self.server.start()
        again = self.authenticated("romeo")
        self.assertEqual(again.resume(romeo).name, "resumed")
        with open(self.switch, "w", encoding="ascii") as file:
            file.write("write 28\n")
        self.server.stop()
        self.assertIn("sessions cannot be saved", self.server.log())
        os.remove(self.switch)
        self.server.start()
        h, _ = self.begin_anew(again)
        self.assertEqual(h, 1)

    def test_what_is_kept_is_known_though_the_clock_was_set_back_after_the_crash(self):
        for hours in (1, 2):
            juliet, romeo = self.managed("juliet"), self.managed("romeo")
            for number in range(3):
                romeo.message("juliet@localhost", str(number), "chat", id=f"{hours}-{number}")
            juliet.expect_message("2")
            self.server.kill()
            self.server.environment["SARANG_CLOCK"] = str(-3600 * hours)
            self.server.start()
            h, romeo = self.begin_anew(romeo)
            self.assertEqual(h, 0)
            _, juliet = self.begin_anew(juliet)
            for number in range(3):
                romeo.message("juliet@localhost", str(number), "chat", id=f"{hours}-{number}")
            self.assertEqual(bodies(juliet.gather("juliet@localhost")), [])
            expected = hours * ["0", "1", "2"]
            self.assertEqual(list(self.archives("romeo", "juliet")), [expected, expected])
            romeo.close()
            juliet.close()


class TestSlowness(unittest.TestCase):
    def test_a_request_is_answered_at_once_and_again_when_more_is_seen_to(self):
        with slow_server() as server:
            server.add("romeo@localhost", "juliet@localhost")
            with Managed(server) as juliet, Managed(server) as romeo:
                juliet.login("juliet", "r")
                juliet.come()
                romeo.login("romeo", "r")
                romeo.enable()
                for number in range(30):
                    romeo.message(juliet.jid, str(number), "chat")
                romeo.message("juliet@local host", "bad")
                romeo.send(f"<r xmlns='{SM}'/>")
                while not romeo.acks or romeo.acks[-1] != 31:
                    romeo.receive_one()
                self.assertLess(romeo.acks[0], 31)
                self.assertEqual(romeo.acks, sorted(set(romeo.acks)))
                juliet.expect_message("29")
                self.assertEqual(bodies(juliet.take()), [str(number) for number in range(29)])

    def test_who_comes_back_hears_how_much_of_what_was_in_flight_was_seen_to(self):
        with slow_server() as server:
            server.add("romeo@localhost", "juliet@localhost")
            with Managed(server) as juliet, Managed(server) as romeo, Managed(server) as again:
                juliet.login("juliet", "r")
                juliet.come()
                romeo.login("romeo", "r")
                romeo.enable()
                for number in range(30):
                    romeo.message(juliet.jid, str(number), "chat")
                romeo.ping()
                romeo.cut()
                again.starttls()
                again.features()
                again.authenticate("romeo")
                again.features()
                answer = again.resume(romeo, h=0)
                self.assertEqual((answer.name, answer["h"]), ("resumed", "31"))
                self.assertEqual(again.element()["type"], "result")
                juliet.expect_message("29")
                self.assertEqual(bodies(juliet.take()), [str(number) for number in range(29)])


    def test_what_is_on_its_way_when_a_session_ends_counts_for_its_client(self):
        with slow_server() as server, contextlib.ExitStack() as all_of_them:
            server.add("romeo@localhost", "juliet@localhost", "nurse@localhost")
            juliet, romeo, other, again, *nurses = (
                all_of_them.enter_context(Managed(server)) for _ in range(9))
            juliet.login("juliet", "r")
            juliet.come()
            for name, nurse in enumerate(nurses):
                nurse.login("nurse", str(name))
                for _ in range(60):
                    nurse.message(juliet.bare, "of the nurse", "chat")
            romeo.login("romeo", "r")
            romeo.enable()
            for nurse in nurses:  # what she has said is on its way; juliet's account is behind
                nurse.presence()
                nurse.expect_presence(nurse.jid)
            for number in range(5):
                romeo.message(juliet.bare, str(number), "chat", id=str(number))
            romeo.send(f"<r xmlns='{SM}'/>")
            romeo.receive_one()
            romeo.cut()
            other.login("romeo", "r")  # in the place of the one that was lost
            again.starttls()
            again.features()
            again.authenticate("romeo")
            again.features()
            answer = again.resume(romeo)
            self.assertEqual((failure(answer), answer["h"]), (["item-not-found"], "5"))
            came = [body for body in bodies(juliet.gather(juliet.bare)) if body != "of the nurse"]
            self.assertEqual(came, [str(number) for number in range(5)])


class TestSlixmpp(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = Server()
        self.server.start()
        self.server.add("romeo@localhost", "juliet@localhost")

    async def asyncTearDown(self):
        self.server.stop()
        self.server.remove()

    def person(self, name):
        person = Person(self.server, f"{name}@localhost/r")
        person.register_plugin("xep_0198")
        for event in ("sm_enabled", "session_resumed"):
            person.add_event_handler(event, person._noting(event))
        return person

    async def test_a_client_of_other_people_comes_back(self):
        romeo, juliet = self.person("romeo"), self.person("juliet")
        for person in (romeo, juliet):
            await person.log_in()
            await person.happening("sm_enabled")
        juliet.send_message(romeo.boundjid.full, "before", mtype="chat")
        await romeo.happening("message", lambda it: it["body"] == "before")
        romeo.transport.abort()
        await romeo.happening("disconnected")
        juliet.send_message(romeo.boundjid.full, "meanwhile", mtype="chat")
        romeo.connect(("127.0.0.1", self.server.port), use_ssl=False, force_starttls=True)
        await romeo.happening("session_resumed")
        juliet.send_message(romeo.boundjid.full, "after", mtype="chat")
        await romeo.happening("message", lambda it: it["body"] == "after")
        said = [it["body"] for event, it in romeo.came if event == "message"]
        self.assertEqual(said, ["before", "meanwhile", "after"])
        for person in (romeo, juliet):
            await person.disconnect()


if __name__ == "__main__":
    report.main()
