# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment under load, again and again on the same data: what XEP-0198 acknowledged is
in both archives afterwards, once and in order; nobody saw a message that the crash took back; and
no archive id was given twice."""

import collections
import random
import threading
import time
import unittest

import report
from server import SANITIZED, Server
from xmpp import Client, Element, Gone

ROUNDS = 8 if SANITIZED else 200
LONGEST = 2.0 if SANITIZED else 0.25  # seconds of load before the kill
IN_FLIGHT = 40
MAM = "urn:xmpp:mam:2"
RSM = "http://jabber.org/protocol/rsm"
SID = "urn:xmpp:sid:0"
SM = "urn:xmpp:sm:3"
FORWARD = "urn:xmpp:forward:0"


def archive(client, after=None):
    """All entries of the own archive behind an id, as (id, body)."""
    entries = []
    while True:
        place = f"<after>{after}</after>" if after else ""
        fin = client.iq("set", f"<query xmlns='{MAM}'><set xmlns='{RSM}'><max>100</max>{place}</set>"
                               "</query>").child("fin", MAM)
        for stanza in client.take():
            result = stanza.child("result", MAM)
            if result is None:
                continue
            message = result.child("forwarded", FORWARD).child("message")
            entries.append((result["id"], message.body))
        if fin["complete"] == "true":
            return entries
        after = fin.child("set", RSM).child("last", RSM).text


class Sender(threading.Thread):
    """Sends numbers, and notes up to which one they are acknowledged."""

    def __init__(self, server, first):
        super().__init__()
        self.first = first
        self.sent = first - 1
        self.acknowledged = first - 1
        self.client = Client(server, direct=True).login("romeo", mechanism="SCRAM-SHA-1")
        self.client.send(f"<enable xmlns='{SM}'/>")
        assert self.client.element().name == "enabled"

    def run(self):
        try:
            while True:
                while self.sent - self.acknowledged < IN_FLIGHT:
                    self.sent += 1
                    self.client.message("juliet@localhost", str(self.sent), "chat")
                    if self.sent % 7 == 0 or self.sent - self.acknowledged == IN_FLIGHT:
                        self.client.send(f"<r xmlns='{SM}'/>")
                if not self.take():
                    return
        except OSError:
            while self.take():
                pass

    def take(self):
        item = self.client.next()
        if isinstance(item, Gone):
            return False
        if isinstance(item, Element) and item.name == "a":
            self.acknowledged = max(self.acknowledged, self.first - 1 + int(item["h"]))
        return True


class Recipient(threading.Thread):
    """Notes what it is shown, as (id, body)."""

    def __init__(self, server):
        super().__init__()
        self.seen = []
        self.client = Client(server, direct=True).login("juliet", mechanism="SCRAM-SHA-1")
        self.client.come()

    def run(self):
        while not isinstance(item := self.client.next(), Gone):
            if isinstance(item, Element) and item.name == "message" and item.body is not None:
                self.seen.append((item.child("stanza-id", SID)["id"], item.body))


class TestKill(unittest.TestCase):
    def setUp(self):
        self.random = random.Random()
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.last = {}  # whose archive → the last id that was read of it
        self.ids = collections.Counter()

    def round(self, first):
        recipient = Recipient(self.server)
        sender = Sender(self.server, first)
        recipient.start()
        sender.start()
        # The moment is the subject here: nothing is waited for.
        time.sleep(self.random.uniform(0, LONGEST))
        self.server.kill()
        sender.join()
        recipient.join()
        sender.client.cut()
        recipient.client.cut()
        return sender, recipient

    def kept(self, name):
        """What came to an archive since it was last read."""
        with Client(self.server, direct=True).login(name, mechanism="SCRAM-SHA-1") as client:
            entries = archive(client, self.last.get(name))
        if entries:
            self.last[name] = entries[-1][0]
        self.ids.update((name, entry) for entry, _ in entries)
        return entries

    def check(self, sender, recipient):
        for name in ("romeo", "juliet"):
            entries = self.kept(name)
            numbers = [int(body) for _, body in entries]
            # All that was acknowledged, perhaps more, in order and none twice.
            self.assertEqual(numbers, list(range(sender.first, sender.first + len(numbers))), name)
            self.assertGreaterEqual(sender.first + len(numbers) - 1, sender.acknowledged, name)
        # What was shown is what is there, under the same id.
        self.assertEqual(recipient.seen, entries[:len(recipient.seen)])

    def test_what_was_acknowledged_is_in_both_archives_after_kill_9_at_any_moment(self):
        self.server.start()
        self.server.add("romeo@localhost", "juliet@localhost")
        totals = collections.Counter()
        first = 1
        for _ in range(ROUNDS):
            sender, recipient = self.round(first)
            totals["sent"] += sender.sent - first + 1
            totals["acknowledged"] += sender.acknowledged - first + 1
            totals["seen"] += len(recipient.seen)
            self.server.start()
            self.check(sender, recipient)
            self.forget_offline()
            first = sender.sent + 1
        self.assertEqual(set(self.ids.values()), {1}, "an id was given twice")
        print("#", ROUNDS, "rounds:", dict(totals))
        self.assertGreater(totals["acknowledged"], ROUNDS)
        self.assertGreater(totals["seen"], ROUNDS)
        self.server.stop()

    def forget_offline(self):
        """What was kept for the recipient while away is not what the next round is about."""
        with Client(self.server, direct=True).login("juliet", mechanism="SCRAM-SHA-1") as client:
            client.come()


if __name__ == "__main__":
    report.main()
