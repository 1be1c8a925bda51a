# SPDX-License-Identifier: Apache-2.0
"""aioxmpp, a client library of other people, logs in, talks, and comes back after its connection
was lost.

Its last version (0.13.3) knows neither archives (XEP-0313) nor inboxes (XEP-0430). For archives the
elements are declared here, as a program that uses it would: pages, copies, ids and all else are its
own. Inboxes are not tried, since nothing of them would be. Of log-ins, STARTTLS is tried alone."""

import asyncio
import datetime
import logging
import socket
import unittest
import warnings

import aiosasl
import aioxmpp
import aioxmpp.carbons
import aioxmpp.connector
import aioxmpp.dispatcher
import aioxmpp.misc
import aioxmpp.ping
import aioxmpp.security_layer
import aioxmpp.xso as xso
from aioxmpp.rsm.xso import ResultSetMetadata

import report
from server import PATIENCE, Server

SPEECH = "안녕하세요, Róméo 🎈👩‍👩‍👧 — <&>\"'"
MAM = "urn:xmpp:mam:2"


@aioxmpp.IQ.as_payload_class
class Query(xso.XSO):
    TAG = MAM, "query"
    page = xso.Child([ResultSetMetadata])


@aioxmpp.IQ.as_payload_class
class Fin(xso.XSO):
    TAG = MAM, "fin"
    complete = xso.Attr("complete", type_=xso.Bool(), default=False)
    stable = xso.Attr("stable", type_=xso.Bool(), default=True)
    page = xso.Child([ResultSetMetadata])


class ArchiveResult(xso.XSO):
    TAG = MAM, "result"
    id_ = xso.Attr("id")
    query_id = xso.Attr("queryid", default=None)
    forwarded = xso.Child([aioxmpp.misc.Forwarded])


aioxmpp.Message.archive_result = xso.Child([ArchiveResult])


