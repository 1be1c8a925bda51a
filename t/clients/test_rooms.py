# SPDX-License-Identifier: Apache-2.0
"""Rooms, as an operator sees them: sarangctl room, their limits, and what outlives a restart."""

import unittest

import report
from server import Server
from xmpp import Client

OK, FAILED, USAGE = 0, 1, 2
MUC = "http://jabber.org/protocol/muc"
USER = MUC + "#user"
ITEMS = "http://jabber.org/protocol/disco#items"
RSM = "http://jabber.org/protocol/rsm"
ROOMS = {"accounts": "none", "modules": ["disco", "mam", "muc"]}
GARDEN = "garden@rooms.localhost"


def submitted(form_type, **fields):
    inner = "".join(f"<field var='{var}'><value>{value}</value></field>"
                    for var, value in {"FORM_TYPE": form_type, **fields}.items())
    return f"<x xmlns='jabber:x:data' type='submit'>{inner}</x>"


class Rooms(unittest.TestCase):
    settings = {}

    def setUp(self):
        hosts = {"localhost": {}, "anon.localhost": {"accounts": "anonymous"},
                 "rooms.localhost": ROOMS, "halls.localhost": ROOMS}
        self.server = Server(self.settings, hosts)
        self.addCleanup(self.server.remove)
        self.server.start()
        self.server.add("juliet@localhost", "romeo@localhost", "nurse@localhost")

    def tearDown(self):
        self.server.stop()

    def ctl(self, *words, **options):
        return self.server.ctl("room", *words, **options)

    def fails(self, exit, words, *command):
        outcome = self.ctl(*command, exit=exit)
        self.assertEqual(outcome.text, "")
        self.assertRegex(outcome.error, words)

    def login(self, name):
        client = Client(self.server, direct=True).login(name)
        self.addCleanup(client.cut)
        client.come()
        return client

    def enter(self, client, room, nick, inner=""):
        client.presence(to=f"{room}/{nick}", inner=f"<x xmlns='{MUC}'>{inner}</x>")
        return client.expect(
            lambda stanza: stanza["from"] == f"{room}/{nick}" and stanza["type"] == "error"
            or stanza.name == "message" and stanza.has("subject"))

    def is_in(self, client, room, nick, inner=""):
        self.assertEqual(self.enter(client, room, nick, inner).name, "message")

    def rows(self, *words):
        return self.ctl(*words, json=True).rows()

    def show(self, room=GARDEN):
        return self.ctl("show", room, json=True).json()

    def affiliations(self, *words):
        return {row["jid"]: row["affiliation"]
                for row in self.rows("affiliation", GARDEN, *words)}


