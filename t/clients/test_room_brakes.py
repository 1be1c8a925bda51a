# SPDX-License-Identifier: Apache-2.0
"""What keeps one person from wearing out a room, or a service of rooms (XEP-0045 §14.6)."""

import os
import signal
import time
import unittest

import report
from server import wait_until
from test_disk import faulty
from test_rooms import GARDEN, MUC, USER, Rooms, submitted
from xmpp import Client

WAIT = ("wait", "policy-violation")
FULL = ("wait", "service-unavailable")


class Brakes(Rooms):
    def said(self, client, room, text, id):
        """Whether all hear it; else the error."""
        client.message(room, text, "groupchat", id=id)
        return client.expect(lambda one: one["id"] == id and one.name == "message").error()

    def asked(self, client, room, nick, password=""):
        inner = f"<password>{password}</password>" if password else ""
        return self.enter(client, room, nick, inner).error()


class TestPace(Brakes):
    settings = {"muc.rate": 1, "muc.burst": 5}

    def test_one_account_does_so_much_in_a_room(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        romeo, nurse = self.login("romeo"), self.login("nurse")
        self.is_in(romeo, GARDEN, "rose")
        self.is_in(nurse, GARDEN, "nurse")
        self.assertEqual(
            [self.said(romeo, GARDEN, f"sigh {number}", f"s{number}") for number in range(4)],
            [None] * 4)
        # Another kind of thing does not help, nor another nickname, nor a new entry.
        self.tire(romeo)
        romeo.message(f"{GARDEN}/nurse", "sigh", "chat", id="pm")
        self.assertEqual(romeo.expect(lambda one: one["id"] == "pm").error(), WAIT)
        for nick, inner, id in (("rose", "<show>away</show>", "away"), ("thorn", "", "thorn")):
            self.tire(romeo)
            romeo.presence(to=f"{GARDEN}/{nick}", inner=inner, id=id)
            self.assertEqual(romeo.expect(lambda one: one["id"] == id).error(), WAIT)
        self.tire(romeo)
        romeo.presence("unavailable", to=f"{GARDEN}/rose")
        self.assertEqual(self.asked(romeo, GARDEN, "rose"), WAIT)
        # Others are as fast as before, and he is again after a rest.
        self.assertIsNone(self.said(nurse, GARDEN, "Peace", "peace"))
        wait_until(lambda: self.asked(romeo, GARDEN, "rose") is None, "a rest")

    def test_who_asks_others_too_much_has_to_wait_and_may_speak(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        romeo, nurse = self.login("romeo"), self.login("nurse")
        self.is_in(romeo, GARDEN, "rose")
        self.is_in(nurse, GARDEN, "nurse")
        nurse.take()
        ask = "<query xmlns='jabber:iq:version'/>"
        for number in range(20):
            romeo.request("get", ask, f"{GARDEN}/nurse", id=f"v{number}")
        refused = [one for one in romeo.gather(GARDEN) if one.name == "iq" and one["id"][0] == "v"]
        self.assertEqual({one.error() for one in refused}, {WAIT})
        asked = [one for one in nurse.gather() if one.has("query", "jabber:iq:version")]
        self.assertEqual(len(asked) + len(refused), 20)
        self.assertIn(len(asked), range(5, 10))
        self.assertIsNone(self.said(romeo, GARDEN, "sigh", "sigh"))
        # To ask whether one is there oneself is no matter.
        for _ in range(20):
            self.assertEqual(romeo.ping(f"{GARDEN}/rose")["type"], "result")

        def passes():
            romeo.request("get", ask, f"{GARDEN}/nurse", id="later")
            romeo.ping(GARDEN)
            return any(one.has("query", "jabber:iq:version") for one in nurse.gather())

        wait_until(passes, "a rest")

    def test_who_runs_a_room_asks_as_he_likes(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        juliet, nurse = self.login("juliet"), self.login("nurse")
        self.is_in(juliet, GARDEN, "moon")
        self.is_in(nurse, GARDEN, "nurse")
        for number in range(20):
            juliet.request("get", "<query xmlns='jabber:iq:version'/>", f"{GARDEN}/nurse")
        juliet.gather(GARDEN)
        asked = [one for one in nurse.gather() if one.has("query", "jabber:iq:version")]
        self.assertEqual(len(asked), 20)

    def tire(self, client):
        """Speaks until that is too much."""
        for number in range(100):
            outcome = self.said(client, GARDEN, f"tired {number}", f"t{time.monotonic()}")
            if outcome is not None:
                self.assertEqual(outcome, WAIT)
                return
        self.fail("nothing is too much")

    def test_owners_and_admins_do_as_they_like(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        self.ctl("affiliation", GARDEN, "nurse@localhost", "admin")
        for name in ("juliet", "nurse"):
            client = self.login(name)
            self.is_in(client, GARDEN, name)
            for number in range(20):
                self.assertIsNone(self.said(client, GARDEN, f"{name} {number}", f"s{number}"))


class TestQueue(Brakes):
    settings = {"muc.rate": 0, "muc.queue": 4, "muc.spare_queue": 100, "limits.stanza_rate": 0,
                "limits.waiting_stanzas": 1000}

    def test_who_fills_a_room_does_not_keep_out_its_owner(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        juliet = self.login("juliet")
        self.is_in(juliet, GARDEN, "moon")
        crowd = [self.login("romeo") for _ in range(3)] + [self.login("nurse") for _ in range(3)]
        for number, client in enumerate(crowd):
            self.is_in(client, GARDEN, f"guest{number}")
        flood = "".join(f"<message type='groupchat' to='{GARDEN}' id='f{number}'>"
                        f"<body>{number}</body></message>" for number in range(100))
        for round_ in range(5):
            for client in crowd:
                client.send(flood)
            for number in range(10):
                juliet.message(GARDEN, "Hush", "groupchat", id=f"hush{round_}-{number}")
        for round_ in range(5):
            for number in range(10):
                heard = juliet.expect(lambda one: one["id"] == f"hush{round_}-{number}")
                self.assertIsNone(heard.error())
        refused = [stanza.error() for client in crowd for stanza in client.gather()
                   if stanza["type"] == "error"]
        self.assertEqual(set(refused), {("wait", "resource-constraint")})


class TestSeats(Brakes):
    settings = {"muc.max_occupants": 1, "muc.spare_seats": 1}

    def test_a_full_room_has_a_seat_for_who_runs_it(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        self.ctl("affiliation", GARDEN, "nurse@localhost", "admin")
        romeo, juliet, nurse = (self.login(name) for name in ("romeo", "juliet", "nurse"))
        self.is_in(romeo, GARDEN, "rose")
        self.server.add("paris@localhost")
        self.assertEqual(self.asked(self.login("paris"), GARDEN, "paris"), FULL)
        self.is_in(juliet, GARDEN, "juliet")
        self.assertEqual(self.asked(nurse, GARDEN, "nurse"), FULL)


class TestPasswords(Brakes):
    settings = {"muc.password_pause": "1s", "muc.max_password_pause": "2s"}

    def test_a_password_is_not_found_by_trying(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        self.ctl("config", GARDEN, "passwordprotectedroom=1", "roomsecret=love")
        romeo, nurse = self.login("romeo"), self.login("nurse")
        denied = ("auth", "not-authorized")
        for _ in range(5):  # to ask whether there is one is no try
            self.assertEqual(self.asked(romeo, GARDEN, "rose"), denied)
        for word in ("hate", "night", "day"):
            self.assertEqual(self.asked(romeo, GARDEN, "rose", word), denied)
        self.assertEqual(self.asked(romeo, GARDEN, "rose", "love"), WAIT)
        # It is the account that waits, whatever its session; nobody else does.
        self.assertEqual(self.asked(self.login("romeo"), GARDEN, "rose", "love"), WAIT)
        self.assertIsNone(self.asked(nurse, GARDEN, "nurse", "love"))
        wait_until(lambda: self.asked(romeo, GARDEN, "rose", "love") is None, "the pause ends")

    def test_guests_without_an_account_wait_together(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        self.ctl("config", GARDEN, "passwordprotectedroom=1", "roomsecret=love")
        outcomes = []
        for word in ("hate", "night", "day", "love"):
            guest = Client(self.server, "anon.localhost", direct=True)
            self.addCleanup(guest.cut)
            guest.login("", mechanism="ANONYMOUS")
            outcomes.append(self.asked(guest, GARDEN, "guest", word))
        self.assertEqual(outcomes[-1], WAIT)


class TestNicks(Brakes):
    settings = {"muc.max_nick": 8}

    def test_a_nickname_is_so_long(self):  # muc.max_nick
        self.ctl("create", GARDEN, "juliet@localhost")
        romeo = self.login("romeo")
        self.assertEqual(self.asked(romeo, GARDEN, "123456789"), ("modify", "policy-violation"))
        self.is_in(romeo, GARDEN, "로미오와줄리엣🌹")
        form = submitted(MUC + "#register", **{"muc#register_roomnick": "123456789"})
        answer = romeo.iq("set", f"<query xmlns='jabber:iq:register'>{form}</query>", GARDEN)
        self.assertEqual(answer.error(), ("modify", "not-acceptable"))


class TestRooms(Brakes):
    settings = {"muc.max_rooms": 2, "muc.max_rooms_in_all": 4, "muc.admins": ["nurse@localhost"]}
    not_allowed = ("cancel", "not-allowed")

    def made(self, client, name, **fields):
        """The error of making a room that lasts if it is configured so."""
        room = f"{name}@rooms.localhost"
        error = self.asked(client, room, "nick")
        if error is None and fields:
            self.configure(client, room, **fields)
        return error

    def configure(self, client, room, **fields):
        form = submitted(MUC + "#roomconfig",
                         **{f"muc#roomconfig_{name}": value for name, value in fields.items()})
        answer = client.iq("set", f"<query xmlns='{MUC}#owner'>{form}</query>", room)
        self.assertEqual(answer["type"], "result")

    def leave(self, client, name):
        client.presence("unavailable", to=f"{name}@rooms.localhost/nick")
        client.expect_presence(f"{name}@rooms.localhost/nick", "unavailable")

    def test_an_account_makes_so_many(self):  # muc.max_rooms
        romeo = self.login("romeo")
        self.assertIsNone(self.made(romeo, "a"))
        self.assertIsNone(self.made(romeo, "b", persistentroom=1))
        self.assertEqual(self.made(self.login("romeo"), "c"), self.not_allowed)
        # What is gone does not count, what lasts does.
        self.leave(romeo, "a")
        self.leave(romeo, "b")
        self.assertIsNone(self.made(romeo, "c", persistentroom=1))
        self.assertEqual(self.made(romeo, "d"), self.not_allowed)
        self.server.ctl("module", "reload", "muc", "rooms.localhost")
        self.assertEqual(self.made(romeo, "d"), self.not_allowed)
        romeo.close()
        self.server.stop()
        self.server.start()
        romeo = self.login("romeo")
        self.assertEqual(self.made(romeo, "d"), self.not_allowed)
        self.ctl("destroy", "b@rooms.localhost")
        self.assertIsNone(self.made(romeo, "d"))
        # To be a member of many is no matter.
        for name in ("x", "y"):
            self.ctl("create", f"{name}@rooms.localhost", "nurse@localhost")
            self.ctl("affiliation", f"{name}@rooms.localhost", "juliet@localhost", "admin")
            self.server.ctl("room", "destroy", f"{'c' if name == 'x' else 'd'}@rooms.localhost")
        self.assertIsNone(self.made(self.login("juliet"), "e"))

    def test_a_service_has_so_many(self):  # muc.max_rooms_in_all
        romeo, juliet, nurse = (self.login(name) for name in ("romeo", "juliet", "nurse"))
        for client, name in ((romeo, "a"), (romeo, "b"), (juliet, "c")):
            self.assertIsNone(self.made(client, name))
        self.ctl("create", "p@rooms.localhost", "juliet@localhost")
        self.assertEqual(self.made(juliet, "d"), ("wait", "resource-constraint"))
        self.assertIsNone(self.made(nurse, "n"))
        for name in ("a", "b"):
            self.leave(romeo, name)
        self.ctl("destroy", "p@rooms.localhost")
        self.assertIsNone(self.made(juliet, "d"))


class TestDefaults(Brakes):
    def setUp(self):
        super().setUp()
        self.change(moderated=True, history=3, persistent=True)

    def change(self, **options):
        host = self.server.hosts["rooms.localhost"] = {
            "accounts": "none", "modules": ["disco", "mam", "muc"],
            **{f"muc.room.{name}": value for name, value in options.items()}}
        self.server.write_config()
        self.server.ctl("config", "reload")
        return host

    def settings_of(self, room):
        return {row["setting"]: row["value"] for row in self.rows("config", room)}

    def test_a_room_is_made_as_its_host_says(self):
        juliet = self.login("juliet")
        self.is_in(juliet, GARDEN, "moon")
        juliet.iq("set", f"<query xmlns='{MUC}#owner'><x xmlns='jabber:x:data' type='submit'/>"
                         "</query>", GARDEN)
        made = self.settings_of(GARDEN)
        self.assertEqual((made["moderatedroom"], made["maxhistoryfetch"]), (["1"], ["3"]))
        self.is_in(juliet, "hall@halls.localhost", "moon")
        self.assertEqual(self.settings_of("hall@halls.localhost")["moderatedroom"], ["0"])
        self.change(moderated=False)
        self.assertEqual(self.settings_of(GARDEN)["moderatedroom"], ["1"])
        self.is_in(juliet, "b@rooms.localhost", "moon")
        self.assertEqual(self.settings_of("b@rooms.localhost")["moderatedroom"], ["0"])
        juliet.close()
        self.server.stop()
        self.server.start()
        self.assertTrue(self.show()["persistent"])

    def test_one_that_is_open_at_once_lasts_from_then_on(self):
        self.server.settings["muc.lock"] = False
        self.change(persistent=True)
        juliet = self.login("juliet")
        self.is_in(juliet, GARDEN, "moon")
        self.server.kill()
        self.server.start()
        self.assertEqual(self.show()["owners"], ["juliet@localhost"])


class TestResync(Brakes):
    settings = {"muc.resync_interval": "2s"}

    def test_all_of_a_room_is_told_once_in_a_while(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        romeo = self.login("romeo")
        for outcome in (None, None, WAIT):
            self.assertEqual(self.asked(romeo, GARDEN, "rose"), outcome)
        # Of his own sessions each, whatever he is called.
        romeo.presence(to=f"{GARDEN}/thorn")
        romeo.expect_presence(f"{GARDEN}/thorn")
        self.assertEqual(self.asked(romeo, GARDEN, "thorn"), WAIT)
        other = self.login("romeo")
        for outcome in (None, None, WAIT):
            self.assertEqual(self.asked(other, GARDEN, "thorn"), outcome)
        wait_until(lambda: self.asked(romeo, GARDEN, "thorn") is None, "a while")


class TestApplicants(Brakes):
    settings = {"muc.applicants_expire": "2s"}

    def apply(self, client, nick):
        form = submitted(MUC + "#register", **{"muc#register_roomnick": nick})
        return client.iq(
            "set", f"<query xmlns='jabber:iq:register'>{form}</query>", GARDEN).error()

    def test_who_is_not_answered_waits_no_more(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        self.ctl("config", GARDEN, "membersonly=1")
        juliet, romeo, nurse = (self.login(name) for name in ("juliet", "romeo", "nurse"))
        self.assertIsNone(self.apply(romeo, "rose"))
        self.assertEqual(self.apply(nurse, "rose"), ("cancel", "conflict"))
        wait_until(lambda: self.apply(nurse, "rose") is None, "the request expires")
        answer = {"{urn:sarang:muc:0}jid": "romeo@localhost", "muc#register_allow": "1",
                  "muc#register_roomnick": "rose"}
        juliet.send(f"<message to='{GARDEN}' id='late'>{submitted(MUC + '#register', **answer)}"
                    "</message>")
        late = juliet.expect(lambda one: one["id"] == "late")
        self.assertEqual(late.error(), ("cancel", "item-not-found"))
        self.assertEqual(self.affiliations("romeo@localhost"), {"romeo@localhost": "none"})


class TestDisk(Brakes):
    """What is kept of a room is so before anybody is told, and all of it or nothing."""

    def setUp(self):
        super().setUp()
        self.server.stop()
        self.switch = os.path.join(self.server.folder, "faults")
        self.server.environment.update(faulty(), SARANG_FAULTS=self.switch)
        self.server.start()

    def spoil(self, order):
        with open(self.switch + ".new", "w", encoding="ascii") as file:
            file.write(order + "\n")
        os.rename(self.switch + ".new", self.switch)

    def test_who_is_invited_is_told_once_he_is_kept_as_a_member(self):
        self.ctl("create", GARDEN, "juliet@localhost")
        self.ctl("config", GARDEN, "membersonly=1")
        juliet, romeo = self.login("juliet"), self.login("romeo")
        self.is_in(juliet, GARDEN, "moon")
        self.spoil("sync 5")
        invitation = (f"<message to='{GARDEN}' id='{{}}'><x xmlns='{USER}'>"
                      "<invite to='romeo@localhost'/></x></message>")
        juliet.send(invitation.format("in vain"))
        refused = juliet.expect(lambda one: one["id"] == "in vain")
        self.assertEqual(refused.error(), ("cancel", "internal-server-error"))
        self.assertEqual(self.asked(romeo, GARDEN, "rose"), ("auth", "registration-required"))
        self.assertEqual([one for one in romeo.gather() if one["from"] == GARDEN], [])
        os.remove(self.switch)
        wait_until(lambda: self.invited(juliet, invitation), "the disk is well again")
        self.assertTrue(romeo.expect(lambda one: one["from"] == GARDEN).has("x", USER))
        self.is_in(romeo, GARDEN, "rose")
        self.server.kill()
        self.server.start()
        self.assertEqual(self.affiliations("romeo@localhost"), {"romeo@localhost": "member"})

    def invited(self, juliet, invitation):
        juliet.send(invitation.format("again"))
        juliet.ping(GARDEN)
        return not any(one["id"] == "again" for one in juliet.gather() if one["type"] == "error")

    def test_a_crash_leaves_no_room_without_an_owner(self):
        self.spoil("kill Hurlyburly")
        self.ctl("create", GARDEN, "juliet@localhost", "--name", "Hurlyburly", exit=None)
        self.assertEqual(self.server.wait(), -signal.SIGKILL)
        self.server.process = None
        os.remove(self.switch)
        self.server.start()
        self.assertEqual(self.show()["owners"], ["juliet@localhost"])


if __name__ == "__main__":
    report.main()
