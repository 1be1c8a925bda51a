# SPDX-License-Identifier: Apache-2.0
"""RFC 6120 section 10.1: stanzas of one sender to one recipient stay in order, whatever waits.

A module that waits for a random time in every chain that may wait (t/modules/slow.cpp) is loaded.
"""

import report
from server import Server
from streams import Streams

MESSAGES = 60


def slow_server():
    server = Server(
        {"limits.waiting_stanzas": 10, "slow.longest": "15ms"},
        hosts={"localhost": {"modules": [
            "slow", "roster", "presence", "message", "mam", "inbox", "carbons", "csi",
            "offline", "sm", "disco", "ping", "version"]}})
    server.add_test_modules()
    return server


def burst(sender, to, first=0):
    for number in range(first, first + MESSAGES):
        sender.message(to, f"number {number}", kind="chat")


class Order(Streams):
    @classmethod
    def make_server(cls):
        return slow_server()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.add(*(f"user{i}@localhost" for i in range(6)))

    def next_stanza(self, receiver, *names):
        """The very next one of these: one that was overtaken would come in its place."""
        while (stanza := receiver.inbox.pop(0) if receiver.inbox else receiver.element()).name not in names:
            pass
        return stanza

    def expect_in_order(self, receiver, first=0):
        for number in range(first, first + MESSAGES):
            self.assertEqual(self.next_stanza(receiver, "message").body, f"number {number}")

    def test_messages_arrive_in_the_order_they_were_sent(self):
        receivers = [self.client(f"user{i}") for i in range(1, 4)]
        sender = self.client("user0")
        for receiver in receivers:
            burst(sender, receiver.bare)
        for receiver in receivers:
            self.expect_in_order(receiver)

    def test_messages_of_two_senders_stay_in_order_each(self):
        receiver = self.client("user1", "two")
        senders = [self.client("user2", "s"), self.client("user3", "s")]
        for number in range(MESSAGES):
            for index, sender in enumerate(senders):
                sender.message(receiver.jid, f"{index} {number}", kind="chat")
        seen = {0: [], 1: []}
        for _ in range(2 * MESSAGES):
            body = self.next_stanza(receiver, "message").body
            index, number = body.split()
            seen[int(index)].append(int(number))
        self.assertEqual(seen, {0: list(range(MESSAGES)), 1: list(range(MESSAGES))})

    def test_requests_and_messages_of_one_sender_do_not_overtake_each_other(self):
        receiver = self.client("user4")
        sender = self.client("user5")
        for number in range(20):
            sender.message(receiver.jid, f"number {number}", kind="chat")
            sender.request("get", "<ping xmlns='urn:xmpp:ping'/>", to=receiver.jid, id=f"q{number}")
        for number in range(20):
            self.assertEqual(self.next_stanza(receiver, "message", "iq").body, f"number {number}")
            self.assertEqual(self.next_stanza(receiver, "message", "iq")["id"], f"q{number}")

    def test_presence_does_not_overtake_what_a_session_sent_to_another_of_its_own(self):
        receiver = self.client("user1", "to")
        sender = self.client("user1", "from")
        for number in range(20):
            sender.message(receiver.jid, f"number {number}", kind="chat")
            sender.presence(inner=f"<status>{number}</status>")
        receiver.inbox.clear()
        seen = []
        while len(seen) < 40:
            stanza = self.next_stanza(receiver, "message", "presence")
            if stanza["from"] == sender.jid and (stanza.body or stanza.child("status")):
                seen.append(stanza.body or f"status {stanza.child('status').text}")
        self.assertEqual(seen, [f"{what} {n}" for n in range(20) for what in ("number", "status")])

    def test_what_was_kept_offline_comes_before_what_is_live_and_in_order(self):
        sender = self.client("user0", "late")
        burst(sender, "user5@localhost")
        sender.ping()
        receiver = self.client("user5", "back", come=False)
        receiver.presence()
        burst(sender, "user5@localhost", first=MESSAGES)
        self.expect_in_order(receiver)
        self.expect_in_order(receiver, first=MESSAGES)

    def test_what_was_sent_before_a_client_left_still_arrives(self):
        receiver = self.client("user2", "stays")
        sender = self.client("user3", "goes")
        burst(sender, receiver.jid)
        sender.close()
        self.expect_in_order(receiver)


if __name__ == "__main__":
    report.main()
