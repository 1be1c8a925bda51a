# SPDX-License-Identifier: Apache-2.0
"""The soak: devices of several people talk while their connections are cut in all manners and the
daemon is restarted and killed. Whatever happens, what was acknowledged is in both archives, once
and in the order in which it was sent, and each device has seen all of it, live or in the archive;
what it was shown in one session, it was shown once and without a gap.

Without an archive a kill may lose what waits, so that there is none then: what was acknowledged is
shown to one device of its recipient at least.

SOAK_SECONDS says how long each takes (15), SOAK_SEED how the dice fall, but for the moments of
threads."""

import collections
import os
import random
import socket
import threading
import time
import unittest

import report
from server import PATIENCE, Server, wait_until
from soak_device import Device, archived, end_of_page, page_of_archive
from test_sm import WITHOUT_ARCHIVE
from xmpp import Client

SECONDS = float(os.environ.get("SOAK_SECONDS", 15))
SEED = int(os.environ.get("SOAK_SEED", random.SystemRandom().randrange(1 << 32)))
DEVICES = {  # user → resource → whether it asks for carbons
    "romeo": {"phone": True, "desk": True, "old": False},
    "juliet": {"phone": True, "desk": True},
    "nurse": {"phone": True},
}
SETTINGS = {
    "limits.stanza_rate": 0,
    "limits.byte_rate": 0,
    "sm.resume_timeout": "4s",
    "offline.max_messages": 1_000_000,
    "c2s.ping_after": "1s",
}


