# SPDX-License-Identifier: Apache-2.0
"""The inbox (XEP-0430): it is whole after a restart, after kill -9, and when modules are exchanged;
read positions that a client was acknowledged are kept."""

import unittest

import report
from server import Server, wait_until
from xmpp import Client

INBOX = "urn:xmpp:inbox:1"
DETAILS = "urn:sarang:inbox:0"
MAM = "urn:xmpp:mam:2"
MARKERS = "urn:xmpp:chat-markers:0"
MDS = "urn:xmpp:mds:displayed:0"
RSM = "http://jabber.org/protocol/rsm"
SID = "urn:xmpp:sid:0"
SM = "urn:xmpp:sm:3"
FORWARD = "urn:xmpp:forward:0"


class Inbox:
    """One answer: its entries as (jid, unread), their last bodies, and the totals."""

    def __init__(self, client, attributes="", rsm=""):
        client.take()
        answer = client.iq("get", f"<inbox xmlns='{INBOX}' {attributes}>{rsm}</inbox>")
        assert answer["type"] == "result", answer
        stanzas = [stanza for stanza in client.take() if stanza.has("entry", INBOX)]
        entries = [stanza.child("entry", INBOX) for stanza in stanzas]
        self.details = [entry.child("details", DETAILS) for entry in entries]
        self.entries = [(entry["jid"], int(entry["unread"])) for entry in entries]
        self.bodies = [
            stanza.child("result", MAM).child("forwarded", FORWARD).child("message").body
            for stanza in stanzas if stanza.has("result", MAM)]
        self.fin = answer.child("fin", INBOX)
        self.totals = tuple(int(self.fin[name]) for name in ("total", "unread", "all-unread"))
        self.last = self.fin.child("set", RSM).child("last", RSM)


class TestInbox(unittest.TestCase):
    def setUp(self):
        self.server = Server({"inbox.max_page": 5})
        self.addCleanup(self.server.remove)
        self.server.start()
        self.server.add("juliet@localhost", "romeo@localhost", "nurse@localhost")

    def login(self, name):
        client = Client(self.server, direct=True).login(name)
        self.addCleanup(client.cut)
        return client

    def restart(self, how):
        if how == "kill":
            self.server.kill()
        else:
            self.server.stop()
        self.server.start()

    def say(self, client, *bodies, to="juliet@localhost"):
        for body in bodies:
            client.message(to, body, "chat", id=body)

    def known(self, client, totals, **options):
        """The inbox, once it says so: what others said is on its way."""
        found = []

        def holds():
            found.append(Inbox(client, **options))
            return found[-1].totals == totals
        wait_until(holds, f"totals of {totals}")
        return found[-1]

    def mark(self, client, to, marked):
        """Acknowledged (XEP-0198) when done."""
        client.send(f"<enable xmlns='{SM}'/>")
        client.expect(lambda element: element.ns == SM and element.name == "enabled")
        client.send(f"<message type='chat' to='{to}'><displayed xmlns='{MARKERS}' id='{marked}'/>"
                    "</message>")
        client.send(f"<r xmlns='{SM}'/>")
        while True:
            if client.expect(lambda it: it.ns == SM and it.name == "a")["h"] == "1":
                return

    def test_counts_and_positions_survive_a_restart_and_kill(self):
        romeo, nurse = self.login("romeo"), self.login("nurse")
        self.say(romeo, "r1", "r2", "r3")
        self.say(nurse, "n1")
        juliet = self.login("juliet")
        self.known(juliet, (2, 2, 4))
        self.mark(juliet, "romeo@localhost", "r2")
        expected = [("nurse@localhost", 1), ("romeo@localhost", 1)]
        for how in ("kill", "stop", "kill"):
            self.restart(how)
            inbox = Inbox(self.login("juliet"))
            self.assertEqual(inbox.totals, (2, 2, 2))
            self.assertEqual(inbox.entries, expected)
            self.assertEqual(inbox.bodies, ["n1", "r3"])
            self.assertTrue(inbox.details[1]["displayed"])
            seen = Inbox(self.login("romeo"))
            self.assertEqual(seen.entries, [("juliet@localhost", 0)])
            self.assertTrue(seen.details[0]["seen"])
            self.assertNotEqual(seen.details[0]["seen"], seen.details[0]["displayed"])

    def test_a_stanza_id_moves_the_position_and_that_is_kept(self):
        romeo, juliet = self.login("romeo"), self.login("juliet")
        juliet.come()
        self.say(romeo, "r1", "r2", "r3")
        ids = [juliet.expect_message(body).child("stanza-id", SID)["id"]
               for body in ("r1", "r2", "r3")]
        juliet.send("<message type='chat' to='romeo@localhost'>"
                    f"<displayed xmlns='{MARKERS}' id='unknown'/><displayed xmlns='{MDS}'>"
                    f"<stanza-id xmlns='{SID}' by='juliet@localhost' id='{ids[1]}'/></displayed>"
                    "</message>")
        inbox = self.known(juliet, (1, 1, 1))
        self.assertEqual(inbox.details[0]["displayed"], ids[1])
        self.restart("kill")
        inbox = Inbox(self.login("juliet"))
        self.assertEqual(inbox.totals, (1, 1, 1))
        self.assertEqual(inbox.details[0]["displayed"], ids[1])

    def test_pages_follow_each_other_and_are_bounded(self):  # inbox.max_page
        juliet = self.login("juliet")
        for number in range(12):
            juliet.message(f"p{number}@localhost", str(number), "chat")
        found, rsm = [], ""
        while True:
            inbox = Inbox(juliet, rsm=rsm)
            self.assertEqual(inbox.totals, (12, 0, 0))
            self.assertLessEqual(len(inbox.entries), 5)
            found += inbox.bodies
            if inbox.fin.child("details", DETAILS)["complete"] == "true":
                break
            rsm = f"<set xmlns='{RSM}'><max>100</max><after>{inbox.last.text}</after></set>"
        self.assertEqual(found, [str(number) for number in range(11, -1, -1)])

    def test_it_is_the_same_when_modules_are_exchanged(self):
        romeo, juliet = self.login("romeo"), self.login("juliet")
        self.say(romeo, "r1", "r2")
        self.known(juliet, (1, 1, 2))
        for module in ("inbox", "mam"):
            self.server.ctl("module", "reload", module, "localhost")
            self.assertEqual(Inbox(juliet).entries, [("romeo@localhost", 2)])
        self.server.ctl("module", "unload", "mam", "localhost")
        answer = juliet.iq("get", f"<inbox xmlns='{INBOX}'/>")
        self.assertEqual(answer.error(), ("cancel", "service-unavailable"))
        self.server.ctl("module", "load", "mam", "localhost")
        self.server.ctl("module", "unload", "inbox", "localhost")
        self.say(romeo, "r3")
        self.server.ctl("module", "load", "inbox", "localhost")
        self.known(juliet, (1, 1, 3))

    def test_it_is_shown_to_nobody_else(self):
        juliet = self.login("juliet")
        answer = juliet.iq("get", f"<inbox xmlns='{INBOX}'/>", to="romeo@localhost")
        self.assertEqual(answer.error(), ("cancel", "service-unavailable"))


if __name__ == "__main__":
    report.main()
