# SPDX-License-Identifier: Apache-2.0
"""slixmpp, a client library of other people, logs in and talks."""

import asyncio
import contextlib
import datetime
import logging
import ssl
import unittest

import slixmpp

import report
from server import PATIENCE, Server

SPEECH = "안녕하세요, Róméo 🎈👩‍👩‍👧 — <&>\"'"


class Person(slixmpp.ClientXMPP):
    """Keeps what came, and lets one wait for more."""

    def __init__(self, server, address, direct=False, **options):
        super().__init__(address, "secret", **options)
        for plugin in ("xep_0030", "xep_0085", "xep_0092", "xep_0199", "xep_0203", "xep_0280",
                       "xep_0352"):
            self.register_plugin(plugin)
        self.daemon = server
        self.direct = direct
        self.ca_certs = server.all_certificates()
        self.ssl_context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.auto_reconnect = False
        self.came = []
        self.news = asyncio.Condition()
        for event in ("session_start", "message", "presence_available", "presence_away",
                      "presence_unavailable", "roster_update", "stream_error", "disconnected", "failed_all_auth",
                      "presence_dnd", "presence_xa", "carbon_received", "carbon_sent"):
            self.add_event_handler(event, self._noting(event))

    def _noting(self, event):
        async def note(what):
            async with self.news:
                self.came.append((event, what))
                self.news.notify_all()

        return note

    async def until(self, holds):
        """What `holds` says once it says something."""
        async with self.news:
            await asyncio.wait_for(self.news.wait_for(holds), PATIENCE)
        return holds()

    async def happening(self, name, fits=lambda it: True):
        def hit():
            return [it for event, it in self.came if event == name and fits(it)]

        return (await self.until(hit))[0]

    async def log_in(self, available=True):
        port = self.daemon.tls_port if self.direct else self.daemon.port
        self.connect(("127.0.0.1", port), use_ssl=self.direct, force_starttls=not self.direct)
        await self.happening("session_start")
        await self.get_roster(timeout=PATIENCE)
        if available:
            self.send_presence()
            await self.happening("presence_available", lambda it: it["from"] == self.boundjid)
        return self

    async def chat(self, body):
        return await self.happening("message", lambda it: it["body"] == body)

    def knows(self, bare):
        return self.client_roster[bare]["subscription"]


