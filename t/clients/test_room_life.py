# SPDX-License-Identifier: Apache-2.0
"""XEP-0045: rooms outlive what happens to the server: a restart, a crash, a new module."""

import unittest

import report
from server import Server
from test_sm import StreamManagement
from xmpp import Element

ROOMS = "rooms.localhost"
COVEN = f"coven@{ROOMS}"
MUC = "http://jabber.org/protocol/muc"
OWNER = f"{MUC}#owner"
USER = f"{MUC}#user"
FORM = "jabber:x:data"


def form(**fields):
    inner = "".join(f"<field var='muc#roomconfig_{name}'><value>{value}</value></field>"
                    for name, value in fields.items())
    return (f"<query xmlns='{OWNER}'><x xmlns='{FORM}' type='submit'>"
            f"<field var='FORM_TYPE'><value>{MUC}#roomconfig</value></field>{inner}</x></query>")


def is_subject(stanza):
    return stanza.name == "message" and stanza.has("subject", "jabber:client")


def enter(client, nick, room=COVEN):
    client.presence(to=f"{room}/{nick}", inner=f"<x xmlns='{MUC}'/>")
    return client.expect(lambda stanza: is_subject(stanza) or stanza["type"] == "error")


def say(client, text, room=COVEN, **attributes):
    client.message(room, text, "groupchat", **attributes)


class Rooms(StreamManagement):
    settings = {"limits.stanza_rate": 0}
    users = ("crone", "hag", "wicca")

    @classmethod
    def setUpClass(cls):
        cls.server = Server(
            cls.settings,
            hosts={"localhost": {}, ROOMS: {"accounts": "none", "modules": ["disco", "mam", "muc"]}})
        cls.server.start()

    def room(self, owner, nick="firstwitch", **fields):
        self.assertTrue(is_subject(enter(owner, nick)))
        self.assertEqual(owner.iq("set", form(**fields), COVEN)["type"], "result")

    def destroy(self, owner):
        owner.iq("set", f"<query xmlns='{OWNER}'><destroy/></query>", COVEN)

    def hear(self, client, text):
        heard = client.expect_message(text)
        self.assertEqual(heard["type"], "groupchat", heard)
        return heard


class TestRestart(Rooms):
    def restart(self):
        self.server.stop()
        self.server.start()

    def back(self, old):
        new = self.authenticated(old.jid.split("@")[0])
        answer = new.resume(old)
        self.assertEqual(answer.name, "resumed", answer)
        return new

    def talk_over_a_restart(self, **fields):
        crone, hag = self.managed("crone"), self.managed("hag")
        self.room(crone, **fields)
        enter(hag, "thirdwitch")
        say(hag, "When shall we three meet again?")
        self.hear(crone, "When shall we three meet again?")
        hag.gather(COVEN)
        self.restart()
        crone, hag = self.back(crone), self.back(hag)
        say(crone, "When the hurlyburly's done")
        self.assertEqual(self.hear(hag, "When the hurlyburly's done")["from"], f"{COVEN}/firstwitch")
        wicca = self.client("wicca")
        wicca.presence(to=f"{COVEN}/secondwitch", inner=f"<x xmlns='{MUC}'/>")
        wicca.expect(is_subject)
        told = wicca.take()
        self.assertEqual(
            {stanza["from"] for stanza in told if stanza.name == "presence"},
            {f"{COVEN}/{nick}" for nick in ("firstwitch", "secondwitch", "thirdwitch")})
        self.assertEqual(
            [stanza.body for stanza in told if stanza.name == "message"],
            ["When shall we three meet again?", "When the hurlyburly's done"])
        self.destroy(crone)
        crone.expect_presence(f"{COVEN}/firstwitch", "unavailable")

    def test_who_is_in_a_persistent_room_is_there_still(self):
        self.talk_over_a_restart(persistentroom=1)

    def test_who_is_in_a_temporary_room_is_there_still(self):
        self.talk_over_a_restart()

    def test_who_does_not_come_back_leaves_the_room(self):
        crone = self.managed("crone")
        hag = self.managed("hag", inner="resume='true' max='1'")
        self.room(crone)
        enter(hag, "thirdwitch")
        crone.gather(COVEN)
        self.restart()
        crone = self.back(crone)
        crone.expect_presence(f"{COVEN}/thirdwitch", "unavailable")
        self.destroy(crone)
        crone.expect_presence(f"{COVEN}/firstwitch", "unavailable")

    def test_who_cannot_come_back_has_left_it(self):
        crone, hag = self.managed("crone"), self.client("hag")
        self.room(crone, persistentroom=1)
        enter(hag, "thirdwitch")
        crone.gather(COVEN)
        self.restart()
        crone = self.back(crone)
        crone.expect_presence(f"{COVEN}/thirdwitch", "unavailable")
        self.destroy(crone)
        crone.expect_presence(f"{COVEN}/firstwitch", "unavailable")


