# SPDX-License-Identifier: Apache-2.0
"""Who watches over words in a room hears all that is about to be said there, before it counts for
anything: what he refuses is said to nobody and kept nowhere, what he changes is all that remains.

A module that does so is loaded (t/modules/censor.cpp)."""

import itertools
import re
import unittest

import report
from server import Server
from xmpp import Client

MUC = "http://jabber.org/protocol/muc"
MAM = "urn:xmpp:mam:2"
FORWARD = "urn:xmpp:forward:0"
REFERENCE = "urn:xmpp:reference:0"
RETRACT = "urn:xmpp:message-retract:1"
POLICY = ("modify", "policy-violation")


class TestCensor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rooms = {"accounts": "none", "modules": ["disco", "mam", "censor", "muc"]}
        cls.server = Server(hosts={"localhost": {}, "rooms.localhost": rooms})
        cls.server.add_test_modules()
        cls.server.start()
        cls.server.add("crone@localhost", "witch@localhost")

    @classmethod
    def tearDownClass(cls):
        try:
            cls.server.stop()
        finally:
            cls.server.remove()

    def setUp(self):
        self.ids = itertools.count()
        self.room = f"{self.id().rpartition('.')[2].replace('_', '-')}@rooms.localhost"
        self.crone = self.login("crone")
        self.witch = self.login("witch")

    def login(self, name):
        client = Client(self.server, direct=True).login(name)
        self.addCleanup(client.cut)
        return client

    def enter(self, client, nick, kind=None):
        client.presence(kind, to=f"{self.room}/{nick}", inner=f"<x xmlns='{MUC}'/>")
        return client.expect(
            lambda stanza: stanza["type"] == "error" or stanza.name == "message"
            and stanza.has("subject"))

    def configure(self, **fields):
        form = "".join(f"<field var='muc#roomconfig_{name}'><value>{value}</value></field>"
                       for name, value in fields.items())
        answer = self.crone.iq(
            "set", f"<query xmlns='{MUC}#owner'><x xmlns='jabber:x:data' type='submit'>"
            f"<field var='FORM_TYPE'><value>{MUC}#roomconfig</value></field>{form}</x></query>",
            to=self.room)
        self.assertEqual(answer["type"], "result")

    def both_enter(self, **fields):
        self.enter(self.crone, "first")
        self.configure(**fields)
        self.enter(self.witch, "third")
        self.crone.gather(self.room)

    def heard(self, kind):
        """What the module was told of this room, the last of that kind."""
        found = re.findall(
            rf"heard {kind} {re.escape(self.room)} (\S+) (\S+) '(.*)' (\S+) (\d+) '(.*)'",
            self.server.log())
        return found[-1] if found else None

    def say(self, client, inside, kind="groupchat", to=None):
        """What comes back of it: the message itself, or an error."""
        id = f"m{next(self.ids)}"
        client.send(f"<message type='{kind}' to='{to or self.room}' id='{id}'>{inside}</message>")
        return client.expect(lambda stanza: stanza.name == "message" and stanza["id"] == id)

    def archive(self, client):
        client.take()
        answer = client.iq("set", f"<query xmlns='{MAM}'/>", to=self.room)
        self.assertEqual(answer["type"], "result")
        results = [stanza.child("result", MAM) for stanza in client.take()]
        return [result.child("forwarded", FORWARD).child("message") for result in results
                if result is not None]

    def test_it_is_told_who_says_what_where(self):
        self.both_enter()
        self.say(self.witch, "<body>a</body><body xml:lang='ko'>b</body>")
        self.assertEqual(
            self.heard("message"), (self.witch.jid, "none", "third", "plain", "2", ""))
        self.say(self.crone, "<subject>Fire</subject>")
        self.assertEqual(
            self.heard("subject"), (self.crone.jid, "owner", "first", "plain", "1", ""))
        self.say(self.witch, "<body>x</body><encryption xmlns='urn:xmpp:eme:0' namespace='urn:x'/>")
        self.assertEqual(self.heard("message")[3:5], ("encrypted", "1"))
        self.witch.message(f"{self.room}/first", "between us", "chat")
        self.crone.expect_message("between us")
        self.assertEqual(
            self.heard("private"), (self.witch.jid, "none", "third", "plain", "1", ""))

    def test_what_it_changes_is_said_and_kept(self):
        self.both_enter()
        text = "<body>Hail, hag!</body><body xml:lang='ko'>hag 안녕</body>"
        reference = (f"<reference xmlns='{REFERENCE}' type='mention' begin='6' end='9' "
                     "uri='xmpp:a@localhost'/>")
        said = self.say(self.witch, text + reference)
        got = self.crone.expect(lambda stanza: stanza["id"] == said["id"])
        for one in [said, got] + self.archive(self.crone):
            self.assertEqual([child.text for child in one.children if child.name == "body"],
                             ["Hail, ***!", "*** 안녕"])
            self.assertFalse(one.has("reference"))
        late = self.login("witch")
        self.enter(late, "third")
        self.assertTrue(any(one.body == "Hail, ***!" for one in late.inbox))

    def test_what_it_refuses_is_said_to_nobody_and_kept_nowhere(self):
        self.both_enter()
        self.assertEqual(self.say(self.witch, "<body>treason</body>").error(), POLICY)
        self.assertEqual(self.archive(self.witch), [])
        self.assertFalse(any(one.name == "message" for one in self.crone.gather(self.room)))
        self.assertEqual(self.say(self.crone, "<subject>treason</subject>").error(), POLICY)
        late = self.login("witch")
        self.assertEqual(self.enter(late, "third").child("subject").text, "")

    def test_what_it_drops_is_told_to_nobody(self):
        self.both_enter()
        self.witch.send(f"<message type='groupchat' to='{self.room}'><body>silence</body></message>"
                        f"<message type='chat' to='{self.room}/first'><body>silence</body></message>")
        for client in (self.witch, self.crone):
            self.assertFalse(any(one.name == "message" for one in client.gather(self.room)))
        self.assertEqual(self.archive(self.witch), [])

    def test_subjects_and_private_messages_are_changed_too(self):
        self.both_enter()
        self.assertEqual(self.say(self.crone, "<subject>hag</subject>").child("subject").text, "***")
        late = self.login("witch")
        self.assertEqual(self.enter(late, "third").child("subject").text, "***")
        self.witch.message(f"{self.room}/first", "a hag between us", "chat")
        self.crone.expect_message("a *** between us")
        refused = self.say(self.witch, "<body>treason</body>", "chat", f"{self.room}/first")
        self.assertEqual(refused.error(), POLICY)

    def test_what_it_refuses_does_not_count_in_slow_mode(self):
        self.both_enter(slow_mode_duration=3600)
        self.assertEqual(self.say(self.witch, "<body>treason</body>").error(), POLICY)
        self.assertEqual(self.say(self.witch, "<body>1</body>")["type"], "groupchat")
        self.assertEqual(self.say(self.witch, "<body>2</body>").error()[0], "wait")

    def test_a_retraction_that_it_refuses_takes_nothing_back(self):
        self.both_enter()
        said = self.say(self.witch, "<body>1</body>")
        retract = f"<retract xmlns='{RETRACT}' id='{said.child('stanza-id')['id']}'/>"
        refused = self.say(self.witch, retract + "<body>treason</body>")
        self.assertEqual(refused.error(), POLICY)
        self.assertEqual([one.body for one in self.archive(self.witch)], ["1"])
        self.say(self.witch, retract + "<body>the hag took it back</body>")
        kept = self.archive(self.witch)
        self.assertTrue(kept[0].has("retracted", RETRACT))
        self.assertEqual(kept[1].body, "the *** took it back")

    def test_nicknames_are_heard_when_one_enters_changes_and_registers(self):
        self.enter(self.crone, "first")
        self.configure()
        self.assertEqual(self.enter(self.witch, "treason").error(), POLICY)
        self.assertEqual(self.heard("nickname"),
                         (self.witch.jid, "none", "", "plain", "0", "treason"))
        self.assertEqual(self.enter(self.witch, "silence").error(), ("modify", "not-acceptable"))
        self.enter(self.witch, "third")
        self.witch.presence(to=f"{self.room}/treason")
        refused = self.witch.expect(lambda stanza: stanza["type"] == "error")
        self.assertEqual(refused.error(), POLICY)
        self.assertEqual(self.heard("nickname")[2], "third")
        register = ("<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>"
                    f"<field var='FORM_TYPE'><value>{MUC}#register</value></field>"
                    "<field var='muc#register_roomnick'><value>{}</value></field></x></query>")
        answer = self.witch.iq("set", register.format("treason"), to=self.room)
        self.assertEqual(answer.error(), POLICY)
        self.assertEqual(self.witch.iq("set", register.format("rose"), to=self.room)["type"],
                         "result")

    def test_a_room_that_is_refused_by_its_first_nickname_is_not_made(self):
        self.assertEqual(self.enter(self.witch, "treason").error(), POLICY)
        self.assertEqual(self.enter(self.crone, "first").name, "message")
        self.assertEqual(self.crone.iq("get", f"<query xmlns='{MUC}#owner'/>",
                                       to=self.room)["type"], "result")


if __name__ == "__main__":
    report.main()
