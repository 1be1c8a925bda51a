# SPDX-License-Identifier: Apache-2.0
"""Searches among the rooms of a service (XEP-0433): what they find, and what they may cost."""

import signal
import unittest
from xml.etree import ElementTree

import slixmpp

import report
from server import wait_until
from test_rooms import GARDEN, RSM, Rooms, submitted
from test_slixmpp import Person

SEARCH = "urn:xmpp:channel-search:0:search"
PARAMS = "urn:xmpp:channel-search:0:search-params"
ORDER = "{urn:xmpp:channel-search:0:order}"
ERROR = "urn:xmpp:channel-search:0:error"
INFO = "http://jabber.org/protocol/disco#info"
SERVICE = "rooms.localhost"


def search(place="", size=None, **fields):
    size = f"<max>{size}</max>" if size is not None else ""
    return (f"<search xmlns='{SEARCH}'><set xmlns='{RSM}'>{size}{place}</set>"
            f"{submitted(PARAMS, **fields)}</search>")


def error_of(answer):
    """The type, the condition and that of the application."""
    error = answer.child("error")
    return (*answer.error(), *(child.name for child in error.children if child.ns == ERROR))


class Page:
    def __init__(self, answer):
        self.answer = answer
        assert answer["type"] == "result", answer
        result = answer.child("result", SEARCH)
        self.items = [item for item in result.children if item.name == "item"]
        self.rooms = [item["address"] for item in self.items]
        self.set = {child.name: child.text for child in result.child("set", RSM).children}

    def users(self):
        return {item["address"]: int(item.child("nusers").text) for item in self.items}


class Searches(Rooms):
    def page(self, client, place="", size=None, **fields):
        return Page(client.iq("get", search(place, size, **fields), SERVICE))

    def pages(self, client, size=None, most=1000, **fields):
        """All of them, each with what is behind the one before."""
        pages = [self.page(client, "", size, **fields)]
        while "last" in pages[-1].set:
            self.assertLess(len(pages), most)
            pages.append(self.page(client, f"<after>{pages[-1].set['last']}</after>", size, **fields))
        return pages

    def hide(self, room):
        self.ctl("config", room, "publicroom=0")


