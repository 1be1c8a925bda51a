# SPDX-License-Identifier: Apache-2.0
"""What a room's archive gives it when it comes back into memory, and to whom it belongs."""

import os
import signal
import unittest

import report
from server import Server
from test_disk import faulty
from xmpp import Client

MUC = "http://jabber.org/protocol/muc"
DELAY = "urn:xmpp:delay"
SID = "urn:xmpp:sid:0"
OCCUPANT = "urn:xmpp:occupant-id:0"
MAM = "urn:xmpp:mam:2"
FORWARD = "urn:xmpp:forward:0"
RETRACT = "urn:xmpp:message-retract:1"
ROOM = "coven@rooms.localhost"
NICK = ROOM + "/firstwitch"


class TestMucArchive(unittest.TestCase):
    def setUp(self):
        rooms = {"accounts": "none", "modules": ["disco", "mam", "muc"]}
        self.server = Server(hosts={"localhost": {}, "rooms.localhost": rooms})
        self.addCleanup(self.server.remove)
        self.server.start()
        self.server.add("crone1@localhost")

    def log_in(self, name="crone1"):
        client = Client(self.server, direct=True).login(name, mechanism="SCRAM-SHA-1")
        self.addCleanup(client.cut)
        return client

    def enter(self, client):
        """What came of it, up to the subject, which is the last."""
        client.send(f"<presence to='{NICK}'><x xmlns='{MUC}'/></presence>")
        came = []
        while not came or not came[-1].has("subject"):
            came.append(client.element())
        return came

    def configure(self, client, **fields):
        form = "".join(f"<field var='muc#roomconfig_{name}'><value>{value}</value></field>"
                       for name, value in fields.items())
        client.iq("set", f"<query xmlns='{MUC}#owner'><x xmlns='jabber:x:data' type='submit'>"
                  f"<field var='FORM_TYPE'><value>{MUC}#roomconfig</value></field>{form}</x>"
                  "</query>", to=ROOM)
        client.gather(ROOM)  # all are told of it after that

    def say(self, client, text):
        client.send(f"<message type='groupchat' to='{ROOM}' id='{text}'><body>{text}</body>"
                    "</message>")
        return client.element()

    def archive(self, client):
        client.iq("set", f"<query xmlns='{MAM}'/>", to=ROOM)
        results = [stanza.child("result", MAM) for stanza in client.take()]
        return [result.child("forwarded", FORWARD).child("message").body
                for result in results if result]

    def restart(self):
        self.server.stop()
        self.server.start()
        return self.log_in()

    def test_who_enters_after_a_restart_is_shown_what_was_said_last(self):
        crone = self.log_in()
        self.enter(crone)
        self.configure(crone, persistentroom=1)
        said = [self.say(crone, f"hail {number}") for number in range(23)]
        crone.send(f"<message type='groupchat' to='{ROOM}'><subject>Fair is foul</subject>"
                   "</message>")
        crone.element()
        crone = self.restart()
        came = self.enter(crone)
        past = [one for one in came if one.name == "message" and one.has("body")]
        self.assertEqual([one.body for one in past], [one.body for one in said[-20:]])
        for then, now in zip(said[-20:], past):
            self.assertEqual(now["from"], NICK)
            self.assertEqual(now.child("delay", DELAY)["from"], ROOM)
            self.assertFalse(now.has("x", MUC + "#user"))
            for name, ns in (("stanza-id", SID), ("occupant-id", OCCUPANT)):
                self.assertEqual(now.child(name, ns)["id"], then.child(name, ns)["id"])
        self.assertEqual([one.child("subject").text for one in came if one.has("subject")],
                         ["Fair is foul"])
        # The last one is neither shown twice nor lost when more is said.
        self.say(crone, "thrice")
        crone.send(f"<presence to='{NICK}' type='unavailable'/>")
        crone.element()
        again = [one.body for one in self.enter(crone) if one.has("body")]
        self.assertEqual(again, [one.body for one in said[-19:]] + ["thrice"])

    def leave(self, client):
        client.send(f"<presence to='{NICK}' type='unavailable'/>")
        client.element()

    def assert_new(self, client):
        """Nothing of the room that was here is left in the one that is made."""
        came = self.enter(client)
        self.assertEqual([one.body for one in came if one.has("body")], [])
        client.iq("set", f"<query xmlns='{MUC}#owner'><x xmlns='jabber:x:data' type='submit'/>"
                  "</query>", to=ROOM)
        client.take()
        self.assertEqual(self.archive(client), [])

    def test_a_room_that_ended_leaves_its_archive_to_none(self):
        self.server.add("hag66@localhost")
        crone, hag = self.log_in(), self.log_in("hag66")
        for end in ("left", "destroyed", "ordered", "crashed"):
            with self.subTest(end):
                self.assert_new(crone)
                self.say(crone, "the secret of the cauldron")
                self.assertEqual(self.archive(crone), ["the secret of the cauldron"])
                if end == "left":
                    self.leave(crone)
                elif end == "destroyed":
                    crone.iq("set", f"<query xmlns='{MUC}#owner'><destroy/></query>", to=ROOM)
                    crone.take()
                elif end == "ordered":
                    self.server.ctl("room", "destroy", ROOM)
                    crone.gather(ROOM)
                else:
                    self.server.kill()
                    self.server.start()
                    crone, hag = self.log_in(), self.log_in("hag66")
                self.assert_new(hag)
                self.leave(hag)

    def test_a_crash_leaves_no_original_beside_its_retraction(self):
        switch = os.path.join(self.server.folder, "faults")
        self.server.stop()
        self.server.environment.update(faulty(), SARANG_FAULTS=switch)
        self.server.start()
        crone = self.log_in()
        self.enter(crone)
        self.configure(crone, persistentroom=1)
        name = self.say(crone, "the potion").child("stanza-id", SID)["id"]
        with open(switch, "w", encoding="ascii") as file:
            file.write(f"kill {RETRACT}\n")
        crone.send(f"<message type='groupchat' to='{ROOM}' id='r'>"
                   f"<body>retracted</body><retract xmlns='{RETRACT}' id='{name}'/></message>")
        self.assertEqual(self.server.wait(), -signal.SIGKILL)
        self.server.process = None
        os.remove(switch)
        self.server.start()
        crone = self.log_in()
        self.assertEqual(self.archive(crone), [None, "retracted"])
        past = [one.body for one in self.enter(crone) if one.has("body")]
        self.assertEqual(past, ["retracted"])


if __name__ == "__main__":
    report.main()
