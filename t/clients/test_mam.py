# SPDX-License-Identifier: Apache-2.0
"""slixmpp reads archives as its users' programs do (XEP-0313)."""

import asyncio
import logging
import unittest
from xml.etree import ElementTree

from slixmpp.xmlstream.handler import Collector
from slixmpp.xmlstream.matcher import StanzaPath

import report
from server import PATIENCE, Server
from test_slixmpp import Person
from xmpp import Client

COUNT = 23
SPEECHES, LENGTH = 20, 10_000  # a page of which is a fifth of what may wait for a client
QUERIES = 60


class TestMam(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        logging.getLogger("slixmpp").setLevel(logging.CRITICAL)
        cls.server = cls.enterClassContext(Server(hosts={"localhost": {}}))

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)
        self.people = []

    async def asyncTearDown(self):
        for person in self.people:
            await asyncio.wait_for(person.disconnect(), PATIENCE)

    async def person(self, name, resource="slixmpp"):
        address = f"{name}@localhost"
        if self.server.ctl("user", "show", address, exit=None).exit != 0:
            self.server.add(address)
        person = Person(self.server, f"{address}/{resource}")
        for plugin in ("xep_0059", "xep_0297", "xep_0313", "xep_0359"):
            person.register_plugin(plugin)
        self.people.append(person)
        return await person.log_in()

    async def talk(self, name, count=COUNT):
        """Two people, one of whom has said the numbers up to `count`; what the other heard of it."""
        romeo, juliet = await self.person(name + "-romeo"), await self.person(name + "-juliet")
        for number in range(count):
            romeo.send_message(mto=juliet.boundjid.bare, mbody=str(number), mtype="chat")
        heard = [await juliet.chat(str(number)) for number in range(count)]
        return romeo, juliet, heard

    async def walk(self, person, **options):
        """The ids and bodies of an archive, page by page."""
        found = []
        rows = person["xep_0313"].iterate(rsm={"max": 5}, **options)
        while True:
            try:
                row = await asyncio.wait_for(anext(rows), PATIENCE)
            except StopAsyncIteration:
                return found
            result = row["mam_result"]
            found.append((result["id"], result["forwarded"]["stanza"]["body"]))

    async def query(self, person, rsm=None, fields=None, flip=False):
        """One page: the bodies, in the order in which they came, and what the end of it says."""
        iq = person.make_iq_set()
        iq["mam"]["queryid"] = "one"
        for key, value in (rsm or {}).items():
            iq["mam"]["rsm"][key] = value
        form = person["xep_0004"].make_form(ftype="submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value="urn:xmpp:mam:2")
        for key, value in (fields or {}).items():
            form.add_field(var=key, value=value)
        iq["mam"].xml.append(form.xml)
        if flip:
            iq["mam"].xml.append(ElementTree.Element("{urn:xmpp:mam:2}flip-page"))
        collector = Collector("rows", StanzaPath("message/mam_result"))
        person.register_handler(collector)
        answer = await iq.send(timeout=PATIENCE)
        bodies = [it["mam_result"]["forwarded"]["stanza"]["body"] for it in collector.stop()]
        return bodies, answer.xml.find("{urn:xmpp:mam:2}fin")

    async def test_an_archive_is_synchronised_page_by_page_forwards_and_backwards(self):
        romeo, juliet, heard = await self.talk("sync")
        numbers = [str(number) for number in range(COUNT)]
        forwards = await self.walk(juliet)
        self.assertEqual([body for _, body in forwards], numbers)
        self.assertEqual([name for name, _ in forwards], [it["stanza_id"]["id"] for it in heard])
        backwards = await self.walk(juliet, reverse=True)
        self.assertEqual([body for _, body in backwards], numbers[::-1])
        sent = await self.walk(romeo, with_jid=juliet.boundjid.bare)
        self.assertEqual([body for _, body in sent], numbers)
        self.assertFalse({name for name, _ in sent} & {name for name, _ in forwards})

    async def test_what_is_missing_is_asked_for_by_the_id_of_a_message_that_came(self):
        _, juliet, heard = await self.talk("missing", 6)
        last = heard[3]["stanza_id"]
        self.assertEqual(last["by"], juliet.boundjid.bare)
        bodies, fin = await self.query(juliet, fields={"after-id": last["id"]})
        self.assertEqual((bodies, fin.get("complete")), (["4", "5"], "true"))
        bodies, fin = await self.query(juliet, rsm={"after": last["id"], "max": "1"})
        self.assertEqual((bodies, fin.get("complete")), (["4"], None))

    async def test_a_flipped_page_is_the_same_page(self):
        _, juliet, _ = await self.talk("flip", 6)
        page, fin = await self.query(juliet, rsm={"max": "3"})
        flipped, same = await self.query(juliet, rsm={"max": "3"}, flip=True)
        self.assertEqual((page, flipped), (["0", "1", "2"], ["2", "1", "0"]))
        self.assertEqual(ElementTree.tostring(fin), ElementTree.tostring(same))

    async def test_an_archive_is_told_of_and_can_be_asked(self):
        _, juliet, _ = await self.talk("told", 2)
        disco = juliet["xep_0030"].get_info(juliet.boundjid.bare, timeout=PATIENCE)
        features = (await disco)["disco_info"]["features"]
        for feature in ("urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:sid:0"):
            self.assertIn(feature, features)
        form = await juliet["xep_0313"].get_fields(timeout=PATIENCE)
        self.assertLessEqual({"with", "start", "end", "ids"}, set(form.get_fields()))

    async def test_an_operator_is_told_of_it_and_takes_it_out(self):
        romeo, juliet, _ = await self.talk("operator", 3)
        owner, other = juliet.boundjid.bare, romeo.boundjid.bare
        self.assertEqual(self.server.ctl("archive", "stat", owner, json=True).json()["entries"], 3)
        rows = self.server.ctl("archive", "export", owner, json=True).rows()
        messages = [ElementTree.fromstring(row["stanza"]) for row in rows if row]
        bodies = [it.findtext("{jabber:client}body") for it in messages]
        self.assertEqual(bodies, ["0", "1", "2"])
        self.assertIn("3 entries, 0", self.server.ctl("archive", "verify", other).text)
        self.assertIn("0 entries", self.server.ctl("archive", "expire", "localhost", "1").text)

    async def test_another_session_reads_the_same(self):
        romeo, _, _ = await self.talk("other", 4)
        here = await self.walk(romeo)
        there = await self.walk(await self.person("other-romeo", resource="other"))
        self.assertEqual(here, there)

    async def test_names_stay_when_the_module_is_exchanged(self):
        _, juliet, heard = await self.talk("names", 2)
        self.server.ctl("module", "reload", "mam", "localhost")
        self.assertEqual([name for name, _ in await self.walk(juliet)],
                         [it["stanza_id"]["id"] for it in heard])

    async def test_whoever_asks_for_more_than_he_reads_is_made_to_wait_and_gets_it_all(self):
        self.server.add("greedy@localhost")
        with Client(self.server, direct=True) as greedy:
            greedy.login("greedy", "one")
            for _ in range(SPEECHES):
                greedy.message("nobody@elsewhere.invalid", "x" * LENGTH, "chat")
            greedy.ping()
            greedy.inbox.clear()
            asked = [greedy.request("set", "<query xmlns='urn:xmpp:mam:2'/>") for _ in range(QUERIES)]
            # Others are served meanwhile.
            await (await self.person("patient"))["xep_0199"].send_ping("localhost", timeout=PATIENCE)
            for name in asked:
                greedy.expect(lambda it, name=name: it.name == "iq" and it["id"] == name)
            self.assertEqual(len(greedy.inbox), SPEECHES * QUERIES)


if __name__ == "__main__":
    report.main()