class House(Server):
    """One whose clients are not surprised that it is away."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.open = threading.Event()

    def socket(self, direct=False, source=None):
        if not self.open.is_set():
            raise ConnectionRefusedError
        address = ("127.0.0.1", self.tls_port if direct else self.port)
        connection = socket.create_connection(address, timeout=PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ending(self):
        return not self.open.is_set()

    def begin(self):
        self.start()
        self.open.set()

    def end(self, deed):
        self.open.clear()
        deed()


def number_of(entry):
    return int(entry.body.split()[-1])


def user_of(address):
    return address.partition("@")[0]


class TestSoak(unittest.TestCase):
    """Also the world of its devices: what they look at."""

    archive = True
    deeds = ("nothing", "restart", "kill", "kill in the end")

    def setUp(self):
        self.random = random.Random(SEED)
        modules = {} if self.archive else {"modules": WITHOUT_ARCHIVE}
        self.server = House(SETTINGS, hosts={"localhost": modules})
        self.addCleanup(self.server.remove)
        self.calm = threading.Event()
        self.over = threading.Event()
        self.round = 0
        self.counts = collections.Counter()
        self.archives = {user: [] for user in DEVICES}
        bare = [f"{user}@localhost" for user in DEVICES]
        full = [f"{user}@localhost/{resource}"
                for user, resources in DEVICES.items() for resource in resources]
        self.targets = 3 * bare + full
        self.devices = [Device(self, user, resource, carbons, self.random.random())
                        for user, resources in DEVICES.items()
                        for resource, carbons in resources.items()]

    # --- what happens

    def look_after(self):
        for device in self.devices:
            self.assertIsNone(device.failure, f"{device.name}: {device.failure}")
        if self.server.open.is_set():
            self.assertIsNotNone(self.server.pid, self.server.log()[-4000:])

    def wait(self, seconds):
        """The moment is the subject here: nothing is waited for."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.look_after()
            time.sleep(0.05)

    def fate(self):
        deed = self.random.choice(self.deeds)
        self.counts[deed] += 1
        if deed == "restart":
            self.server.end(self.server.stop)
        elif deed == "kill":
            self.server.end(self.server.kill)
        elif deed == "kill in the end":
            self.server.end(self.end_and_kill)
        if deed != "nothing":
            self.wait(self.random.choice((0, 0, 1)) * self.random.uniform(0, 5))
            self.server.begin()

    def end_and_kill(self):
        """What it saves as it ends may be there in part."""
        self.server.process.terminate()
        time.sleep(self.random.uniform(0, 0.2))
        self.server.kill()

    def chaos(self):
        self.calm.clear()
        for _ in range(self.random.randint(1, 3)):
            self.wait(self.random.uniform(0.2, 3))
            self.fate()
        self.wait(self.random.uniform(0, 2))

    def quiet(self):
        """All are there, and have what there is for them."""
        self.calm.set()
        self.wait_for(lambda device: device.settled, "all is acknowledged and read")
        self.round += 1
        self.wait_for(lambda device: device.drained == self.round, "all has come")

    def wait_for(self, holds, what):
        def all_hold():
            self.look_after()
            return all(holds(device) for device in self.devices)

        try:
            wait_until(all_hold, what)
        except AssertionError as failed:
            late = [device.state() for device in self.devices if not holds(device)]
            raise AssertionError(f"{failed} {late}") from None

    # --- what must be true then

    def check(self):
        for user in DEVICES:
            self.read_archive(user)
        for device in self.devices:
            with self.subTest(device.name, seed=SEED):
                for user in DEVICES:
                    self.check_said(device, user)
                self.check_seen(device)

    def read_archive(self, user):
        """What came to it since the last time."""
        entries = self.archives[user]
        with Client(self.server, direct=True) as reader:
            reader.login(user, "reader", mechanism="SCRAM-SHA-1")
            complete = False
            while not complete:
                page = page_of_archive(entries[-1].id if entries else None)
                complete, _ = end_of_page(reader.iq("set", page))
                entries += map(archived, reader.take())
        ids = [entry.id for entry in entries]
        self.assertEqual(len(ids), len(set(ids)), "an id was given twice")

    def check_said(self, device, user):
        """All that was acknowledged, once and in order; what was abandoned at most once."""
        numbers = [number_of(entry) for entry in self.archives[user] if entry.sender == device.jid]
        for entry in self.archives[user]:
            if entry.sender == device.jid:
                self.assertEqual(entry.to, device.said[number_of(entry)])
        twice = [number for number, count in collections.Counter(numbers).items() if count > 1]
        self.assertEqual(twice, [], f"twice in the archive of {user}")
        known = set(numbers)
        concern = {number for number, to in device.said.items()
                   if user in (device.user, user_of(to))}
        self.assertEqual(concern & device.acknowledged - known, set(), f"not kept for {user}")
        self.assertEqual(known - concern, set(), f"not for {user}")
        for other in DEVICES:  # of one sender to one recipient (RFC 6120 §10.1)
            sure = [number for number in numbers if number not in device.abandoned
                    and user_of(device.said[number]) == other]
            self.assertEqual(sure, sorted(sure), f"not in order for {user}: to {other}")

    def check_seen(self, device):
        entries = self.archives[device.user]
        places = {entry.id: place for place, entry in enumerate(entries)}
        read = len(device.history)
        self.assertEqual(device.history, entries[:read])
        for session in device.ended:
            self.check_session(device, session, entries, places)
        device.ended.clear()
        self.check_session(device, device.session, entries, places)
        # Those that are there have seen it all.
        missed = [entry for entry in entries[places.get(device.session.known_to, -1) + 1:]
                  if self.must_see(device, entry) and entry.id not in device.session.ids]
        self.assertEqual(missed, [], f"{device.name} has not seen it")

    def check_session(self, device, session, entries, places):
        """What it was shown was kept; of each sender it came in order, without a gap."""
        seen = collections.defaultdict(list)
        for one in session.live:
            self.assertIn(one.id, places, f"shown, and not kept: {one}")
            entry = entries[places[one.id]]
            self.assertEqual(entry.body, one.body)
            if not one.late:
                seen[(entry.sender, user_of(entry.to))].append(places[one.id])
        for (sender, to), at in seen.items():
            self.assertEqual(at, sorted(at), f"shown to {device.name}, not in order")
            if session.known_to is not None:
                first = places.get(session.known_to, -1) + 1
                missed = [entry for entry in entries[first:at[-1]]
                          if (entry.sender, user_of(entry.to)) == (sender, to)
                          and self.must_see(device, entry) and entry.id not in session.ids]
                self.assertEqual(missed, [], f"a gap in what {device.name} was shown")

    @staticmethod
    def must_see(device, entry):
        """Whether it is shown what comes while it is there."""
        if entry.to in (device.bare, device.jid):
            return True
        return device.carbons and entry.sender != device.jid

    # --- all of it

    def test_what_was_acknowledged_arrives_once_and_in_order_whatever_happens(self):
        print(f"# SOAK_SEED={SEED} SOAK_SECONDS={SECONDS:g}", flush=True)
        self.server.begin()
        self.server.add(*(f"{user}@localhost" for user in DEVICES))
        until = time.monotonic() + SECONDS
        for device in self.devices:
            device.start()
        try:
            while self.round == 0 or time.monotonic() < until:
                self.chaos()
                self.quiet()
                for device in self.devices:
                    sure = device.said.keys() - device.abandoned
                    self.assertEqual(sure, device.acknowledged, device.name)
                self.check()
        finally:
            self.over.set()
            self.calm.set()
        for device in self.devices:
            device.join(PATIENCE)
        self.look_after()
        self.server.end(self.server.stop)
        self.tell()

    def tell(self):
        totals = sum((device.counts for device in self.devices), self.counts)
        said = sum(len(device.said) for device in self.devices)
        abandoned = sum(len(device.abandoned) for device in self.devices)
        print(f"# {self.round} rounds, {said} messages, {abandoned} abandoned: {dict(totals)}")
        self.assertGreater(totals["resumed"], self.round)
        self.assertGreater(said - abandoned, 100)


class TestSoakWithoutArchive(TestSoak):
    archive = False
    deeds = ("nothing", "restart")

    def setUp(self):
        super().setUp()
        self.seen = collections.defaultdict(set)  # user → what one of his devices was shown

    def check(self):
        for device in self.devices:
            with self.subTest(device.name, seed=SEED):
                for session in device.ended + [device.session]:
                    self.check_order(session)
                    self.seen[device.user] |= session.ids
                device.ended.clear()
        for device in self.devices:
            for user in DEVICES:
                told = {f"{device.jid} {number}" for number in device.acknowledged
                        if user_of(device.said[number]) == user}
                self.assertEqual(told - self.seen[user], set(), f"not shown to {user}")

    def check_order(self, session):
        came = collections.defaultdict(list)
        for one in session.live:
            sender, number = one.body.split()
            device = next(device for device in self.devices if device.jid == sender)
            if not one.late and int(number) not in device.abandoned:
                came[sender, user_of(device.said[int(number)])].append(int(number))
        for (sender, _), numbers in came.items():
            self.assertEqual(numbers, sorted(numbers), f"of {sender}")


if __name__ == "__main__":
    report.main()