class TestFound(Searches):
    settings = {"muc.search.rate": 0}

    def setUp(self):
        super().setUp()
        self.juliet = self.login("juliet")
        for number in range(6):  # on both shards
            self.ctl("create", f"p{number}@{SERVICE}", "juliet@localhost", "--name", f"Kept {number}")
            self.is_in(self.juliet, f"t{number}@{SERVICE}", "rose")
            self.ctl("config", f"t{number}@{SERVICE}", f"roomname=Brief {number}")
        self.ctl("create", "hall@halls.localhost", "juliet@localhost")
        self.all = [f"{kind}{number}@{SERVICE}" for kind in "pt" for number in range(6)]

    def test_rooms_of_all_kinds_on_all_shards_are_found_once(self):
        for key in ("address", "nusers"):
            with self.subTest(key):
                for size in (1, 5, 50):
                    pages = self.pages(self.juliet, size, all="true", key=ORDER + key)
                    found = [room for page in pages for room in page.rooms]
                    self.assertEqual(sorted(found), self.all)
                    self.assertEqual({page.set["count"] for page in pages}, {"12"})
                    if key == "address":
                        self.assertEqual(found, self.all)

    def test_the_fullest_come_first_and_say_how_full_they_are(self):
        romeo = self.login("romeo")
        for room in (f"t3@{SERVICE}", f"p4@{SERVICE}", f"p5@{SERVICE}"):
            self.is_in(romeo, room, "thorn")
        self.is_in(self.juliet, f"p5@{SERVICE}", "rose")
        page = self.page(self.juliet, all="true")
        self.assertEqual(page.rooms[:2], [f"p5@{SERVICE}", f"t3@{SERVICE}"])
        self.assertEqual(page.users()[f"p5@{SERVICE}"], 2)
        self.assertEqual(page.users()[f"p4@{SERVICE}"], 1)
        self.assertEqual(page.users()[f"p0@{SERVICE}"], 0)
        page = self.page(self.juliet, all="true", min_users="2", key=ORDER + "address")
        self.assertEqual(page.rooms, [f"p5@{SERVICE}", f"t3@{SERVICE}"])
        # Who is behind a door is not counted for others.
        self.ctl("config", f"p5@{SERVICE}", "passwordprotectedroom=1", "roomsecret=love")
        page = self.page(self.juliet, all="true")
        self.assertEqual(page.rooms[0], f"t3@{SERVICE}")
        item = page.items[page.rooms.index(f"p5@{SERVICE}")]
        self.assertFalse(item.has("nusers") or item.has("is-open"))

    def test_hidden_rooms_are_found_by_nobody(self):
        hidden = [f"p1@{SERVICE}", f"t1@{SERVICE}"]
        for room in hidden:
            self.hide(room)
        self.ctl("config", f"p2@{SERVICE}", "membersonly=1", "publicroom=0")
        for client in (self.juliet, self.login("romeo")):
            for key in ("address", "nusers"):
                found = self.page(client, all="true", key=ORDER + key).rooms
                self.assertEqual(sorted(found), [room for room in self.all
                                                 if room not in (*hidden, f"p2@{SERVICE}")])
            for word in ("t1", "Kept 1", "p2@rooms.localhost"):
                self.assertEqual(self.page(client, q=word).rooms, [])
        self.server.stop()
        self.server.start()
        romeo = self.login("romeo")
        self.assertNotIn(f"p1@{SERVICE}", self.page(romeo, all="true").rooms)

    def test_they_are_found_after_a_restart(self):
        self.juliet.close()
        self.server.stop()
        self.server.start()
        page = self.page(self.login("juliet"), q="kept", key=ORDER + "address")
        self.assertEqual(page.rooms, self.all[:6])
        self.assertEqual(page.items[3].child("name").text, "Kept 3")

    def test_an_operator_may_refuse_the_whole_list(self):
        self.server.settings["muc.search.all"] = False
        self.server.write_config()
        self.server.ctl("config", "reload")
        answer = self.juliet.iq("get", search(all="true"), SERVICE)
        self.assertEqual(
            error_of(answer), ("cancel", "not-allowed", "full-set-retrieval-rejected"))
        self.assertEqual(len(self.page(self.juliet, q="brief").rooms), 6)
        form = self.juliet.iq("get", f"<search xmlns='{SEARCH}'/>", SERVICE)
        names = {field["var"] for field in form.child("search").child("x").children}
        self.assertNotIn("all", names)


class TestWindows(Searches):
    """Where there are more rooms than one search looks at."""

    settings = {"muc.search.max_looked_at": 100, "muc.search.rate": 0, "muc.max_rooms": 1000}

    def setUp(self):
        super().setUp()
        self.rooms = [f"r{(number * 37) % 250:03}@{SERVICE}" for number in range(250)]
        juliet = self.login("juliet")
        for room in self.rooms:
            juliet.presence(to=f"{room}/rose", inner="<x xmlns='http://jabber.org/protocol/muc'/>")
            juliet.expect(lambda one: one.name == "message" and one.has("subject"))
            form = submitted("http://jabber.org/protocol/muc#roomconfig",
                             **{"muc#roomconfig_persistentroom": "1"})
            answer = juliet.iq(
                "set", f"<query xmlns='http://jabber.org/protocol/muc#owner'>{form}</query>", room)
            self.assertEqual(answer["type"], "result")
            juliet.presence("unavailable", to=f"{room}/rose")
            juliet.take()
        juliet.close()

    def test_all_are_found_window_by_window(self):  # muc.search.max_looked_at
        romeo = self.login("romeo")
        for key in ("address", "nusers"):
            pages = self.pages(romeo, 30, all="true", key=ORDER + key)
            found = [room for page in pages for room in page.rooms]
            self.assertEqual(sorted(found), sorted(self.rooms), key)
            # In each window they stand in order.
            for begin in (0, 100, 200):
                window = found[begin:begin + 100]
                self.assertEqual(window, sorted(self.rooms[begin:begin + 100]), key)
        self.assertNotIn("count", pages[0].set)

    def test_a_word_is_found_in_the_last_window(self):
        last = self.rooms[-1]
        self.ctl("config", last, "roomname=Elsinore")
        pages = self.pages(self.login("romeo"), q="elsinore", most=6)
        self.assertEqual([page.rooms for page in pages if page.rooms], [[last]])
        self.assertEqual(pages[0].rooms, [])

    def test_the_last_page_of_too_many_is_not_told(self):
        answer = self.login("romeo").iq("get", search("<before/>", 3, all="true"), SERVICE)
        self.assertEqual(answer.error(), ("cancel", "feature-not-implemented"))

    def test_who_is_in_a_room_is_seen_at_once_wherever_it_stands(self):
        juliet = self.login("juliet")
        last = self.rooms[-1]
        self.is_in(juliet, last, "rose")
        pages = self.pages(juliet, 30, all="true")
        self.assertEqual(pages[0].rooms[0], last)
        found = [room for page in pages for room in page.rooms]
        self.assertEqual(sorted(found), sorted(self.rooms))


