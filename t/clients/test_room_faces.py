# SPDX-License-Identifier: Apache-2.0
"""What rooms keep of hats, avatars, versions of affiliations and activity: over a restart and a crash,
and no more than their limits."""

import base64
import hashlib
import unittest

import report
from server import Server
from xmpp import Client

MUC = "http://jabber.org/protocol/muc"
USER = MUC + "#user"
HATS = "urn:xmpp:hats:0"
COMMANDS = "http://jabber.org/protocol/commands"
MAV = "urn:xmpp:muc:affiliations:1"
INFO = "http://jabber.org/protocol/disco#info"
DATA = "jabber:x:data"
CARD = "<vCard xmlns='vcard-temp'/>"
ROOMS = {"accounts": "none", "modules": ["disco", "mam", "muc"]}
GARDEN = "garden@rooms.localhost"


def form(**fields):
    return "".join(f"<field var='{var}'><value>{value}</value></field>"
                   for var, value in fields.items())


def card_of(picture):
    return (f"<vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE><BINVAL>"
            f"{base64.b64encode(picture).decode()}</BINVAL></PHOTO></vCard>")


class Faces(unittest.TestCase):
    settings = {}

    def setUp(self):
        self.server = Server(self.settings, {"localhost": {}, "rooms.localhost": ROOMS})
        self.addCleanup(self.server.remove)
        self.server.start()
        self.server.add("juliet@localhost", "romeo@localhost", "nurse@localhost")
        self.server.ctl("room", "create", GARDEN, "juliet@localhost")
        self.server.ctl("room", "config", GARDEN, "whois=anyone")

    def tearDown(self):
        self.server.stop()

    def restart(self, how):
        how()
        self.server.start()

    def login(self, name):
        client = Client(self.server, direct=True).login(name)
        self.addCleanup(client.cut)
        client.come()
        return client

    def enter(self, client, nick, inner=""):
        """What comes to who enters, but for the subject."""
        client.presence(to=f"{GARDEN}/{nick}", inner=f"<x xmlns='{MUC}'>{inner}</x>")
        client.expect(lambda stanza: stanza.name == "message" and stanza.has("subject"))
        return client.take()

    def command(self, client, name, **fields):
        fields = {f"hats#{field}": value for field, value in fields.items()}
        return client.iq(
            "set", f"<command xmlns='{COMMANDS}' node='urn:xmpp:hats:commands:{name}'>"
                   f"<x xmlns='{DATA}' type='submit'>{form(**fields)}</x></command>", GARDEN)

    def done(self, answer):
        self.assertEqual(answer["type"], "result", answer)

    def facts(self, client):
        """The fields of muc#roominfo."""
        query = client.iq("get", f"<query xmlns='{INFO}'/>", GARDEN).child("query", INFO)
        return {field["var"]: [value.text for value in field.children]
                for field in query.child("x", DATA).children if field.name == "field"}

    def change(self, client, **affiliations):
        items = "".join(f"<item jid='{name}@localhost' affiliation='{affiliation}'/>"
                        for name, affiliation in affiliations.items())
        self.done(client.iq("set", f"<query xmlns='{MUC}#admin'>{items}</query>", GARDEN))


def version_of(stanzas):
    """That of one's own presence."""
    own = [stanza.child("x", USER) for stanza in stanzas if stanza.name == "presence"][-1]
    return own.child("mav", MAV)["until"]


def items_of(stanzas):
    """From which version, and the affiliations that were told with it."""
    told = [stanza.child("x", USER) for stanza in stanzas
            if stanza.name == "message" and stanza.has("x", USER)]
    if not told:
        return None
    return told[0].child("mav", MAV)["since"], {
        item["jid"].split("@")[0]: item["affiliation"]
        for item in told[0].children if item.name == "item"}