class TestCrash(Rooms):
    def test_a_room_is_as_it_was_told_to_be_and_empty(self):
        crone, hag = self.client("crone"), self.client("hag")
        self.room(crone, persistentroom=1, membersonly=1, roomname="The coven")
        self.assertEqual(
            crone.iq("set", f"<query xmlns='{MUC}#admin'>"
                     "<item affiliation='member' jid='hag@localhost'/></query>", COVEN)["type"], "result")
        enter(hag, "thirdwitch")
        crone.send(f"<message to='{COVEN}' type='groupchat'><subject>Toil</subject></message>")
        hag.expect(lambda stanza: is_subject(stanza)
                   and stanza.child("subject", "jabber:client").text == "Toil")
        say(hag, "Fire burn")
        self.hear(crone, "Fire burn")
        crone.gather(COVEN)
        self.server.kill()
        self.server.start()
        wicca, hag = self.client("wicca"), self.client("hag")
        self.assertEqual(enter(wicca, "secondwitch")["type"], "error")
        subject = enter(hag, "thirdwitch")
        self.assertEqual(subject.child("subject", "jabber:client").text, "Toil")
        self.assertEqual([stanza["from"] for stanza in hag.take() if stanza.name == "presence"],
                         [f"{COVEN}/thirdwitch"])
        crone = self.client("crone")
        enter(crone, "firstwitch")
        self.destroy(crone)
        crone.expect_presence(f"{COVEN}/firstwitch", "unavailable")


class TestAway(Rooms):
    def test_who_is_away_finds_all_that_the_room_has_said_of_him(self):
        hag, desk = self.managed("hag"), self.client("hag", "desk")
        self.room(hag, "thirdwitch")
        enter(desk, "thirdwitch")
        hag.gather(COVEN)
        self.lose(hag)
        for nick in ("beldam", "thirdwitch"):
            desk.presence(to=f"{COVEN}/{nick}")
            desk.expect_presence(f"{COVEN}/{nick}")
        back = self.authenticated("hag")
        self.assertEqual(back.resume(hag).name, "resumed")
        told = [(stanza["from"].split("/")[1], stanza["type"]) for stanza in back.gather(COVEN)
                if stanza.name == "presence" and stanza["from"].startswith(COVEN)]
        self.assertEqual(told, [("thirdwitch", "unavailable"), ("beldam", None),
                                ("beldam", "unavailable"), ("thirdwitch", None)])
        self.destroy(back)
        back.expect_presence(f"{COVEN}/thirdwitch", "unavailable")


class TestReload(Rooms):
    def test_a_new_module_goes_on_where_the_old_one_was(self):
        crone, hag = self.client("crone"), self.client("hag")
        self.room(crone)
        enter(hag, "thirdwitch")
        say(hag, "When shall we three meet again?")
        self.hear(crone, "When shall we three meet again?")
        for number in range(3):
            say(hag, f"before {number}")
            self.server.ctl("module", "reload", "muc", ROOMS)
            say(crone, f"after {number}")
            for client in (crone, hag):
                self.hear(client, f"before {number}")
                self.hear(client, f"after {number}")
        wicca = self.client("wicca")
        enter(wicca, "secondwitch")
        told = wicca.take()
        self.assertEqual(sum(stanza.name == "presence" for stanza in told), 3)
        self.assertEqual([stanza.body for stanza in told if stanza.name == "message"],
                         ["When shall we three meet again?"]
                         + [f"{when} {number}" for number in range(3) for when in ("before", "after")])
        self.destroy(crone)
        crone.expect_presence(f"{COVEN}/firstwitch", "unavailable")

    def test_a_new_archive_module_is_open_when_something_is_said(self):
        crone = self.client("crone")
        self.room(crone)
        self.server.ctl("module", "reload", "mam", ROOMS)
        say(crone, "Double, double")
        self.hear(crone, "Double, double")
        self.destroy(crone)
        crone.expect_presence(f"{COVEN}/firstwitch", "unavailable")


if __name__ == "__main__":
    report.main()