class Person:
    """A client that keeps what came, and lets one wait for more."""

    def __init__(self, server, address, password="secret", trusts=True):
        self.server = server
        self.trusts = trusts  # the host's certificate
        self.jid = aioxmpp.JID.fromstr(address)
        self.came = []
        self.news = asyncio.Event()
        self.client = aioxmpp.PresenceManagedClient(
            self.jid, aioxmpp.security_layer.make(password, ssl_context_factory=self.context),
            override_peer=[("127.0.0.1", server.port, aioxmpp.connector.STARTTLSConnector())],
            max_initial_attempts=1)
        self.client.backoff_start = datetime.timedelta(milliseconds=20)
        self.roster = self.client.summon(aioxmpp.RosterClient)
        self.others = self.client.summon(aioxmpp.PresenceClient)
        self.carbons = self.client.summon(aioxmpp.CarbonsClient)
        messages = self.client.summon(aioxmpp.dispatcher.SimpleMessageDispatcher)
        messages.register_callback(None, None, lambda message: self.note("message", message))
        self.listen(self.client, "on_stream_established", "on_stream_suspended",
                    "on_stream_resumed", "on_stream_destroyed", "on_failure", "on_stopped")
        self.listen(self.roster, "on_initial_roster_received", "on_subscribe",
                    "on_entry_added", "on_entry_subscription_state_changed")
        self.listen(self.others, "on_available", "on_changed", "on_unavailable")

    def context(self):
        context = aioxmpp.security_layer.default_ssl_context()
        if self.trusts:
            context.load_verify_locations(self.server.certificates["localhost"])
        return context

    def listen(self, whom, *signals):
        for signal in signals:
            def note(*what, signal=signal):
                self.note(signal, *what)

            getattr(whom, signal).connect(note)

    def note(self, *what):
        self.came.append(what)
        self.news.set()

    async def until(self, holds, what):
        async def wait():
            while not (answer := holds()):
                self.news.clear()
                await self.news.wait()
            return answer

        try:
            return await asyncio.wait_for(wait(), PATIENCE)
        except asyncio.TimeoutError:
            raise AssertionError(f"{self.jid} waits for {what}, came: {self.came}") from None

    async def happening(self, name, fits=lambda *what: True):
        """What it was told of, the first time that it fits."""
        def hit():
            return [what[1:] for what in self.came if what[0] == name and fits(*what[1:])]

        return (await self.until(hit, name))[0]

    def start(self):
        self.client.presence = aioxmpp.PresenceState(True)

    async def log_in(self):
        self.start()
        await self.happening("on_stream_established")
        await self.happening("on_initial_roster_received")
        return self

    async def leave(self):
        if self.client.running:
            self.client.stop()
            await self.until(lambda: not self.client.running, "its end")

    async def say(self, to, body):
        message = aioxmpp.Message(type_=aioxmpp.MessageType.CHAT, to=to)
        message.body[None] = body
        await self.client.send(message, timeout=PATIENCE)

    async def hear(self, body):
        (message,) = await self.happening("message", lambda it: it.body.any() == body
                                          if it.body else False)
        return message

    def heard(self):
        return [message.body.any() for message in self.messages() if message.body]

    def messages(self):
        return [what[1] for what in self.came if what[0] == "message"]

    async def ping(self):
        await aioxmpp.ping.ping(self.client, self.jid.replace(localpart=None, resource=None))

    def lose_connection(self):
        """As a network does; the library itself only ends in order."""
        transport = self.client.stream._xmlstream.transport
        transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class TestAioxmpp(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        for name in ("aioxmpp", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        warnings.simplefilter("ignore")
        cls.server = cls.enterClassContext(Server())

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)
        self.people = []

    async def asyncTearDown(self):
        for person in self.people:
            await person.leave()

    def person(self, name, resource="aioxmpp", **options):
        address = f"{name}@localhost"
        if self.server.ctl("user", "show", address, exit=None).exit != 0:
            self.server.add(address)
        person = Person(self.server, f"{address}/{resource}", **options)
        self.people.append(person)
        return person

    async def two(self, name):
        romeo, juliet = self.person(name + "-romeo"), self.person(name + "-juliet")
        await asyncio.gather(romeo.log_in(), juliet.log_in())
        return romeo, juliet

    async def test_logs_in_over_tls_that_it_has_verified(self):
        romeo = await self.person("tls").log_in()
        self.assertEqual(romeo.client.local_jid, romeo.jid)
        transport = romeo.client.stream._xmlstream.transport
        self.assertIn("TLS", transport.get_extra_info("ssl_object").get_protocol_version_name())
        self.assertTrue(romeo.client.stream.sm_enabled)
        await romeo.ping()

    async def test_does_not_talk_to_one_whose_certificate_it_does_not_know(self):
        romeo = self.person("stranger", trusts=False)
        romeo.start()
        await romeo.happening("on_failure")
        self.assertNotIn(("on_stream_established",), romeo.came)

    async def test_is_refused_with_a_wrong_password(self):
        romeo = self.person("wrong", password="mistaken")
        romeo.start()
        (error,) = await romeo.happening("on_failure")
        self.assertIsInstance(error, aiosasl.AuthenticationFailure)

    async def test_two_people_subscribe_to_each_other_and_see_each_other_come_and_go(self):
        romeo, juliet = await self.two("sees")
        romeo.roster.subscribe(juliet.jid.bare())
        await juliet.happening("on_subscribe")
        juliet.roster.approve(romeo.jid.bare())
        juliet.roster.subscribe(romeo.jid.bare())
        await romeo.happening("on_subscribe")
        romeo.roster.approve(juliet.jid.bare())
        for one, other in ((romeo, juliet), (juliet, romeo)):
            await one.happening("on_available", lambda jid, _, other=other: jid == other.jid)
            await one.until(
                lambda one=one, other=other: one.roster.items[other.jid.bare()].subscription
                == "both", "a subscription")
        juliet.client.set_presence(
            aioxmpp.PresenceState(True, aioxmpp.PresenceShow.AWAY), {None: "발코니 🌙"})
        _, away = await romeo.happening("on_changed", lambda jid, it: jid == juliet.jid)
        self.assertEqual((away.show, away.status.any()),
                         (aioxmpp.PresenceShow.AWAY, "발코니 🌙"))
        await juliet.leave()
        await romeo.happening("on_unavailable", lambda jid, it: jid == juliet.jid)

    async def test_a_roster_is_kept_and_its_other_devices_are_told(self):
        phone, desk = self.person("roster", "phone"), self.person("roster", "desk")
        await asyncio.gather(phone.log_in(), desk.log_in())
        nurse = aioxmpp.JID.fromstr("nurse@localhost")
        await phone.roster.set_entry(nurse, name="유모 🧕", add_to_groups={"Capulet"})
        await desk.happening("on_entry_added", lambda item: item.jid == nurse)
        later = await self.person("roster", "later").log_in()
        for one in (desk, later):
            self.assertEqual(one.roster.items[nurse].name, "유모 🧕")
            self.assertEqual(set(one.roster.items[nurse].groups), {"Capulet"})

    async def test_two_people_chat_in_any_script(self):
        romeo, juliet = await self.two("chat")
        await romeo.say(juliet.jid.bare(), SPEECH)
        came = await juliet.hear(SPEECH)
        self.assertEqual((came.from_, came.type_), (romeo.jid, aioxmpp.MessageType.CHAT))
        await juliet.say(came.from_, "그래 🎈")
        self.assertEqual((await romeo.hear("그래 🎈")).from_, juliet.jid)

    async def test_a_message_for_one_who_is_away_waits_and_bears_its_time(self):
        romeo = await self.person("waits-romeo").log_in()
        juliet = self.person("waits-juliet")
        await romeo.say(juliet.jid.bare(), SPEECH)
        await romeo.ping()
        await juliet.log_in()
        came = await juliet.hear(SPEECH)
        self.assertEqual(came.from_, romeo.jid)
        self.assertEqual(came.xep0203_delay[0].from_, aioxmpp.JID.fromstr("localhost"))

    async def test_devices_of_one_account_see_both_sides_of_a_conversation(self):
        phone, desk = self.person("carbons-romeo", "phone"), self.person("carbons-romeo", "desk")
        juliet = self.person("carbons-juliet")
        await asyncio.gather(phone.log_in(), desk.log_in(), juliet.log_in())
        await desk.carbons.enable()
        await phone.say(juliet.jid, SPEECH)
        (sent,) = await desk.happening("message", lambda it: it.xep0280_sent is not None)
        copy = sent.xep0280_sent.stanza
        self.assertEqual((copy.from_, copy.to, copy.body.any()), (phone.jid, juliet.jid, SPEECH))
        await juliet.say(phone.jid, "그래 🎈")
        (received,) = await desk.happening("message", lambda it: it.xep0280_received is not None)
        copy = received.xep0280_received.stanza
        self.assertEqual((copy.from_, copy.to, copy.body.any()), (juliet.jid, phone.jid, "그래 🎈"))
        own = (await phone.hear("그래 🎈")).xep0359_stanza_ids[0]
        self.assertEqual(copy.xep0359_stanza_ids[0].id_, own.id_)

    async def test_a_session_goes_on_after_its_connection_was_lost(self):
        romeo, juliet = await self.two("resumes")
        await juliet.say(romeo.jid, "before")
        await romeo.hear("before")
        romeo.lose_connection()
        await romeo.happening("on_stream_suspended")
        await juliet.say(romeo.jid, "meanwhile")
        await romeo.happening("on_stream_resumed")
        await juliet.say(romeo.jid, "after")
        await romeo.hear("after")
        self.assertEqual(romeo.heard(), ["before", "meanwhile", "after"])
        await romeo.say(juliet.jid, "here")
        await juliet.hear("here")
        self.assertFalse([it for it in romeo.came if it[0] == "on_stream_destroyed"])

    async def test_an_archive_is_read_page_by_page_in_both_directions(self):
        romeo, juliet = await self.two("archive")
        bodies = [f"{number} {SPEECH}" for number in range(25)]
        for body in bodies:
            await romeo.say(juliet.jid.bare(), body)
        await juliet.hear(bodies[-1])
        live = [it.xep0359_stanza_ids[0].id_ for it in juliet.messages()]
        for person in (romeo, juliet):
            read = await self.read_archive(person, forwards=True)
            self.assertEqual([message.body.any() for _, message in read], bodies)
            self.assertEqual([message.from_ for _, message in read], 25 * [romeo.jid])
            again = await self.read_archive(person, forwards=False)
            self.assertEqual([id for id, _ in again], [id for id, _ in read])
        self.assertEqual([id for id, _ in read], live)

    async def read_archive(self, person, forwards):
        """All entries as (id, message), the oldest first, in pages of ten."""
        page = ResultSetMetadata.limit(10) if forwards else \
            ResultSetMetadata.last_page(10)
        entries = []
        complete = False
        while not complete:
            before = len(person.messages())
            query = Query()
            query.page = page
            fin = await person.client.send(
                aioxmpp.IQ(type_=aioxmpp.IQType.SET, payload=query),
                timeout=PATIENCE)
            found = [(it.archive_result.id_, it.archive_result.forwarded.stanza)
                     for it in person.messages()[before:]]
            self.assertLessEqual(len(found), 10)
            self.assertEqual((found[0][0], found[-1][0]),
                             (fin.page.first.value, fin.page.last.value))
            entries = entries + found if forwards else found + entries
            page = fin.page.next_page(10) if forwards else fin.page.previous_page(10)
            complete = fin.complete
        return entries


if __name__ == "__main__":
    report.main()