class TestKept(Faces):
    def survives(self, how):
        juliet = self.login("juliet")
        self.enter(juliet, "juliet")
        self.done(self.command(juliet, "create", uri="urn:hats:rose", title="Rose", hue="1.5"))
        self.done(self.command(juliet, "assign", uri="urn:hats:rose", jid="juliet@localhost"))
        for picture in (b"a rose", b"another rose"):
            self.done(juliet.iq("set", card_of(picture), GARDEN))
        facts = self.facts(juliet)
        juliet.message(GARDEN, "What's in a name?", "groupchat")
        juliet.expect_message("What's in a name?")
        self.assertEqual(self.facts(juliet)["{urn:xmpp:muc-activity}message-activity"], ["1.00"])
        juliet.close()
        nurse = self.login("nurse")  # what she has done is kept, so all that came before is
        nick = form(**{"FORM_TYPE": f"{MUC}#register", "muc#register_roomnick": "nurse"})
        self.done(nurse.iq("set", "<query xmlns='jabber:iq:register'>"
                                  f"<x xmlns='{DATA}' type='submit'>{nick}</x></query>", GARDEN))
        nurse.close()
        self.restart(how)
        juliet = self.login("juliet")
        own = [one for one in self.enter(juliet, "juliet") if one.name == "presence"][-1]
        hat = own.child("hats", HATS).children[0]
        self.assertEqual((hat["uri"], hat["title"], hat["hue"]), ("urn:hats:rose", "Rose", "1.5"))
        after = self.facts(juliet)
        self.assertEqual(after["hats#hash"], facts["hats#hash"])
        self.assertEqual(after["muc#roominfo_avatarhash"],
                         [hashlib.sha1(b"another rose").hexdigest()])
        self.assertEqual(after["{urn:xmpp:muc-activity}message-activity"], ["1.00"])
        card = juliet.iq("get", CARD, GARDEN).child("vCard", "vcard-temp").children[0]
        self.assertEqual(base64.b64decode(card.child("BINVAL").text), b"another rose")

    def test_hats_avatar_and_activity_outlive_a_restart(self):
        self.survives(self.server.stop)

    def test_hats_avatar_and_activity_outlive_a_crash(self):
        self.survives(self.server.kill)

    def test_they_outlive_a_new_module(self):
        juliet = self.login("juliet")
        self.enter(juliet, "juliet")
        self.done(self.command(juliet, "create", uri="urn:hats:rose", title="Rose"))
        self.done(self.command(juliet, "assign", uri="urn:hats:rose", jid="romeo@localhost"))
        self.done(juliet.iq("set", card_of(b"a rose"), GARDEN))
        juliet.message(GARDEN, "What's in a name?", "groupchat")
        juliet.expect_message("What's in a name?")
        facts = self.facts(juliet)
        self.server.ctl("module", "reload", "muc")
        self.assertEqual(self.facts(juliet), facts)
        romeo = self.login("romeo")
        own = [one for one in self.enter(romeo, "romeo") if one.name == "presence"][-1]
        self.assertTrue(own.has("hats", HATS))

    def versions_survive(self, how):
        juliet = self.login("juliet")
        self.enter(juliet, "juliet")
        self.change(juliet, romeo="member", nurse="admin")
        nurse = self.login("nurse")
        version = version_of(self.enter(nurse, "nurse"))
        nurse.close()
        self.change(juliet, romeo="none", tybalt="outcast")
        juliet.close()
        self.restart(how)
        nurse = self.login("nurse")
        self.assertEqual(
            items_of(self.enter(nurse, "nurse", f"<mav xmlns='{MAV}' since='{version}'/>")),
            (version, {"romeo": "none", "tybalt": "outcast"}))
        version = version_of(self.enter(nurse, "nurse"))
        nurse.close()
        self.restart(how)
        nurse = self.login("nurse")
        self.assertIsNone(
            items_of(self.enter(nurse, "nurse", f"<mav xmlns='{MAV}' since='{version}'/>")))

    def test_versions_outlive_a_restart(self):
        self.versions_survive(self.server.stop)

    def test_versions_outlive_a_crash(self):
        self.versions_survive(self.server.kill)

    def test_a_room_of_the_same_name_has_other_versions(self):
        juliet = self.login("juliet")
        version = version_of(self.enter(juliet, "juliet"))
        self.server.ctl("room", "destroy", GARDEN)
        self.server.ctl("room", "create", GARDEN, "juliet@localhost")
        juliet.take()
        told = self.enter(juliet, "juliet", f"<mav xmlns='{MAV}' since='{version}'/>")
        self.assertEqual(items_of(told), (None, {"juliet": "owner"}))

    def test_many_affiliations_are_told_in_parts(self):
        juliet = self.login("juliet")
        names = {f"m{number}": "member" for number in range(1100)}
        for start in range(0, 1100, 100):
            self.change(juliet, **dict(list(names.items())[start:start + 100]))
        told = [stanza.child("x", USER)
                for stanza in self.enter(juliet, "juliet", f"<mav xmlns='{MAV}'/>")
                if stanza.name == "message"]
        versions = [x.child("mav", MAV) for x in told]
        self.assertEqual(len(told), 3)
        self.assertIsNone(versions[0]["since"])
        for one, next_one in zip(versions, versions[1:]):
            self.assertEqual(one["until"], next_one["since"])
        found = {item["jid"].split("@")[0]: item["affiliation"]
                 for x in told for item in x.children if item.name == "item"}
        self.assertEqual(found, {"juliet": "owner", **names})


class TestLimits(Faces):
    settings = {"muc.max_avatar": "2KiB", "muc.max_hats": 2}

    def test_an_avatar_is_so_large(self):  # muc.max_avatar
        juliet = self.login("juliet")
        large = 2048 - len(card_of(b""))
        large -= large % 4
        picture = b"x" * (large // 4 * 3)
        self.done(juliet.iq("set", card_of(picture), GARDEN))
        self.assertEqual(juliet.iq("set", card_of(picture + b"xxxx"), GARDEN).error(),
                         ("modify", "policy-violation"))
        self.assertEqual(self.facts(juliet)["muc#roominfo_avatarhash"],
                         [hashlib.sha1(picture).hexdigest()])

    def test_a_room_has_so_many_hats(self):  # muc.max_hats
        juliet = self.login("juliet")
        for name, answer in (("a", None), ("b", None), ("c", ("modify", "policy-violation")),
                             ("b", None)):
            made = self.command(juliet, "create", uri=f"urn:hats:{name}", title=name)
            if answer is None:
                self.done(made)
            else:
                self.assertEqual(made.error(), answer)
        for number in range(101):
            given = self.command(juliet, "assign", uri="urn:hats:a", jid=f"m{number}@localhost")
            if number < 100:
                self.done(given)
        self.assertEqual(given.error(), ("modify", "policy-violation"))


if __name__ == "__main__":
    report.main()
