# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment under load, again and again on the same data: what XEP-0198 acknowledged is
in both archives afterwards, once and in order, though clients send again what they do not know to
be there; nobody saw a message that the crash took back, or saw one twice; and no archive id was
given twice."""

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


class Managed(threading.Thread):
    """A client that comes back after each kill, asks for its session, and begins a new one."""

    def __init__(self, server, user, former=None):
        super().__init__()
        self.client = Client(server, direct=True)
        self.client.features()
        self.client.authenticate(user, mechanism="SCRAM-SHA-1")
        self.client.features()
        self.kept = self.resume(former) if former else 0
        self.client.bind()
        self.client.send(f"<enable xmlns='{SM}' resume='true'/>")
        enabled = self.client.element()
        assert enabled.name == "enabled" and enabled["resume"] == "true", enabled
        self.name_of_session = enabled["id"]
        self.h = 0

    def resume(self, former):
        """How much of what it sent is seen to, as the server says."""
        self.client.send(
            f"<resume xmlns='{SM}' previd='{former.name_of_session}' h='{former.h}'/>")
        failed = self.client.element()
        assert failed.name == "failed" and failed.has("item-not-found"), failed
        return int(failed["h"])


class Sender(Managed):
    """Sends numbers, at first those again of which it does not know that they are seen to, and
    notes how many are acknowledged."""

    def __init__(self, server, former=None):
        super().__init__(server, "romeo", former)
        again = former.flight[self.kept:] + former.to_send if former else []
        self.flight = []        # all that was sent by this session
        self.acknowledged = 0   # of these
        self.to_send = again
        self.next = former.next if former else 1
        self.repeated = len(again)

    def last_acknowledged(self):
        return self.flight[self.acknowledged - 1] if self.acknowledged else 0

    def send(self):
        number = self.to_send.pop(0) if self.to_send else self.next
        self.next = max(self.next, number + 1)
        self.flight.append(number)
        self.client.message("juliet@localhost", str(number), "chat", id=str(number))
        if number % 7 == 0 or len(self.flight) - self.acknowledged == IN_FLIGHT:
            self.client.send(f"<r xmlns='{SM}'/>")

    def run(self):
        try:
            while True:
                while len(self.flight) - self.acknowledged < IN_FLIGHT:
                    self.send()
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
            assert int(item["h"]) >= self.acknowledged, item
            self.acknowledged = int(item["h"])
        return True


class Recipient(Managed):
    """Notes what it is shown, as (id, body), and acknowledges it."""

    def __init__(self, server, former=None):
        super().__init__(server, "juliet", former)
        self.seen = []
        self.client.presence()
        while (stanza := self.client.element()).name != "presence":
            self.note(stanza)
        self.h += 1

    def note(self, item):
        if item.ns != "jabber:client":
            return
        self.h += 1
        if item.name == "message" and item.body is not None:
            self.seen.append((item.child("stanza-id", SID)["id"], item.body))

    def run(self):
        try:
            while not isinstance(item := self.client.next(), Gone):
                if isinstance(item, Element) and item.name == "r":
                    self.client.send(f"<a xmlns='{SM}' h='{self.h}'/>")
                elif isinstance(item, Element):
                    self.note(item)
        except OSError:
            pass


class TestKill(unittest.TestCase):
    def setUp(self):
        self.random = random.Random()
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.last = {}  # whose archive → the last id that was read of it
        self.kept = collections.Counter()  # whose archive → the last number in it
        self.ids = collections.Counter()

    def round(self, former_sender, former_recipient):
        recipient = Recipient(self.server, former_recipient)
        sender = Sender(self.server, former_sender)
        if former_sender:
            self.check_count(sender, former_sender)
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

    def check_count(self, sender, former):
        """Not less than it was told, not more than what all have."""
        self.assertGreaterEqual(sender.kept, former.acknowledged)
        self.assertLessEqual(sender.kept, len(former.flight))
        for name in ("romeo", "juliet"):
            if sender.kept:
                self.assertLessEqual(former.flight[sender.kept - 1], self.kept[name], name)

    def new_entries(self, name):
        """What came to an archive since it was last read."""
        with Client(self.server, direct=True).login(name, mechanism="SCRAM-SHA-1") as client:
            entries = archive(client, self.last.get(name))
        if entries:
            self.last[name] = entries[-1][0]
        self.ids.update((name, entry) for entry, _ in entries)
        return entries

    def check(self, sender, recipient):
        for name in ("romeo", "juliet"):
            entries = self.new_entries(name)
            numbers = [int(body) for _, body in entries]
            # All that was acknowledged, perhaps more, in order and none twice, in any round.
            first = self.kept[name] + 1
            self.assertEqual(numbers, list(range(first, first + len(numbers))), name)
            self.kept[name] += len(numbers)
            self.assertGreaterEqual(self.kept[name], sender.last_acknowledged(), name)
        # What was shown is what is new there, under the same id: nothing that was there before.
        self.assertEqual(recipient.seen, entries[:len(recipient.seen)])

    def test_what_was_acknowledged_is_in_both_archives_after_kill_9_at_any_moment(self):
        self.server.start()
        self.server.add("romeo@localhost", "juliet@localhost")
        totals = collections.Counter()
        sender = recipient = None
        for _ in range(ROUNDS):
            sender, recipient = self.round(sender, recipient)
            totals["sent"] += len(sender.flight)
            totals["sent again"] += min(sender.repeated, len(sender.flight))
            totals["acknowledged"] += sender.acknowledged
            totals["seen"] += len(recipient.seen)
            self.server.start()
            self.check(sender, recipient)
        self.assertEqual(set(self.ids.values()), {1}, "an id was given twice")
        print("#", ROUNDS, "rounds:", dict(totals))
        self.assertGreater(totals["acknowledged"], ROUNDS)
        self.assertGreater(totals["seen"], ROUNDS)
        self.assertGreater(totals["sent again"], ROUNDS)
        self.nothing_is_kept_besides()
        self.server.stop()

    def nothing_is_kept_besides(self):
        """What is in the archive is not given to the next session as well."""
        with Client(self.server, direct=True).login("juliet", mechanism="SCRAM-SHA-1") as client:
            self.assertEqual([item for item in client.come() if item.name == "message"], [])


if __name__ == "__main__":
    report.main()
