# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment under load, again and again on the same data: what was acknowledged is
there afterwards. Acknowledged is what an iq result was sent for, what sarangctl ended with 0 for,
and a message for somebody who is away, once a later iq of its sender was answered."""

import collections
import random
import subprocess
import threading
import time
import unittest

import report
from server import SANITIZED, Server
from xmpp import PING, ROSTER, Client, Gone

ROUNDS = 8 if SANITIZED else 200
LONGEST = 2.0 if SANITIZED else 0.2  # seconds of load before the kill


class Acknowledged:
    """What a round was promised, and what it asked for without an answer."""

    def __init__(self, number):
        self.away = f"away{number}"
        self.contacts = {}     # address → the number of the last set that was answered
        self.sent_sets = -1
        self.messages = 0      # so many of the first ones must be there
        self.sent_messages = 0
        self.accounts = {}     # address → exists, None while nobody knows


class Killed(Exception):
    pass


class TestDurability(unittest.TestCase):
    def setUp(self):
        self.random = random.Random()
        self.server = Server()
        self.addCleanup(self.server.remove)

    # --- a round's load

    def talk(self, client, acknowledged):
        """Sets contacts and leaves messages until the connection ends, many at once in flight."""
        flying = collections.deque()
        number = 0
        try:
            while True:
                while len(flying) < 16:
                    number += 1
                    if number % 2:
                        contact = f"c{number % 20}@localhost"
                        payload = (f"<query xmlns='{ROSTER}'><item jid='{contact}' name='{number}'/>"
                                   "</query>")
                        acknowledged.sent_sets = number
                        client.request("set", payload, id=str(number))
                        flying.append((str(number), "set", contact, number))
                    else:
                        acknowledged.sent_messages += 1
                        client.message(acknowledged.away + "@localhost",
                                       str(acknowledged.sent_messages), "chat")
                        client.request("get", f"<ping xmlns='{PING}'/>", id=str(number))
                        flying.append((str(number), "message", None, acknowledged.sent_messages))
                self.take_answer(client, flying, acknowledged)
        except (Killed, OSError):
            pass
        # What was sent before the end counts.
        try:
            while flying:
                self.take_answer(client, flying, acknowledged)
        except (Killed, OSError):
            pass

    @staticmethod
    def take_answer(client, flying, acknowledged):
        item = client.next()
        if isinstance(item, Gone):
            raise Killed
        if item.name != "iq" or item["type"] == "set":
            return
        assert item["type"] == "result", item
        waiting = {entry[0]: entry for entry in flying}
        entry = waiting[item["id"]]
        flying.remove(entry)
        _, kind, contact, number = entry
        if kind == "set":
            acknowledged.contacts[contact] = max(number, acknowledged.contacts.get(contact, 0))
        else:
            acknowledged.messages = max(number, acknowledged.messages)

    def command(self, acknowledged, over):
        number = 0
        while not over.is_set():
            number += 1
            address = f"{acknowledged.away}-{number // 2}@localhost"
            words = ("add", address, "--password-stdin") if number % 2 else ("del", address)
            acknowledged.accounts[address] = None
            try:
                outcome = self.server.ctl("user", *words, input="secret\n", exit=None)
            except subprocess.TimeoutExpired:
                break
            if outcome.exit != 0:
                break
            acknowledged.accounts[address] = words[0] == "add"

    def round(self, number):
        """Starts, loads and kills; gives what was acknowledged."""
        acknowledged = Acknowledged(number)
        self.server.add(acknowledged.away + "@localhost")
        client = Client(self.server, direct=True).login("romeo", "x", mechanism="SCRAM-SHA-1")
        over = threading.Event()
        threads = [threading.Thread(target=self.talk, args=(client, acknowledged)),
                   threading.Thread(target=self.command, args=(acknowledged, over))]
        for thread in threads:
            thread.start()
        # The moment is the subject here: nothing is waited for.
        time.sleep(self.random.uniform(0, LONGEST))
        self.server.kill()
        over.set()
        for thread in threads:
            thread.join()
        client.cut()
        return acknowledged

    # --- and what has to be left of it

    def check(self, acknowledged):
        with Client(self.server, direct=True).login("romeo", "y", mechanism="SCRAM-SHA-1") as romeo:
            query = romeo.iq("get", f"<query xmlns='{ROSTER}'/>").child("query", ROSTER)
            names = {item["jid"]: int(item["name"]) for item in query.children}
            for contact, name in acknowledged.contacts.items():
                self.assertGreaterEqual(names.get(contact, -1), name, contact)
            # The next round counts from the beginning again.
            for contact in names:
                romeo.request("set", f"<query xmlns='{ROSTER}'><item jid='{contact}'"
                                     " subscription='remove'/></query>")
            romeo.gather()
        with Client(self.server, direct=True) as away:
            away.login(acknowledged.away, "z", mechanism="SCRAM-SHA-1")
            bodies = [int(stanza.body) for stanza in away.come() if stanza.name == "message"]
            # All that was acknowledged, perhaps more, in order and none twice.
            self.assertEqual(bodies, list(range(1, len(bodies) + 1)))
            self.assertGreaterEqual(len(bodies), acknowledged.messages)
            self.assertLessEqual(len(bodies), acknowledged.sent_messages)
        accounts = {row["jid"] for row in self.server.ctl("user", "list", json=True).rows()}
        for address, exists in acknowledged.accounts.items():
            if exists is not None:
                self.assertEqual(address in accounts, exists, address)
        self.server.ctl("user", "del", acknowledged.away + "@localhost")

    def test_what_was_acknowledged_survives_kill_9_at_any_moment(self):
        self.server.settings["offline.max_messages"] = 1000000
        self.server.write_config()
        self.server.start()
        self.server.add("romeo@localhost")
        totals = collections.Counter()
        for number in range(ROUNDS):
            acknowledged = self.round(number)
            totals["sets"] += len(acknowledged.contacts)
            totals["messages"] += acknowledged.messages
            totals["commands"] += sum(
                exists is not None for exists in acknowledged.accounts.values())
            if number % 10 == 0:
                self.kill_at_start()
            self.server.start()
            self.check(acknowledged)
        print("#", ROUNDS, "rounds:", dict(totals))
        self.assertGreater(totals["messages"], ROUNDS)
        self.assertGreater(totals["sets"], ROUNDS)
        self.assertGreater(totals["commands"], 0)
        self.server.stop()

    def kill_at_start(self):
        """A start that is cut off does no harm either."""
        self.server.spawn()
        time.sleep(self.random.uniform(0, 0.1))
        self.server.kill()


if __name__ == "__main__":
    report.main()