class TestCommands(Rooms):
    def test_a_room_is_made_shown_and_ended(self):
        self.assertIn(GARDEN, self.ctl("create", GARDEN, "juliet@localhost", "--name",
                                       "The garden").text)
        shown = self.show()
        self.assertEqual(
            (shown["name"], shown["owners"], shown["occupants"], shown["persistent"],
             shown["locked"]), ("The garden", ["juliet@localhost"], 0, True, False))
        romeo = self.login("romeo")
        self.is_in(romeo, GARDEN, "rose")
        self.assertEqual(self.show()["occupants"], 1)
        self.ctl("destroy", GARDEN, "--reason", "It is day", "--venue", "cell@rooms.localhost")
        told = romeo.expect_presence(f"{GARDEN}/rose", "unavailable")
        destroy = told.child("x", USER).child("destroy", USER)
        self.assertEqual(destroy["jid"], "cell@rooms.localhost")
        self.assertEqual(destroy.child("reason", USER).text, "It is day")
        self.fails(FAILED, "there is no room", "show", GARDEN)
        self.assertEqual(self.rows("list", "rooms.localhost"), [])

    def test_rooms_that_are_made_last(self):
        for name in ("a", "b", "c"):
            self.ctl("create", f"{name}@rooms.localhost", "juliet@localhost")
        self.server.stop()
        self.server.start()
        self.assertEqual([row["room"] for row in self.rows("list", "rooms.localhost")],
                         [f"{name}@rooms.localhost" for name in ("a", "b", "c")])
        for name in ("a", "b", "c"):
            self.assertEqual(self.show(f"{name}@rooms.localhost")["owners"], ["juliet@localhost"])

    def test_the_list_has_rooms_of_all_kinds_on_all_shards(self):
        juliet = self.login("juliet")
        for number in range(8):
            self.is_in(juliet, f"t{number}@rooms.localhost", "rose")
            self.ctl("create", f"p{number}@rooms.localhost", "juliet@localhost")
        self.ctl("config", "p3@rooms.localhost", "publicroom=0")
        self.is_in(juliet, "p3@rooms.localhost", "rose")
        rows = self.rows("list", "rooms.localhost")
        kept = [(f"p{number}@rooms.localhost", True) for number in range(8)]
        rest = [(f"t{number}@rooms.localhost", False) for number in range(8)]
        self.assertEqual([(row["room"], row["persistent"]) for row in rows], kept + rest)
        inside = {row["room"].split("@")[0] for row in rows if row["occupants"] == 1}
        self.assertEqual(inside, {"p3"} | {f"t{number}" for number in range(8)})

    def test_of_several_hosts_one_is_named(self):
        self.ctl("create", "hall@halls.localhost", "juliet@localhost")
        self.assertEqual(len(self.rows("list", "halls.localhost")), 1)
        self.assertEqual(self.rows("list", "rooms.localhost"), [])
        self.fails(FAILED, "host", "list")
        self.fails(FAILED, "no such command", "list", "localhost")
        self.fails(FAILED, "no such command", "show", "hall@localhost")

    def test_what_cannot_be_is_refused(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        self.fails(FAILED, "exists already", "create", GARDEN, "romeo@localhost")
        self.fails(FAILED, "no room's address", "create", "rooms.localhost", "romeo@localhost")
        self.fails(FAILED, "no room's address", "show", GARDEN + "/rose")
        self.fails(FAILED, "too long", "create", "long@rooms.localhost", "romeo@localhost",
                   "--name", "x" * 1025)
        for words in (("show",), ("destroy",), ("config",), ("affiliation",), ("say", "Hush")):
            self.fails(FAILED, "there is no room", words[0], "nowhere@rooms.localhost", *words[1:])
        self.fails(USAGE, "owner", "create", GARDEN)

    def test_affiliations_are_shown_and_changed(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        romeo = self.login("romeo")
        self.is_in(romeo, GARDEN, "rose")
        romeo.take()
        self.ctl("affiliation", GARDEN, "romeo@localhost", "admin", "--reason", "He is dear")
        item = romeo.expect_presence(f"{GARDEN}/rose").child("x", USER).child("item", USER)
        self.assertEqual((item["affiliation"], item["role"]), ("admin", "moderator"))
        self.assertEqual(self.affiliations(),
                         {"juliet@localhost": "owner", "romeo@localhost": "admin"})
        self.assertEqual(self.affiliations("romeo@localhost"), {"romeo@localhost": "admin"})
        self.assertEqual(self.affiliations("nurse@localhost"), {"nurse@localhost": "none"})
        self.ctl("affiliation", GARDEN, "romeo@localhost", "outcast")
        self.assertEqual(
            {status["code"] for status in romeo.expect_presence(f"{GARDEN}/rose", "unavailable")
             .child("x", USER).children if status.name == "status"}, {"110", "301"})
        self.fails(FAILED, "only owner", "affiliation", GARDEN, "juliet@localhost", "none")
        self.fails(FAILED, "no other", "affiliation", GARDEN, "juliet@localhost", "king")
        self.server.stop()
        self.server.start()
        self.assertEqual(self.affiliations(),
                         {"juliet@localhost": "owner", "romeo@localhost": "outcast"})

    def test_a_room_is_configured(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        romeo = self.login("romeo")
        self.is_in(romeo, GARDEN, "rose")
        self.ctl("config", GARDEN, "roomname=By night", "moderatedroom=1", "roomsecret=love",
                 "passwordprotectedroom=1", "contacts=juliet@localhost", "contacts=nurse@localhost")
        told = romeo.expect(lambda stanza: stanza["from"] == GARDEN and stanza.has("x", USER))
        self.assertEqual(told.child("x", USER).child("status", USER)["code"], "104")
        found = {row["setting"]: row["value"] for row in self.rows("config", GARDEN)}
        self.assertEqual((found["roomname"], found["moderatedroom"]), (["By night"], ["1"]))
        self.assertEqual(found["contacts"], ["juliet@localhost", "nurse@localhost"])
        self.assertNotIn("roomsecret", found)
        self.assertTrue(self.show()["password"])
        self.fails(FAILED, "no setting", "config", GARDEN, "colour=red")
        self.fails(FAILED, "no setting", "config", GARDEN, "moderatedroom")
        self.fails(FAILED, ".", "config", GARDEN, "moderatedroom=perhaps")
        self.server.stop()
        self.server.start()
        self.assertEqual(self.show()["name"], "By night")

    def test_a_room_speaks(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        romeo = self.login("romeo")
        self.is_in(romeo, GARDEN, "rose")
        self.ctl("say", GARDEN, "The lark & the nightingale")
        said = romeo.expect_message("The lark & the nightingale")
        self.assertEqual((said["from"], said["type"]), (GARDEN, "groupchat"))
        juliet = self.login("juliet")
        self.is_in(juliet, GARDEN, "moon")
        self.assertTrue(any(stanza.body == said.body for stanza in juliet.take()))

    def test_the_commands_come_and_go_with_the_module(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        self.server.ctl("module", "reload", "muc", "rooms.localhost")
        self.assertEqual(self.show()["room"], GARDEN)
        self.server.ctl("module", "unload", "muc", "rooms.localhost")
        self.fails(FAILED, "no such command", "show", GARDEN)
        self.server.ctl("module", "unload", "muc", "halls.localhost")
        self.fails(USAGE, ".", "show", GARDEN)
        self.server.ctl("module", "load", "muc", "rooms.localhost")
        self.assertEqual(self.show()["room"], GARDEN)


    def test_who_is_in_a_room_is_told_that_the_service_ends(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        romeo, juliet = self.login("romeo"), self.login("juliet")
        for client, nick in ((romeo, "rose"), (juliet, "moon")):
            self.is_in(client, GARDEN, nick)
            self.is_in(client, "hall@halls.localhost" if client is romeo else
                       "cell@rooms.localhost", nick)
        romeo.gather(GARDEN)
        # Who is in a room is so after a reload.
        self.server.ctl("module", "reload", "muc", "rooms.localhost")
        self.assertEqual(romeo.gather(GARDEN), [])
        self.server.ctl("module", "unload", "muc", "rooms.localhost")
        for client, nick, rooms in ((romeo, "rose", [GARDEN]),
                                    (juliet, "moon", [GARDEN, "cell@rooms.localhost"])):
            for _ in rooms:
                told = client.expect(lambda one: one["type"] == "unavailable")
                self.assertIn(told["from"], [f"{room}/{nick}" for room in rooms])
                x = told.child("x", USER)
                self.assertEqual({one["code"] for one in x.children if one.name == "status"},
                                 {"110", "332"})
                self.assertEqual(x.child("item")["role"], "none")
        self.assertEqual(romeo.gather("hall@halls.localhost"), [])
        self.server.ctl("module", "load", "muc", "rooms.localhost")
        self.assertEqual(self.show()["occupants"], 0)
        self.assertEqual(self.show("hall@halls.localhost")["occupants"], 1)


class TestRegistration(Rooms):
    def test_who_waits_for_an_admin_does_so_after_a_restart_too(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        self.ctl("config", GARDEN, "membersonly=1")
        register = MUC + "#register"
        nick = {"muc#register_roomnick": "rose"}
        form = f"<query xmlns='jabber:iq:register'>{submitted(register, **nick)}</query>"
        juliet, romeo = self.login("juliet"), self.login("romeo")
        self.assertEqual(romeo.iq("set", form, GARDEN)["type"], "result")
        juliet.expect(lambda stanza: stanza["from"] == GARDEN and stanza.name == "message")
        for client in (juliet, romeo):
            client.close()
        self.server.stop()
        self.server.start()
        juliet, romeo = self.login("juliet"), self.login("romeo")
        answer = {"{urn:sarang:muc:0}jid": "romeo@localhost", "muc#register_allow": "1", **nick}
        juliet.send(f"<message to='{GARDEN}' id='lets'>{submitted(register, **answer)}</message>")
        invited = romeo.expect(lambda stanza: stanza["from"] == GARDEN)
        self.assertTrue(invited.child("x", USER).has("invite", USER))
        self.is_in(romeo, GARDEN, "rose")
        self.assertEqual(self.affiliations("romeo@localhost"), {"romeo@localhost": "member"})


    def test_an_account_that_does_not_last_cannot_register(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        guest = Client(self.server, "anon.localhost", direct=True)
        self.addCleanup(guest.cut)
        guest.login("", mechanism="ANONYMOUS")
        answer = guest.iq("get", "<query xmlns='jabber:iq:register'/>", GARDEN)
        self.assertEqual(answer.error(), ("cancel", "not-allowed"))

    def test_only_so_many_wait_for_the_answer_of_admins_and_moderators(self):
        names = [f"guest{number}" for number in range(65)]
        self.server.add(*(f"{name}@localhost" for name in names))
        hall = "hall@rooms.localhost"
        for room, setting in ((GARDEN, "membersonly=1"), (hall, "moderatedroom=1")):
            self.ctl("create", room, "juliet@localhost")
            self.ctl("config", room, setting)
        juliet = self.login("juliet")
        self.is_in(juliet, hall, "moon")
        voice = submitted(MUC + "#request", **{"muc#role": "participant"})
        answers = []
        for name in names:
            guest = self.login(name)
            form = submitted(MUC + "#register", **{"muc#register_roomnick": name})
            answers.append(
                guest.iq("set", f"<query xmlns='jabber:iq:register'>{form}</query>", GARDEN))
            self.is_in(guest, hall, name)
            guest.send(f"<message to='{hall}' id='asks'>{voice}</message>")
        self.assertEqual({answer["type"] for answer in answers[:-1]}, {"result"})
        for answer in (answers[-1], guest.expect(lambda stanza: stanza["id"] == "asks")):
            self.assertEqual(answer.error(), ("wait", "resource-constraint"))
        forms = [stanza["from"] for stanza in juliet.gather(GARDEN, hall)
                 if stanza.name == "message" and stanza.has("x", "jabber:x:data")]
        self.assertEqual((forms.count(GARDEN), forms.count(hall)), (64, 64))


class TestLimits(Rooms):
    settings = {"muc.max_occupants": 2, "muc.max_listed": 3, "muc.max_invited": 2,
                "muc.max_presence": "1KiB", "muc.history_size": "4KiB"}

    def test_a_room_takes_so_many(self):  # muc.max_occupants
        self.ctl("create", GARDEN, "nurse@localhost")
        self.server.add("paris@localhost")
        for name in ("juliet", "romeo"):
            self.is_in(self.login(name), GARDEN, name)
        paris = self.login("paris")
        self.assertEqual(self.enter(paris, GARDEN, "paris").error(), ("wait", "service-unavailable"))

    def test_a_list_is_told_in_pages(self):  # muc.max_listed
        for number in range(4):
            self.ctl("create", f"p{number}@rooms.localhost", "juliet@localhost")
        juliet = self.login("juliet")
        found, after = [], ""
        for size in (3, 1):
            answer = juliet.iq("get", f"<query xmlns='{ITEMS}'><set xmlns='{RSM}'><max>50</max>"
                                      f"{after}</set></query>", "rooms.localhost")
            items = [item["jid"] for item in answer.child("query", ITEMS).children
                     if item.name == "item"]
            self.assertEqual(len(items), size)
            found += items
            after = f"<after>{items[-1]}</after>"
        self.assertEqual(found, [f"p{number}@rooms.localhost" for number in range(4)])

    def test_a_message_invites_so_many(self):  # muc.max_invited
        self.ctl("create", GARDEN, "nurse@localhost")
        nurse, juliet = self.login("nurse"), self.login("juliet")
        self.is_in(nurse, GARDEN, "nurse")
        for number, answer in ((3, ("modify", "policy-violation")), (2, None)):
            invitations = "<invite to='juliet@localhost'/>" * number
            nurse.send(f"<message to='{GARDEN}' id='i{number}'>"
                       f"<x xmlns='{MUC}#user'>{invitations}</x></message>")
            if answer is not None:
                self.assertEqual(
                    nurse.expect(lambda one: one["id"] == "i3").error(), answer)
        for _ in range(2):
            self.assertEqual(juliet.expect(lambda one: one["from"] == GARDEN)["id"], "i2")

    def test_a_presence_says_so_much(self):  # muc.max_presence
        self.ctl("create", GARDEN, "nurse@localhost")
        nurse = self.login("nurse")
        self.is_in(nurse, GARDEN, "nurse")
        nurse.presence(to=f"{GARDEN}/nurse", inner=f"<status>{'x' * 1024}</status>", id="long")
        self.assertEqual(
            nurse.expect(lambda one: one["id"] == "long").error(), ("modify", "policy-violation"))

    def test_who_enters_is_shown_so_much(self):
        self.ctl("create", GARDEN, "nurse@localhost")
        nurse, juliet = self.login("nurse"), self.login("juliet")
        self.is_in(nurse, GARDEN, "nurse")
        for number in range(9):
            nurse.message(GARDEN, f"{number}" + "x" * 500, "groupchat")
        nurse.message(GARDEN, "y" * 4000, "groupchat")
        nurse.expect_message("y" * 4000)
        self.is_in(juliet, GARDEN, "juliet")
        shown = {stanza.body for stanza in juliet.gather()}
        self.assertIn("8" + "x" * 500, shown)
        self.assertNotIn("0" + "x" * 500, shown)
        self.assertNotIn("y" * 4000, shown)


if __name__ == "__main__":
    report.main()
