# SPDX-License-Identifier: Apache-2.0
"""What is under way when something ends: a session, a module, the server. Everything that may
wait does so here, for a random time (t/modules/slow.cpp); nothing that was accepted is lost."""

import socket
import threading
import unittest

import report
from server import SANITIZED
from test_order import slow_server
from xmpp import PING, Client, Gone

MESSAGES = 40


class Ends(unittest.TestCase):
    def setUp(self):
        self.server = slow_server()
        self.addCleanup(self.server.remove)
        self.server.start()
        self.server.add(*(f"user{i}@localhost" for i in range(6)))

    def client(self, user, resource="r", come=True):
        client = Client(self.server)
        self.addCleanup(client.cut)
        client.login(user, resource)
        if come:
            client.come()
        return client

    def kept(self, user):
        """The bodies of what comes with the first presence."""
        client = self.client(user, "later", come=False)
        bodies = [stanza.body for stanza in client.come() if stanza.name == "message"]
        client.cut()
        return bodies

    def test_what_was_sent_before_the_end_is_kept_though_the_server_stops(self):
        for user in ("user0", "user1"):
            sender = self.client(user, come=False)
            for number in range(MESSAGES):
                sender.message(f"user{2 + number % 2}@localhost", f"{user} {number}", "chat")
            sender.close()  # the answer to the end tag: all before it has been read
        self.server.stop()
        self.server.start()
        for user, rest in (("user2", 0), ("user3", 1)):
            bodies = self.kept(user)
            for sender in ("user0", "user1"):
                wanted = [f"{sender} {number}" for number in range(MESSAGES) if number % 2 == rest]
                self.assertEqual([body for body in bodies if body.startswith(sender)], wanted)

    def test_a_session_whose_client_is_gone_takes_no_message_with_it(self):
        sender = self.client("user0")
        for run in range(5):
            gone = self.client("user1", "gone")
            # What it sent last holds up its end, for many times the slowest wait.
            for number in range(10):
                gone.message("user2@localhost", str(number), "chat")
            socket.socket.shutdown(gone.socket, socket.SHUT_WR)
            for number in range(MESSAGES):
                sender.message("user1@localhost", f"{run} {number}", "chat")
            sender.roundtrip("user1@localhost")
            taken = []
            try:
                while not isinstance(item := gone.next(), Gone):
                    if item.name == "message":
                        taken.append(item.body)
            except OSError:
                pass
            self.assertEqual(taken + self.kept("user1"),
                             [f"{run} {number}" for number in range(MESSAGES)])

    def test_the_end_of_a_stream_comes_after_the_answers_to_what_waited(self):
        client = self.client("user0", come=False)
        asked = []
        for number in range(10):
            client.message("user1@localhost", str(number), "chat")
            asked.append(client.request("get", f"<ping xmlns='{PING}'/>"))
        client.close()
        self.assertEqual([stanza["id"] for stanza in client.inbox], asked)

    def test_modules_are_exchanged_while_everything_waits(self):
        running = True
        errors = []

        def talk(number):
            try:
                one = self.client(f"user{number}", "talk")
                other = f"user{number + 1}@localhost"
                sent = 0
                while running:
                    one.send(f"<presence type='subscribe' to='{other}'/>")
                    for _ in range(5):
                        one.message(other, str(sent), "chat")
                        sent += 1
                    one.send(f"<presence type='unsubscribe' to='{other}'/>")
                    self.assertEqual(one.ping("localhost")["type"], "result")
                counts[number] = sent
            except Exception as error:
                errors.append(error)

        counts = {}
        talkers = [threading.Thread(target=talk, args=(number,)) for number in (0, 2)]
        for talker in talkers:
            talker.start()
        for _ in range(2 if SANITIZED else 6):
            for name in ("roster", "presence", "offline", "message"):
                self.server.ctl("module", "reload", name)
        running = False
        for talker in talkers:
            talker.join()
        self.assertEqual(errors, [])
        for number, sent in counts.items():
            self.assertEqual(self.kept(f"user{number + 1}"), [str(each) for each in range(sent)])
        self.server.stop()


if __name__ == "__main__":
    report.main()
