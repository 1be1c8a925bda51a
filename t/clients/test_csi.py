# SPDX-License-Identifier: Apache-2.0
"""XEP-0352: what waits for a client that is inactive, and how long."""

import unittest

import report
from server import Server
from xmpp import Client

CSI = "urn:xmpp:csi:0"
SM = "urn:xmpp:sm:3"


class Inactive(unittest.TestCase):
    settings = {}

    def setUp(self):
        self.server = self.enterContext(Server(self.settings))
        self.juliet = self.client("juliet")
        self.juliet.send(f"<inactive xmlns='{CSI}'/>")
        self.juliet.ping("localhost")
        self.people = [self.client(f"romeo{number}") for number in range(3)]

    def client(self, name):
        self.server.add(f"{name}@localhost")
        return self.enterContext(Client(self.server)).login(name)

    def show(self, person, *states):
        """Directs presence to her session; it is there when this is done."""
        for state in states:
            person.presence(to=self.juliet.jid, inner=f"<show>{state}</show>")
        person.roundtrip(self.juliet.bare)

    def told(self, count):
        """The presence that she is told next."""
        came = [self.juliet.expect(lambda it: it.name == "presence") for _ in range(count)]
        return [(it["from"], it.child("show").text) for it in came]

    def names(self, *states):
        return [(self.people[number].jid, state) for number, state in states]

    def assert_inactive(self):
        """What waits is told with what cannot, the newest alone."""
        self.show(self.people[0], "away", "chat")
        self.people[0].message(self.juliet.jid, "Hark", "chat")
        self.assertEqual(self.told(1), self.names((0, "chat")))
        self.juliet.expect_message("Hark")


class TestBounds(Inactive):
    settings = {"csi.max_stanzas": 2, "csi.max_bytes": "8KiB"}

    def test_more_than_may_wait_is_told_at_once_and_the_client_stays_inactive(self):
        self.show(self.people[0], "away", "dnd")
        self.show(self.people[1], "xa")
        self.show(self.people[2], "away")
        self.assertEqual(self.told(3), self.names((0, "dnd"), (1, "xa"), (2, "away")))
        self.assert_inactive()

    def test_so_is_what_takes_more_memory_than_may_wait(self):
        self.people[0].presence(
            to=self.juliet.jid, inner=f"<show>away</show><status>{'O ' * 5000}</status>")
        self.assertEqual(self.told(1), self.names((0, "away")))
        self.assert_inactive()


class TestNothing(Inactive):
    settings = {"csi.max_stanzas": 0}

    def test_nothing_waits_where_nothing_may(self):
        self.show(self.people[0], "away", "dnd")
        self.assertEqual(self.told(2), self.names((0, "away"), (0, "dnd")))


class TestModule(Inactive):
    def test_what_waits_is_told_before_the_module_is_exchanged(self):
        self.show(self.people[0], "away", "dnd")
        self.server.ctl("module", "reload", "csi")
        self.assertEqual(self.told(1), self.names((0, "dnd")))
        self.assert_inactive()

    def test_without_the_module_nothing_waits_and_nobody_may_speak_of_it(self):
        self.show(self.people[0], "away", "dnd")
        self.server.ctl("module", "unload", "csi")
        self.assertEqual(self.told(1), self.names((0, "dnd")))
        self.show(self.people[0], "away", "chat")
        self.assertEqual(self.told(2), self.names((0, "away"), (0, "chat")))
        with self.assertRaisesRegex(Exception, "unsupported-stanza-type"):
            self.juliet.send(f"<active xmlns='{CSI}'/>")
            self.juliet.element()

    def test_a_session_that_is_resumed_is_active_and_is_told_what_waited(self):
        self.juliet.send(f"<enable xmlns='{SM}' resume='true'/>")
        name = self.juliet.expect(lambda it: it.name == "enabled")["id"]
        self.juliet.cut()
        self.show(self.people[0], "away", "dnd")
        address, self.juliet = self.juliet.jid, self.enterContext(Client(self.server))
        self.juliet.starttls()
        self.juliet.features()
        self.juliet.authenticate("juliet")
        self.juliet.features()
        self.juliet.send(f"<resume xmlns='{SM}' previd='{name}' h='0'/>")
        self.juliet.expect(lambda it: it.name == "resumed")
        self.juliet.jid = address
        self.assertEqual(self.told(1), self.names((0, "dnd")))
        self.show(self.people[0], "away", "chat")
        self.assertEqual(self.told(2), self.names((0, "away"), (0, "chat")))

    def test_the_server_goes_on_when_a_session_ends_for_which_something_waits(self):
        self.show(self.people[0], "away")
        self.juliet.send("</stream:stream>")
        again = self.enterContext(Client(self.server)).login("juliet")
        self.assertEqual(again.gather(again.bare), [])


if __name__ == "__main__":
    report.main()
