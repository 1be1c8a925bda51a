# SPDX-License-Identifier: Apache-2.0
"""Who enters a large room is told of it as fast as he reads, in the order of XEP-0045 §7.1, with nothing
twice and nothing lost of what happens meanwhile."""

import unittest

import report
from test_rooms import GARDEN, MUC, USER, Rooms
from xmpp import Client, StreamFailed

# More than the kernel takes for one who does not read, and much more than his stream may hold.
CROWD = 16
STATUS = f"<status>{'x' * 300_000}</status>"


class Feeding(Rooms):
    settings = {
        "limits.outbound_queue": "256KiB", "limits.resources": 100, "limits.byte_rate": 0,
        "limits.stanza_rate": 0, "muc.max_presence": "512KiB", "muc.rate": 0}

    def setUp(self):
        super().setUp()
        self.server.add("paris@localhost")
        self.ctl("create", GARDEN, "juliet@localhost")
        self.juliet = self.login("juliet")
        self.is_in(self.juliet, GARDEN, "moon")
        self.crowd = []
        for number in range(CROWD):
            self.come_in(f"guest{number}", STATUS)
        self.say("The last before")

    def come_in(self, nick, inner=""):
        """All who are there read it."""
        client = self.login("nurse")
        client.presence(to=f"{GARDEN}/{nick}", inner=f"<x xmlns='{MUC}'/>{inner}")
        client.expect(lambda stanza: stanza.name == "message" and stanza.has("subject"))
        self.crowd.append(client)
        self.all_read()

    def all_read(self):
        for client in [self.juliet, *self.crowd]:
            client.gather(GARDEN)

    def say(self, text, to=GARDEN, kind="groupchat"):
        self.juliet.message(to, text, kind, id=text)

    def slow(self, name):
        """Somebody who enters and reads nothing of it."""
        client = Client(self.server, direct=True, small_window=True).login(name)
        self.addCleanup(client.cut)
        client.presence(to=f"{GARDEN}/{name}", inner=f"<x xmlns='{MUC}'/>")
        self.juliet.expect_presence(f"{GARDEN}/{name}")
        return client

    def told(self, client, last):
        """What comes from the room, through the last thing."""
        stanzas = []
        while not stanzas or not last(stanzas[-1]):
            stanza = client.element()
            if stanza["from"] and stanza["from"].startswith(GARDEN):
                stanzas.append(stanza)
        return [self.short(stanza) for stanza in stanzas]

    def short(self, stanza):
        if stanza.name == "presence":
            x = stanza.child("x", USER)
            itself = any(child["code"] == "110" for child in x.children)
            return stanza["from"][len(GARDEN) + 1:], stanza["type"] or "there", itself
        return "subject" if stanza.has("subject") else stanza.body

    def others(self, *nicks):
        return [(nick, "there", False) for nick in nicks]

    def whole(self, name, *late):
        guests = [f"guest{number}" for number in range(CROWD)]
        return [*self.others("moon", *guests), (name, "there", True), "The last before", "subject",
                *late]


class TestFeeding(Feeding):
    def test_all_is_told_in_order_and_once(self):
        slow = {name: self.slow(name) for name in ("romeo", "paris")}  # on any shard
        romeo, paris = slow.values()
        self.say("While they read")
        # One who is not shown yet is shown as he is then, or not at all; one who is, is seen to go.
        self.crowd[-1].presence(to=f"{GARDEN}/late", inner="<show>away</show>")
        self.crowd[-2].presence("unavailable", to=f"{GARDEN}/guest{CROWD - 2}")
        self.crowd[0].presence("unavailable", to=f"{GARDEN}/guest0")
        self.all_read()
        self.come_in("new")
        self.say("Hush", f"{GARDEN}/romeo", "chat")
        self.say("Hush", f"{GARDEN}/paris", "chat")
        guests = [f"guest{number}" for number in range(CROWD - 2)]
        for name, client in slow.items():
            told = self.told(client, lambda stanza: stanza.body == "Hush")
            shown = [*self.others("moon", *guests, "late")]
            # Who entered a moment before or after: as with all who are there.
            rest = [one for one in told if one not in self.others("romeo", "paris", "new")]
            self.assertEqual(rest, [
                *shown, (name, "there", True), "The last before", "subject", "While they read",
                ("guest0", "unavailable", False), "Hush"])
            for nick in ("romeo", "paris", "new"):
                self.assertEqual(told.count((nick, "there", False)), 0 if nick == name else 1)
        # From now on all comes at once, and to all.
        self.say("Good night")
        for client in (romeo, paris, self.juliet):
            client.expect_message("Good night")

    def test_who_goes_before_he_was_told_all_is_gone(self):
        romeo = self.slow("romeo")
        romeo.presence("unavailable", to=f"{GARDEN}/romeo")
        self.juliet.expect_presence(f"{GARDEN}/romeo", "unavailable")
        self.say("He has gone")
        self.all_read()
        told = self.told(romeo, lambda stanza: stanza["type"] == "unavailable")
        whole = self.whole("romeo", ("romeo", "unavailable", True))
        self.assertLess(len(told), len(whole))
        self.assertEqual(told, whole[:len(told) - 4] + whole[-4:])
        self.assertEqual([one for one in romeo.gather(GARDEN) if one["from"] == GARDEN
                          and one.name == "message"], [])

    def test_who_asks_for_all_of_it_anew_gets_it_whole(self):
        romeo = self.slow("romeo")
        romeo.presence(to=f"{GARDEN}/romeo", inner=f"<x xmlns='{MUC}'/>")
        romeo.message(GARDEN, "Here", "groupchat")
        self.juliet.expect_message("Here")
        told = self.told(romeo, lambda stanza: stanza.body == "Here")
        whole = self.whole("romeo", "Here")
        self.assertEqual(told[-len(whole):], whole)

    def test_the_module_is_exchanged_meanwhile(self):
        self.server.settings["limits.outbound_queue"] = "64MiB"
        self.server.write_config()
        self.server.ctl("config", "reload")
        romeo = self.slow("romeo")
        self.server.ctl("module", "reload", "muc", "rooms.localhost")
        self.say("Good night")
        told = self.told(romeo, lambda stanza: stanza.body == "Good night")
        self.assertEqual(told, self.whole("romeo", "Good night"))


class TestQueue(Feeding):
    settings = {**Feeding.settings, "muc.welcome_queue": "16KiB"}

    def test_what_waits_for_who_reads_nothing_is_bounded(self):  # muc.welcome_queue
        romeo = self.slow("romeo")
        for number in range(4):
            self.say(f"{number}" * 8000)
        self.juliet.expect_presence(f"{GARDEN}/romeo", "unavailable")
        with self.assertRaises(StreamFailed):
            self.told(romeo, lambda stanza: False)


if __name__ == "__main__":
    report.main()