class TestSlixmpp(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        logging.getLogger("slixmpp").setLevel(logging.CRITICAL)
        cls.server = cls.enterClassContext(
            Server(hosts={"localhost": {}, "anon.localhost": {"accounts": "anonymous"}}))

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)
        self.people = []

    async def asyncTearDown(self):
        for person in self.people:
            await asyncio.wait_for(person.disconnect(), PATIENCE)

    def person(self, name, **options):
        address = f"{name}@localhost"
        if self.server.ctl("user", "show", address, exit=None).exit != 0:
            self.server.add(address)
        resource = options.pop("resource", "slixmpp")
        return self.keep(Person(self.server, f"{address}/{resource}", **options))

    def keep(self, person):
        self.people.append(person)
        return person

    async def two(self, first, second):
        romeo, juliet = self.person(first), self.person(second, direct=True)
        await asyncio.gather(romeo.log_in(), juliet.log_in())
        return romeo, juliet

    async def test_logs_in_with_starttls(self):
        romeo = await self.person("starttls").log_in()
        self.assertEqual(romeo.boundjid.full, "starttls@localhost/slixmpp")

    async def test_logs_in_with_tls_from_the_first_byte_on(self):
        romeo = await self.person("direct", direct=True).log_in()
        self.assertEqual(romeo.boundjid.full, "direct@localhost/slixmpp")

    async def test_logs_in_with_each_mechanism_that_it_knows(self):
        # It always says that it would have bound to the channel (as no one should be over TLS 1.3),
        # which RFC 5802 §6 has us refuse where the -PLUS mechanisms are offered.
        offered = ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]
        with Server({"sasl.mechanisms": offered}) as server:
            server.add("mechanisms@localhost")
            for mechanism in offered:
                with self.subTest(mechanism):
                    romeo = Person(server, f"mechanisms@localhost/{mechanism}", sasl_mech=mechanism)
                    await romeo.log_in()
                    self.assertEqual(romeo.boundjid.resource, mechanism)
                    await asyncio.wait_for(romeo.disconnect(), PATIENCE)

    async def test_is_refused_with_a_wrong_password(self):
        romeo = self.person("wrong")
        romeo.password = romeo.credentials["password"] = "mistaken"
        romeo.connect(("127.0.0.1", self.server.port))
        await romeo.happening("failed_all_auth")

    async def test_two_people_subscribe_to_each_other_and_see_each_other_come_and_go(self):
        romeo, juliet = await self.two("sees-romeo", "sees-juliet")
        romeo.send_presence_subscription(pto=juliet.boundjid.bare)
        await romeo.happening("presence_available", lambda it: it["from"] == juliet.boundjid)
        await juliet.happening("presence_available", lambda it: it["from"] == romeo.boundjid)
        await romeo.until(lambda: romeo.knows(juliet.boundjid.bare) == "both")
        await juliet.until(lambda: juliet.knows(romeo.boundjid.bare) == "both")
        juliet.send_presence(pshow="away", pstatus="발코니 🌙", ppriority=5)
        away = await romeo.happening("presence_away")
        self.assertEqual((away["status"], away["priority"]), ("발코니 🌙", 5))
        full = juliet.boundjid.full
        await juliet.disconnect()
        await romeo.happening("presence_unavailable", lambda it: it["from"] == full)
        again = await self.person("sees-juliet", resource="again").log_in()
        await again.happening("presence_available", lambda it: it["from"] == romeo.boundjid)
        self.assertEqual(again.knows(romeo.boundjid.bare), "both")

    async def test_two_people_chat_in_any_script(self):
        romeo, juliet = await self.two("chat-romeo", "chat-juliet")
        romeo.send_message(mto=juliet.boundjid.bare, mbody=SPEECH, mtype="chat")
        came = await juliet.chat(SPEECH)
        self.assertEqual((came["from"], came["type"]), (romeo.boundjid, "chat"))
        came.reply("그래 🎈").send()
        self.assertEqual((await romeo.chat("그래 🎈"))["from"], juliet.boundjid)

    async def test_a_message_for_one_who_is_away_waits_and_bears_its_time(self):
        romeo = await self.person("waits-romeo").log_in()
        juliet = self.person("waits-juliet")
        before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=2)
        romeo.send_message(mto="waits-juliet@localhost", mbody=SPEECH, mtype="chat")
        await romeo["xep_0199"].send_ping("localhost", timeout=PATIENCE)
        await juliet.log_in()
        came = await juliet.chat(SPEECH)
        self.assertEqual(came["from"], romeo.boundjid)
        self.assertEqual(came["delay"]["from"], "localhost")
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertTrue(before < came["delay"]["stamp"] < now, came)

    async def test_devices_of_one_account_see_both_sides_of_a_conversation(self):
        phone = self.person("carbons-romeo", resource="phone")
        desk = self.person("carbons-romeo", resource="desk")
        juliet = self.person("carbons-juliet")
        await asyncio.gather(phone.log_in(), desk.log_in(available=False), juliet.log_in())
        await desk["xep_0280"].enable(timeout=PATIENCE)
        phone.send_message(mto=juliet.boundjid, mbody=SPEECH, mtype="chat")
        sent = (await desk.happening("carbon_sent"))["carbon_sent"]
        self.assertEqual((sent["from"], sent["to"], sent["body"]),
                         (phone.boundjid, juliet.boundjid, SPEECH))
        (await juliet.chat(SPEECH)).reply("그래 🎈").send()
        received = (await desk.happening("carbon_received"))["carbon_received"]
        self.assertEqual((received["from"], received["to"], received["body"]),
                         (juliet.boundjid, phone.boundjid, "그래 🎈"))
        await desk["xep_0280"].disable(timeout=PATIENCE)
        juliet.send_message(mto=phone.boundjid, mbody="last", mtype="chat")
        await phone.chat("last")
        await desk["xep_0199"].send_ping("localhost", timeout=PATIENCE)
        self.assertEqual(len([1 for event, _ in desk.came if event == "carbon_received"]), 1)
        self.assertFalse([1 for event, _ in phone.came if event.startswith("carbon")])

    async def test_one_that_nobody_looks_at_is_told_the_newest_presence_alone(self):
        romeo, juliet = await self.two("looks-romeo", "looks-juliet")
        self.assertTrue(juliet["xep_0352"].enabled)
        juliet["xep_0352"].send_inactive()
        await juliet["xep_0199"].send_ping("localhost", timeout=PATIENCE)
        for show in ("away", "xa", "dnd"):
            romeo.send_presence(pto=juliet.boundjid, pshow=show)
        romeo.send_message(mto=juliet.boundjid, mbody=SPEECH, mtype="chat")
        await juliet.chat(SPEECH)
        told = [it["show"] for event, it in juliet.came
                if event.startswith("presence") and it["from"] == romeo.boundjid]
        self.assertEqual(told, ["dnd"])
        romeo.send_presence(pto=juliet.boundjid, pshow="away")
        # What was sent there first has come there when this is answered.
        with contextlib.suppress(slixmpp.exceptions.IqError):
            await romeo["xep_0199"].ping(juliet.boundjid.bare, timeout=PATIENCE)
        juliet["xep_0352"].send_active()
        await juliet.happening("presence_away", lambda it: it["from"] == romeo.boundjid)

    async def test_the_server_answers_pings_and_says_what_it_is(self):
        romeo = await self.person("curious").log_in()
        await romeo["xep_0199"].send_ping("localhost", timeout=PATIENCE)
        version = (await romeo["xep_0092"].get_version("localhost", timeout=PATIENCE))
        self.assertIn("sarang", version["software_version"]["name"].lower())
        self.assertTrue(version["software_version"]["version"])
        disco = (await romeo["xep_0030"].get_info("localhost", timeout=PATIENCE))["disco_info"]
        self.assertIn(("server", "im"), [identity[:2] for identity in disco["identities"]])
        for feature in ("http://jabber.org/protocol/disco#info", "urn:xmpp:ping",
                        "http://jabber.org/protocol/disco#items", "jabber:iq:version",
                        "msgoffline", "urn:xmpp:carbons:2", "urn:xmpp:carbons:rules:0"):
            self.assertIn(feature, disco["features"])

    async def test_binding_a_resource_again_ends_the_older_session_with_conflict(self):
        older = await self.person("twice").log_in()
        newer = await self.person("twice").log_in()
        error = await older.happening("stream_error")
        self.assertEqual(error["condition"], "conflict")
        await older.happening("disconnected")
        self.assertEqual(newer.boundjid.full, "twice@localhost/slixmpp")
        await newer["xep_0199"].send_ping("localhost", timeout=PATIENCE)

    async def test_a_roster_that_is_known_is_not_sent_again(self):
        romeo = await self.person("versions").log_in()
        romeo.update_roster("nurse@localhost", name="유모 🧕", groups=["Capulet"])
        await romeo.until(lambda: "nurse@localhost" in romeo.client_roster)
        await romeo["xep_0199"].send_ping("localhost", timeout=PATIENCE)
        version = romeo.client_roster.version
        self.assertTrue(version)
        again = self.person("versions", resource="again")
        again.client_roster.version = version
        await again.log_in()
        self.assertNotIn("nurse@localhost", again.client_roster)
        fresh = await self.person("versions", resource="fresh").log_in()
        self.assertEqual(fresh.client_roster["nurse@localhost"]["name"], "유모 🧕")
        self.assertEqual(fresh.client_roster["nurse@localhost"]["groups"], ["Capulet"])

    async def test_whoever_comes_to_an_anonymous_host_gets_an_address_of_one_s_own(self):
        guests = [self.keep(Person(self.server, "anon.localhost", sasl_mech="ANONYMOUS"))
                  for _ in range(2)]
        await asyncio.gather(*(guest.log_in() for guest in guests))
        one, other = guests
        self.assertEqual(one.boundjid.domain, "anon.localhost")
        self.assertNotEqual(one.boundjid.bare, other.boundjid.bare)
        one.send_message(mto=other.boundjid.full, mbody=SPEECH, mtype="chat")
        self.assertEqual((await other.chat(SPEECH))["from"], one.boundjid)


if __name__ == "__main__":
    report.main()
