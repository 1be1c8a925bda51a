# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, and one that fails: senders are told of each message that was not kept,
nobody is shown it, all else goes on; once the disk is well again so is the server, without a
restart, and the archives hold what was delivered, no more and no less."""

import errno
import os
import random
import re
import subprocess
import unittest
from xml.etree import ElementTree

import report
from server import BUILD, SANITIZED, Server
from xmpp import Client

SM = "urn:xmpp:sm:3"
FULL = ("wait", "resource-constraint")
FAILED = ("cancel", "internal-server-error")
COUNT = 20
LARGE = 30_000
SPARE = 512 * 1024
REFUSES = r"\[store\] the database refuses writes"
ANEW = r"\[store\] the database was opened anew"
AGAIN = r"\[store\] the database takes writes again"


def noise(size):
    """Text that no compression makes small."""
    return "".join(random.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.", k=size))


def faulty():
    """The environment of a daemon whose disk fails on demand."""
    shim = os.path.join(BUILD, "t", "clients", ".libs", "faults.so")
    assert os.path.exists(shim), shim
    environment = {"LD_PRELOAD": shim}
    if SANITIZED:
        options = os.environ.get("ASAN_OPTIONS", "")
        environment["ASAN_OPTIONS"] = options + ":verify_asan_link_order=0"
    return environment


class DiskTest(unittest.TestCase):
    def serve(self, settings=None, environment=None):
        self.server = Server(
            {"limits.byte_rate": "64MiB", "limits.byte_burst": "64MiB", **(settings or {})},
            environment=environment)
        self.addCleanup(self.server.remove)
        self.delivered = []
        self.next = 0

    def start(self):
        self.server.start()
        if self.next == 0:
            self.server.add("romeo@localhost", "juliet@localhost")

    def log_in(self):
        self.juliet = Client(self.server, direct=True).login("juliet", "balcony")
        self.addCleanup(self.juliet.cut)
        self.juliet.come()
        self.romeo = Client(self.server, direct=True).login("romeo", "street")
        self.addCleanup(self.romeo.cut)
        self.romeo.send(f"<enable xmlns='{SM}'/>")
        self.assertEqual(self.romeo.element().name, "enabled")
        self.sent = 0

    def say(self, count, size=0):
        """Sends so many messages; the ids of those that came back, by error. What the others hear
        is just the rest."""
        said = {}
        for _ in range(count):
            self.next += 1
            said[f"m{self.next}"] = f"{self.next} " + noise(size)
            self.romeo.message("juliet@localhost", said[f"m{self.next}"], "chat", id=f"m{self.next}")
        # Who asks is answered once all that he sent before is over.
        came = self.romeo.gather("romeo@localhost")
        refused = {stanza["id"]: stanza.error() for stanza in came if stanza["type"] == "error"}
        self.assertEqual(sum(stanza.name == "message" for stanza in came), len(refused))
        heard = [stanza.body for stanza in self.juliet.gather("juliet@localhost")
                 if stanza.name == "message"]
        expected = [body for name, body in said.items() if name not in refused]
        self.assertEqual(heard, expected)
        self.delivered += expected
        self.sent += count + 2
        self.check_count()
        return refused

    def check_count(self):
        """All that was sent counts, kept or not (XEP-0198)."""
        self.romeo.send(f"<r xmlns='{SM}'/>")
        answer = self.romeo.expect(lambda stanza: stanza.name == "a")
        self.assertEqual(int(answer["h"]), self.sent)

    def archive(self, name):
        """The bodies in an archive; all of it is sound."""
        self.server.ctl("archive", "verify", name)
        rows = [row for row in self.server.ctl("archive", "export", name, json=True).rows() if row]
        return [ElementTree.fromstring(row["stanza"]).findtext("{jabber:client}body")
                for row in rows]

    def status(self):
        return self.server.ctl("status", json=True).json()

    def lines(self, pattern):
        return len(re.findall(pattern, self.server.log()))

    def check_archives(self, sender_is_exact=True):
        self.assertEqual(self.archive("juliet@localhost"), self.delivered)
        sent = self.archive("romeo@localhost")
        if sender_is_exact:
            self.assertEqual(sent, self.delivered)
        else: # what his own archive had room for may have found none in hers
            self.assertEqual([body for body in sent if body in set(self.delivered)], self.delivered)

    def restart(self):
        self.server.stop()
        self.start()
        self.check_archives(False)
        self.log_in()
        self.assertEqual(self.say(3), {})
        self.check_archives(False)
        self.server.stop()


class TestFaults(DiskTest):
    """By a library that stands before the system calls: the same on all machines."""

    def setUp(self):
        self.serve(environment=faulty())
        self.switch = os.path.join(self.server.folder, "faults")
        self.server.environment["SARANG_FAULTS"] = self.switch

    def spoil(self, deed, error):
        with open(self.switch + ".new", "w", encoding="ascii") as file:
            file.write(f"{deed} {error}\n")
        os.rename(self.switch + ".new", self.switch)

    def mend(self):
        os.remove(self.switch)

    def suffer(self, deed, error, expected, anew=False):
        """The disk fails, twice, and is well again; `anew`: by opening the database again."""
        self.start()
        self.log_in()
        self.assertEqual(self.say(COUNT), {})
        for _ in range(2):
            before = self.status()
            self.assertNotIn("store trouble", before)
            self.spoil(deed, error)
            refused = self.say(COUNT)
            self.assertEqual(len(refused), COUNT)
            self.assertEqual(set(refused.values()), {expected})
            self.assertEqual(self.say(1), {f"m{self.next}": expected})
            after = self.status()
            self.assertEqual(after["messages not kept"] - before["messages not kept"], COUNT + 1)
            self.assertGreater(after["store failures"], before["store failures"])
            self.assertIn("store trouble", after)
            self.mend()
            self.assertEqual(self.say(COUNT), {})
        self.assertEqual(self.lines(REFUSES), 1)
        self.assertEqual(self.lines(AGAIN), 1)
        self.assertEqual(self.lines(ANEW) > 0, anew)
        self.check_archives()
        self.restart()

    def test_a_full_disk(self):
        self.suffer("write", errno.ENOSPC, FULL)

    def test_a_quota(self):
        self.suffer("write", errno.EDQUOT, FULL)

    def test_a_disk_that_cannot_be_written(self):
        self.suffer("write", errno.EIO, FAILED)

    def test_a_disk_that_cannot_be_synced(self):
        self.suffer("sync", errno.EIO, FAILED)

    def test_a_disk_whose_root_cannot_be_written(self):
        self.suffer("root", errno.EIO, FAILED, anew=True)

    def test_other_requests_are_told_so_and_change_nothing(self):
        self.start()
        self.log_in()
        self.spoil("write", errno.ENOSPC)
        item = "<query xmlns='jabber:iq:roster'><item jid='nurse@localhost'/></query>"
        self.assertEqual(self.romeo.iq("set", item).error(), FULL)
        self.server.ctl("user", "add", "nurse@localhost", "--password-stdin", input="x\n", exit=1)
        self.mend()
        roster = self.romeo.iq("get", "<query xmlns='jabber:iq:roster'/>")
        self.assertEqual(roster.child("query").children, [])
        self.assertEqual(self.romeo.iq("set", item)["type"], "result")
        self.server.ctl("user", "add", "nurse@localhost", "--password-stdin", input="x\n")
        self.server.stop()

    def test_who_is_away_gets_what_was_kept(self):
        self.start()
        self.log_in()
        self.juliet.close()
        self.romeo.message("juliet@localhost", "kept", "chat")
        self.romeo.gather("juliet@localhost")
        self.spoil("write", errno.ENOSPC)
        self.romeo.message("juliet@localhost", "lost", "chat", id="lost")
        self.assertEqual([stanza.error() for stanza in self.romeo.gather("juliet@localhost")
                          if stanza["id"] == "lost"], [FULL])
        self.mend()
        self.romeo.message("juliet@localhost", "kept again", "chat")
        self.romeo.gather("juliet@localhost")
        juliet = Client(self.server, direct=True).login("juliet")
        self.addCleanup(juliet.cut)
        bodies = [stanza.body for stanza in juliet.come() if stanza.name == "message"]
        self.assertEqual(bodies, ["kept", "kept again"])
        self.server.stop()


class TestRoom(DiskTest):
    """Room that is really used up."""

    def fill_up(self):
        """Says large things until there is no room; all is refused then, and nothing else goes
        wrong."""
        for _ in range(500):
            refused = self.say(4, LARGE)
            if len(refused) == 4:
                break
        self.assertEqual(set(refused.values()), {FULL})
        self.assertGreater(len(self.delivered), COUNT)
        self.assertIn("store trouble", self.status())

    def test_a_file_system_without_room(self):
        if os.geteuid() != 0:
            self.skipTest("who is not root cannot mount; TestFaults has said what it could")
        self.serve()
        data = os.path.join(self.server.folder, "data")
        os.mkdir(data, 0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", data], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", data], check=True)
        self.start()
        self.log_in()
        self.assertEqual(self.say(COUNT), {})
        filler = os.path.join(data, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError as error:
                self.assertEqual(error.errno, errno.ENOSPC)
            file.truncate(os.path.getsize(filler) - SPARE)
        self.fill_up()
        self.assertEqual(self.lines(REFUSES), 1)
        os.remove(filler)
        self.assertEqual(self.say(COUNT, LARGE), {})
        self.assertNotIn("store trouble", self.status())
        self.check_archives(False)
        self.restart()

    def test_a_database_that_has_reached_its_bound(self):
        self.serve({"store.map_size": "6MiB"})
        self.start()
        self.log_in()
        self.assertEqual(self.say(COUNT), {})
        self.fill_up()
        self.assertIn("store.map_size", self.status()["store trouble"])
        self.assertGreater(self.lines("store.map_size"), 0)
        self.check_archives(False)
        self.server.stop()
        self.server.settings["store.map_size"] = "64MiB"
        self.server.write_config()
        self.start()
        self.log_in()
        self.assertEqual(self.say(COUNT, LARGE), {})
        self.check_archives(False)
        self.restart()


if __name__ == "__main__":
    report.main()