class TestBrakes(Searches):
    settings = {"muc.search.rate": 60, "muc.search.burst": 3}

    def test_one_account_searches_so_often(self):
        romeo, nurse = self.login("romeo"), self.login("nurse")
        self.ctl("create", GARDEN, "juliet@localhost")
        for _ in range(3):
            self.assertEqual(self.page(romeo, q="garden").rooms, [GARDEN])
        refused = romeo.iq("get", search(q="garden"), SERVICE)
        self.assertEqual(error_of(refused), ("wait", "resource-constraint", "rate-limit"))
        self.assertEqual(refused.child("error").child("rate-limit")["retry-after"], "1")
        # The form costs nothing, and others are not held up.
        form = romeo.iq("get", f"<search xmlns='{SEARCH}'/>", SERVICE)
        self.assertEqual(form["type"], "result")
        self.assertEqual(self.page(nurse, q="garden").rooms, [GARDEN])
        again = search(q="garden")
        wait_until(lambda: romeo.iq("get", again, SERVICE)["type"] == "result", "a rest")


class TestAtOnce(Searches):
    settings = {"muc.search.rate": 0, "muc.search.max_at_once": 1}

    def outcomes(self, clients):
        """Of searches that come at the same moment."""
        outcomes = []
        for number in range(5):
            self.server.signal(signal.SIGSTOP)
            for client in clients:
                client.request("get", search(all="true"), SERVICE, id=f"s{number}")
            self.server.signal(signal.SIGCONT)
            for client in clients:
                answer = client.expect(lambda one: one["id"] == f"s{number}")
                outcomes.append(None if answer["type"] == "result" else error_of(answer))
        return outcomes

    def test_a_shard_is_busy_with_so_many(self):  # muc.search.max_at_once
        names = [f"guest{number}" for number in range(8)]
        self.server.add(*(f"{name}@localhost" for name in names))
        clients = [self.login(name) for name in names]
        outcomes = self.outcomes(clients)
        self.assertEqual(set(outcomes), {None, ("wait", "resource-constraint", "rate-limit")})
        self.server.settings["muc.search.max_at_once"] = 100
        self.server.write_config()
        self.server.ctl("config", "reload")
        self.assertEqual(set(self.outcomes(clients)), {None})
        # One account has one place.
        same = [self.login("romeo") for _ in range(8)]
        self.assertEqual(
            set(self.outcomes(same)), {None, ("wait", "resource-constraint", "rate-limit")})


class TestSlixmpp(Searches, unittest.IsolatedAsyncioTestCase):
    async def test_a_client_of_others_finds_a_room(self):
        self.ctl("create", GARDEN, "juliet@localhost", "--name", "The garden")
        person = await Person(self.server, "romeo@localhost").log_in()
        info = await person["xep_0030"].get_info(jid=SERVICE)
        self.assertIn(SEARCH, info["disco_info"]["features"])
        iq = person.make_iq_get(ito=SERVICE)
        iq.append(ElementTree.fromstring(search(q="GARDEN")))
        answer = await iq.send()
        item = answer.xml.find(f"{{{SEARCH}}}result/{{{SEARCH}}}item")
        self.assertEqual(item.get("address"), GARDEN)
        self.assertEqual(item.findtext(f"{{{SEARCH}}}name"), "The garden")
        bad = person.make_iq_get(ito=SERVICE)
        bad.append(ElementTree.fromstring(search(q="!!")))
        with self.assertRaises(slixmpp.exceptions.IqError) as raised:
            await bad.send()
        self.assertEqual(raised.exception.condition, "bad-request")
        self.assertIsNotNone(
            raised.exception.iq.xml.find(f".//{{{ERROR}}}invalid-search-terms"))
        await person.disconnect()


if __name__ == "__main__":
    report.main()
