# SPDX-License-Identifier: Apache-2.0
"""The server ends, and the disk takes no sessions, or what clients sent is not seen to in time:
what they were sent goes elsewhere, and of what they sent they are told no more than was seen to."""

import errno
import os
import unittest

import report
from server import Server, wait_until
from test_archive_kill import archive
from test_disk import faulty
from test_order import slow_server
from test_sm import WITHOUT_ARCHIVE, Managed, bodies, failure
from xmpp import CLIENT, Element

UNSAVED = r"\[sessions\] sessions cannot be saved of=romeo@localhost"
# Not even when they end: nobody may come back.
UNLISTED = r"\[sessions\] sessions cannot be saved of=[01]:"
COUNT = 20


class Saving(unittest.TestCase):
    def serve(self, server):
        self.server = server
        self.addCleanup(server.remove)
        server.start()
        server.add("romeo@localhost", "juliet@localhost")

    def authenticated(self, user):
        client = Managed(self.server)
        self.addCleanup(client.cut)
        client.starttls()
        client.features()
        client.authenticate(user)
        client.features()
        return client

    def managed(self, user, resource="r"):
        client = self.authenticated(user)
        client.bind(resource)
        client.come()
        self.assertEqual(client.enable().name, "enabled")
        return client

    def lose(self, client):
        client.cut()
        bare = client.jid.split("/")[0]
        wait_until(lambda: "hibernating" in self.server.ctl("session", "list", bare).text,
                   f"{client.jid} hibernates")

    def resume(self, old):
        """The answer, and the new connection."""
        client = self.authenticated(old.bare.split("@")[0])
        return client.resume(old), client


class TestDisk(Saving):
    """By a library that stands before the system calls."""

    def serve_faulty(self, modules):
        hosts = {"localhost": {"modules": modules} if modules else {}}
        server = Server(hosts=hosts, environment=faulty())
        self.switch = os.path.join(server.folder, "faults")
        server.environment["SARANG_FAULTS"] = self.switch
        self.serve(server)

    def spoil(self, deed, how):
        with open(self.switch + ".new", "w", encoding="ascii") as file:
            file.write(f"{deed} {how}\n")
        os.rename(self.switch + ".new", self.switch)

    def restart(self):
        """On a disk that is well again."""
        self.server.stop()
        text = self.server.log()
        os.remove(self.switch)
        self.server.start()
        return text

    def refuse_those_of_romeo(self, modules=None):
        """The disk takes all but his sessions."""
        self.serve_faulty(modules)
        juliet = self.managed("juliet")
        romeo = self.managed("romeo", "unsaveable")
        juliet.message("romeo@localhost", "seen", "chat")
        romeo.expect_message("seen")
        romeo.acknowledge()
        romeo.ping("localhost")
        romeo.confirmed(1)
        self.lose(romeo)
        juliet.message("romeo@localhost", "kept", "chat")
        juliet.gather("romeo@localhost")
        juliet.acknowledge()
        juliet.close()
        self.spoil("refuse", "unsaveable")
        self.assertRegex(self.restart(), UNSAVED)
        answer, again = self.resume(romeo)
        self.assertEqual((failure(answer), answer["h"]), (["item-not-found"], "1"))
        again.bind("again")
        return again

    def test_what_waited_for_one_whose_session_is_not_saved_waits_for_the_next(self):
        again = self.refuse_those_of_romeo(WITHOUT_ARCHIVE)
        self.assertEqual(bodies(again.come()), ["kept"])
        self.server.stop()

    def test_what_is_in_the_archive_rests_there(self):
        again = self.refuse_those_of_romeo()
        self.assertEqual(bodies(again.come()), [])
        self.assertEqual([body for _, body in archive(again)], ["seen", "kept"])
        self.server.stop()

    def fail_wholly(self, deed, error):
        """Nothing can be written as it ends."""
        self.serve_faulty(None)
        juliet, romeo = self.managed("juliet"), self.managed("romeo")
        for number in range(3):
            romeo.message("juliet@localhost", str(number), "chat", id=str(number))
        romeo.confirmed(3)
        juliet.expect_message("2")
        self.spoil(deed, error)
        log = self.restart()
        self.assertRegex(log, UNLISTED)
        self.assertNotIn("sessions are saved", log)
        for old in (romeo, juliet):
            answer, again = self.resume(old)
            self.assertEqual(failure(answer), ["item-not-found"])
            self.assertEqual(answer["h"], "3" if old is romeo else "0")
            again.bind("again")
            self.assertEqual(bodies(again.come()), [])
            self.assertEqual([body for _, body in archive(again)], ["0", "1", "2"])
        self.server.stop()

    def test_a_full_disk(self):
        self.fail_wholly("write", errno.ENOSPC)

    def test_a_disk_that_cannot_be_written(self):
        self.fail_wholly("write", errno.EIO)

    def test_a_disk_that_cannot_be_synced(self):
        self.fail_wholly("sync", errno.EIO)


class TestUnsettled(Saving):
    @staticmethod
    def last_words(client):
        """What it was sent before the end."""
        came = []
        while isinstance(item := client.next(), Element):
            if item.ns == CLIENT:
                client.h += 1
                came.append(item)
        return bodies(came)

    def test_who_sent_more_than_is_seen_to_in_time_sends_the_rest_again(self):
        server = slow_server()
        server.settings["slow.longest"] = "800ms"
        server.write_config()
        self.serve(server)
        juliet, romeo = self.managed("juliet"), self.managed("romeo")
        for number in range(COUNT):
            romeo.message("juliet@localhost", str(number), "chat", id=str(number))
        juliet.expect_message("0")
        self.server.stop()
        seen = ["0"] + self.last_words(juliet)
        self.server.settings["slow.longest"] = "5ms"
        self.server.write_config()
        self.server.start()
        answer, again = self.resume(romeo)
        self.assertEqual(failure(answer), ["item-not-found"])
        settled = int(answer["h"])
        self.assertLess(settled, COUNT)
        again.bind("r")
        again.come()
        again.enable()
        answer, back = self.resume(juliet)
        self.assertEqual(answer.name, "resumed")
        for number in range(settled, COUNT + 1):
            again.message("juliet@localhost", str(number), "chat", id=str(number))
        back.expect_message(str(COUNT))
        every = [str(number) for number in range(COUNT + 1)]
        self.assertEqual(seen + bodies(back.take()) + every[-1:], every)
        for client in (again, back):
            self.assertEqual([body for _, body in archive(client)], every)
        self.server.stop()


if __name__ == "__main__":
    report.main()
