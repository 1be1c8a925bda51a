# SPDX-License-Identifier: Apache-2.0
"""What was retracted (XEP-0424) is gone: from an archive, also when the server dies between the
retraction and the tombstone, and from what waits for somebody who is away."""

import os
import signal
import unittest
from xml.sax.saxutils import quoteattr

import report
from server import Server, wait_until
from test_disk import faulty
from xmpp import Client

RETRACT = "urn:xmpp:message-retract:1"
CORRECT = "urn:xmpp:message-correct:0"
MAM = "urn:xmpp:mam:2"
FORWARD = "urn:xmpp:forward:0"
SECRET = "the friar has a potion"


def retract(client, to, name, id):
    client.send(f"<message to={quoteattr(to)} type='chat' id='{id}'><retract xmlns='{RETRACT}'"
                f" id='{name}'/><body>I retract that</body></message>")


def bodies(stanzas):
    return [stanza.body for stanza in stanzas if stanza.name == "message"]


class TestRetract(unittest.TestCase):
    def serve(self, environment=None, modules=None):
        hosts = {"localhost": {"modules": modules} if modules else {}}
        self.server = Server(environment=environment, hosts=hosts)
        self.addCleanup(self.server.remove)
        return self.server

    def log_in(self, name):
        client = Client(self.server, direct=True).login(name, mechanism="SCRAM-SHA-1")
        self.addCleanup(client.cut)
        return client

    def archive(self, client):
        client.iq("set", f"<query xmlns='{MAM}'/>")
        results = [stanza.child("result", MAM) for stanza in client.take()]
        return [result.child("forwarded", FORWARD).child("message") for result in results if result]

    def test_a_crash_leaves_no_original_beside_its_retraction(self):
        server = self.serve(environment=faulty())
        switch = os.path.join(server.folder, "faults")
        server.environment["SARANG_FAULTS"] = switch
        server.start()
        server.add("romeo@localhost")
        romeo = self.log_in("romeo")
        romeo.message("juliet@localhost", SECRET, "chat", id="one")
        romeo.message("juliet@localhost", "hello", "chat", id="two")
        romeo.send("<message to='juliet@localhost' type='chat' id='three'>"
                   f"<body>{SECRET}, quick</body><replace xmlns='{CORRECT}' id='one'/></message>")
        romeo.gather("romeo@localhost")
        with open(switch, "w", encoding="ascii") as file:
            file.write(f"kill {RETRACT}\n")
        retract(romeo, "juliet@localhost", "one", "four")
        self.assertEqual(server.wait(), -signal.SIGKILL)
        server.process = None
        os.remove(switch)
        server.start()
        romeo = self.log_in("romeo")
        messages = self.archive(romeo)
        self.assertEqual([it["id"] for it in messages], ["one", "two", "three", "four"])
        self.assertEqual([it.body for it in messages], [None, "hello", None, "I retract that"])
        for stone in (messages[0], messages[2]):
            self.assertEqual(stone.child("retracted", RETRACT)["id"], "four")
        # It is done once: nothing of it is noted any more.
        server.stop()
        server.start()
        self.assertEqual([it.body for it in self.archive(self.log_in("romeo"))],
                         [None, "hello", None, "I retract that"])
        server.ctl("archive", "verify", "romeo@localhost")
        server.stop()

    def test_a_retraction_that_was_not_kept_retracts_nothing(self):
        server = self.serve(environment=faulty())
        switch = os.path.join(server.folder, "faults")
        server.environment["SARANG_FAULTS"] = switch
        server.start()
        server.add("romeo@localhost", "juliet@localhost")
        romeo = self.log_in("romeo")
        romeo.message("juliet@localhost", SECRET, "chat", id="one")
        romeo.gather("juliet@localhost")
        with open(switch, "w", encoding="ascii") as file:
            file.write("write 28\n")
        retract(romeo, "juliet@localhost", "one", "two")
        romeo.expect(lambda stanza: stanza["type"] == "error" and stanza["id"] == "two")
        os.remove(switch)
        for _ in range(2):
            self.assertEqual([it.body for it in self.archive(self.log_in("romeo"))], [SECRET])
            server.stop()
            server.start()
        server.stop()

    def test_a_tombstone_that_finds_the_disk_full_is_made_when_there_is_room(self):
        server = self.serve(environment=faulty())
        switch = os.path.join(server.folder, "faults")
        server.environment["SARANG_FAULTS"] = switch
        server.start()
        server.add("romeo@localhost")
        romeo = self.log_in("romeo")
        romeo.message("juliet@localhost", SECRET, "chat", id="one")
        romeo.gather("romeo@localhost")
        with open(switch, "w", encoding="ascii") as file:
            file.write(f"full {RETRACT}\n")
        retract(romeo, "juliet@localhost", "one", "two")
        server.wait_for_log("cannot retract a message")
        os.remove(switch)
        wait_until(lambda: [it.body for it in self.archive(romeo)] == [None, "I retract that"],
                   "there is a tombstone")
        server.stop()

    def check_offline(self, modules=None):
        server = self.serve(modules=modules)
        server.start()
        server.add("romeo@localhost", "juliet@localhost", "mercutio@localhost")
        romeo, mercutio = self.log_in("romeo"), self.log_in("mercutio")
        romeo.message("juliet@localhost", SECRET, "chat", id="one")
        romeo.message("juliet@localhost", "hello", "chat", id="two")
        romeo.send("<message to='juliet@localhost' type='chat' id='three'>"
                   f"<body>{SECRET}, quick</body><replace xmlns='{CORRECT}' id='one'/></message>")
        romeo.gather("juliet@localhost")
        mercutio.message("juliet@localhost", "of another", "chat", id="one")
        retract(mercutio, "juliet@localhost", "two", "not his")
        mercutio.gather("juliet@localhost")
        retract(romeo, "juliet@localhost", "one", "four")
        romeo.gather("juliet@localhost")
        juliet = self.log_in("juliet")
        self.assertEqual(bodies(juliet.come()),
                         ["hello", "of another", "I retract that", "I retract that"])
        server.stop()

    def test_who_was_away_gets_the_retraction_and_not_what_it_retracts(self):
        self.check_offline()

    def test_so_he_does_without_an_archive(self):
        self.check_offline(["roster", "presence", "message", "offline", "disco", "ping"])

    def test_what_a_session_has_taken_back_waits_for_no_other(self):
        server = self.serve()
        server.start()
        server.add("romeo@localhost", "juliet@localhost")
        romeo = self.log_in("romeo")
        romeo.message("juliet@localhost", SECRET, "chat", id="one")
        romeo.gather("juliet@localhost")
        shy = self.log_in("juliet")
        shy.come(priority=-1)
        retract(romeo, shy.jid, "one", "two")
        self.assertEqual(shy.expect(lambda stanza: stanza.has("retract", RETRACT))["id"], "two")
        self.assertEqual(bodies(self.log_in("juliet").come()), [])
        server.stop()


if __name__ == "__main__":
    report.main()
