# SPDX-License-Identifier: Apache-2.0
"""Rooms in the inbox (XEP-0430): of members of a room for members only, whether they are there or not,
and of those who are there; for as long as they may see it. And who is told that he was mentioned."""

import unittest

import report
from server import Server, wait_until
from test_inbox import DETAILS, FORWARD, INBOX, MAM, MARKERS, MDS, SID, Inbox
from xmpp import Client

MUC = "http://jabber.org/protocol/muc"
REFERENCE = "urn:xmpp:reference:0"
RETRACT = "urn:xmpp:message-retract:1"
NOTICE = "urn:xmpp:mmn:0"
ROOM = "coven@rooms.localhost"
MEMBERS = {"membersonly": 1, "enablelogging": 1, "persistentroom": 1}
INBOXES = "{urn:sarang:muc:0}inboxes"
OPEN = {"enablelogging": 1, "persistentroom": 1, INBOXES: "occupants"}


class RoomInbox(unittest.TestCase):
    settings = {}

    def setUp(self):
        rooms = {"accounts": "none", "modules": ["disco", "mam", "muc"]}
        self.server = Server(self.settings, {"localhost": {}, "rooms.localhost": rooms})
        self.addCleanup(self.server.remove)
        self.server.start()
        self.server.add("crone@localhost", "hag@localhost", "witch@localhost")
        self.crone, self.hag, self.witch = (
            self.login(name) for name in ("crone", "hag", "witch"))

    def tearDown(self):
        if self.server.process is not None:
            self.server.stop()

    def login(self, name):
        client = Client(self.server, direct=True).login(name)
        self.addCleanup(client.cut)
        return client

    def enter(self, client, nick, room=ROOM):
        client.presence(to=f"{room}/{nick}", inner=f"<x xmlns='{MUC}'/>")
        return client.expect(
            lambda stanza: stanza["type"] == "error" or stanza.name == "message"
            and stanza.has("subject") and stanza["from"].startswith(room))

    def leave(self, client, nick):
        client.presence("unavailable", to=f"{ROOM}/{nick}")
        client.expect_presence(f"{ROOM}/{nick}", "unavailable")

    def configure(self, **fields):
        form = "".join(
            f"<field var='{name if name[0] == '{' else 'muc#roomconfig_' + name}'>"
            f"<value>{value}</value></field>" for name, value in fields.items())
        answer = self.crone.iq(
            "set", f"<query xmlns='{MUC}#owner'><x xmlns='jabber:x:data' type='submit'>"
            f"<field var='FORM_TYPE'><value>{MUC}#roomconfig</value></field>{form}</x></query>",
            to=ROOM)
        self.assertEqual(answer["type"], "result")

    def affiliate(self, account, affiliation, nick=""):
        named = f" nick='{nick}'" if nick else ""
        answer = self.crone.iq(
            "set", f"<query xmlns='{MUC}#admin'><item jid='{account}'{named} "
            f"affiliation='{affiliation}'/></query>", to=ROOM)
        self.assertEqual(answer["type"], "result")

    def room(self, **fields):
        """A room that the crone has made and is in, with the hag as an admin, who is not."""
        self.enter(self.crone, "first")
        self.configure(**fields)
        self.affiliate("hag@localhost", "admin")

    def say(self, client, body, inside="", id=None):
        """The stanza-id that the room gave it, once it was said."""
        id = id or "m" + body
        client.send(f"<message type='groupchat' to='{ROOM}' id='{id}'><body>{body}</body>{inside}"
                    "</message>")
        said = client.expect(lambda stanza: stanza.name == "message" and stanza["id"] == id)
        self.assertEqual(said["type"], "groupchat")
        return said.child("stanza-id", SID)["id"]

    def inbox(self, client, entries, attributes=""):
        """The inbox, once it has these entries: notes are on their way for a moment."""
        def found():
            inbox = Inbox(client, attributes)
            return inbox if inbox.entries == entries else None
        return wait_until(found, f"{entries}")

    def stays(self, client, entries):
        """The same where nothing is to come."""
        self.crone.gather(ROOM)
        self.inbox(client, entries)


class TestRoomInbox(RoomInbox):
    def test_a_member_who_is_away_finds_what_was_said(self):
        self.room(**MEMBERS)
        self.say(self.crone, "1")
        self.say(self.crone, "2", f"<reference xmlns='{REFERENCE}' type='mention' "
                 "uri='xmpp:hag@localhost'/>")
        last = self.say(self.crone, "3")
        inbox = self.inbox(self.hag, [(ROOM, 3)])
        self.assertEqual(inbox.bodies, ["3"])
        self.assertEqual(inbox.totals, (1, 1, 3))
        details = inbox.details[0]
        self.assertEqual((details["mentions"], details["archive"]), ("1", ROOM))
        # The id is one of the room's archive, where the rest is found.
        self.hag.take()
        self.hag.request("get", f"<inbox xmlns='{INBOX}'/>")
        entry = self.hag.expect(lambda stanza: stanza.has("entry", INBOX))
        self.assertEqual(entry.child("entry", INBOX)["id"], last)
        self.assertEqual(entry.child("result", MAM)["id"], last)
        kept = entry.child("result", MAM).child("forwarded", FORWARD).child("message")
        self.assertEqual((kept["from"], kept["type"]), (ROOM + "/first", "groupchat"))
        # Who said it has read it.
        self.assertEqual(self.inbox(self.crone, [(ROOM, 0)]).details[0]["displayed"], last)
        # Somebody else has nothing of it.
        self.stays(self.witch, [])

    def test_only_what_is_to_be_read_counts(self):
        self.room(**MEMBERS)
        first = self.say(self.crone, "1")
        self.crone.send(
            f"<message type='groupchat' to='{ROOM}'><subject>Fire</subject></message>"
            f"<message type='groupchat' to='{ROOM}'>"
            "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
            f"<message type='groupchat' to='{ROOM}' id='r'><reactions xmlns='urn:xmpp:reactions:0' "
            f"id='{first}'><reaction>🎈</reaction></reactions></message>"
            f"<message type='groupchat' to='{ROOM}' id='c'><body>one</body>"
            "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/></message>")
        self.crone.expect_message("one")
        self.stays(self.hag, [(ROOM, 1)])

    def test_markers_and_answers_move_the_position(self):
        self.room(**MEMBERS)
        ids = [self.say(self.crone, str(number)) for number in range(4)]
        self.inbox(self.hag, [(ROOM, 4)])
        self.enter(self.hag, "third")
        self.hag.send(f"<message type='groupchat' to='{ROOM}'>"
                      f"<displayed xmlns='{MARKERS}' id='{ids[1]}'/></message>")
        inbox = self.inbox(self.hag, [(ROOM, 2)])
        self.assertEqual(inbox.details[0]["displayed"], ids[1])
        # XEP-0490, in a message to the room, which it does not get.
        self.hag.send(f"<message type='groupchat' to='{ROOM}' id='mds'>"
                      f"<displayed xmlns='{MDS}'><stanza-id xmlns='{SID}' by='{ROOM}' "
                      f"id='{ids[2]}'/></displayed><store xmlns='urn:xmpp:hints'/></message>")
        said = self.hag.expect(lambda stanza: stanza["id"] == "mds")
        self.assertFalse(said.has("displayed", MDS))
        self.inbox(self.hag, [(ROOM, 1)])
        self.say(self.hag, "answer")
        self.inbox(self.hag, [(ROOM, 0)])
        self.inbox(self.crone, [(ROOM, 1)])

    def test_who_is_in_an_open_room_has_it_and_has_read_what_he_says(self):
        self.room(**OPEN)
        self.enter(self.witch, "second")
        first = self.say(self.crone, "1")
        self.say(self.crone, "2")
        self.inbox(self.witch, [(ROOM, 2)])
        self.stays(self.hag, [])  # an admin, who was never there
        self.witch.send(f"<message type='groupchat' to='{ROOM}'>"
                        f"<displayed xmlns='{MARKERS}' id='{first}'/></message>")
        self.inbox(self.witch, [(ROOM, 1)])
        self.leave(self.witch, "second")
        self.say(self.crone, "3")
        self.assertEqual(self.inbox(self.witch, [(ROOM, 1)]).bodies, ["2"])

    def test_a_room_says_whose_inboxes_it_tells(self):
        self.room(**{**OPEN, INBOXES: "members"})
        self.enter(self.witch, "second")
        self.enter(self.hag, "third")
        self.say(self.crone, "1")
        self.inbox(self.hag, [(ROOM, 1)])  # a member who is there
        self.stays(self.witch, [])
        self.configure(**{INBOXES: "occupants"})
        self.say(self.crone, "2")
        self.inbox(self.witch, [(ROOM, 1)])
        self.configure(**{INBOXES: "none", "membersonly": 0})
        last = self.say(self.crone, "3")
        self.stays(self.hag, [(ROOM, 2)])
        self.stays(self.witch, [(ROOM, 1)])
        self.configure(**{INBOXES: "members"})
        self.assertNotEqual(self.say(self.crone, "4"), last)
        self.inbox(self.hag, [(ROOM, 3)])

    def test_who_is_no_member_any_more_sees_nothing(self):
        self.room(**MEMBERS)
        self.witch.message("hag@localhost", "Hail", "chat")
        self.say(self.crone, "1")
        self.inbox(self.hag, [(ROOM, 1), ("witch@localhost", 1)])
        self.affiliate("hag@localhost", "none")
        inbox = self.inbox(self.hag, [("witch@localhost", 1)])
        self.assertEqual(inbox.totals, (1, 1, 1))
        self.say(self.crone, "2")
        self.stays(self.hag, [("witch@localhost", 1)])
        self.affiliate("hag@localhost", "admin")
        self.say(self.crone, "3")
        self.inbox(self.hag, [(ROOM, 1), ("witch@localhost", 1)])
        self.affiliate("hag@localhost", "outcast")
        self.inbox(self.hag, [("witch@localhost", 1)])

    def test_that_he_may_see_it_is_asked_at_each_read(self):
        self.room(**OPEN)
        self.enter(self.witch, "second")
        self.say(self.crone, "1")
        self.inbox(self.witch, [(ROOM, 1)])
        self.leave(self.witch, "second")
        # Nobody is told that she is a stranger now.
        self.configure(**MEMBERS)
        for attributes in ("", "messages='false'", "unread-only='true'"):
            inbox = Inbox(self.witch, attributes)
            self.assertEqual((inbox.entries, inbox.totals), ([], (0, 0, 0)))
        self.configure(membersonly=0)
        self.stays(self.witch, [])

    def test_who_an_author_is_is_told_to_those_who_may_know(self):
        self.room(whois="moderators", **MEMBERS)
        self.affiliate("witch@localhost", "member")
        self.say(self.crone, "1")
        for client, may in ((self.hag, True), (self.witch, False)):
            def last():
                client.take()
                client.iq("get", f"<inbox xmlns='{INBOX}'/>")
                return [stanza.child("result", MAM) for stanza in client.take()
                        if stanza.has("result", MAM)
                        and stanza.child("result", MAM).child("forwarded", FORWARD)
                        .child("message").body == "1"]
            message = wait_until(last, "the message")[0].child("forwarded", FORWARD)
            self.assertEqual(message.child("message").has("x", MUC + "#user"), may)

    def test_what_was_taken_back_is_not_to_be_read(self):
        self.room(**MEMBERS)
        self.say(self.crone, "1")
        last = self.say(self.crone, "2")
        self.inbox(self.hag, [(ROOM, 2)])
        self.crone.send(f"<message type='groupchat' to='{ROOM}' id='r'>"
                        f"<retract xmlns='{RETRACT}' id='{last}'/></message>")
        self.crone.expect(lambda stanza: stanza["id"] == "r")
        self.assertEqual(self.inbox(self.hag, [(ROOM, 1)]).bodies, [None])

    def test_a_room_that_keeps_nothing_or_ends_is_in_no_inbox(self):
        self.room(membersonly=1, enablelogging=0)
        self.say(self.crone, "1")
        self.stays(self.hag, [])
        self.configure(**MEMBERS)
        self.say(self.crone, "2")
        self.inbox(self.hag, [(ROOM, 1)])
        self.crone.iq("set", f"<query xmlns='{MUC}#owner'><destroy/></query>", to=ROOM)
        self.inbox(self.hag, [])
        self.assertEqual(Inbox(self.hag).totals, (0, 0, 0))

    def test_members_who_have_no_account_are_nobody(self):
        self.room(**MEMBERS)
        for account in ("nobody@localhost", "somebody@elsewhere.example"):
            self.affiliate(account, "member")
        self.say(self.crone, "1")
        self.inbox(self.hag, [(ROOM, 1)])
        self.server.add("nobody@localhost")
        self.say(self.crone, "2")
        nobody = self.login("nobody")
        self.assertEqual([room for room, unread in self.inbox_of(nobody)], [ROOM])

    def inbox_of(self, client):
        return wait_until(lambda: Inbox(client).entries, "an entry")

    def test_it_is_whole_after_the_end_of_the_server_orderly_or_not(self):
        self.room(**MEMBERS)
        self.enter(self.witch, "second")
        for number in range(30):
            self.say(self.crone, str(number))
        self.inbox(self.hag, [(ROOM, 30)])
        for how in (self.server.stop, self.server.kill):
            how()
            self.server.start()
            self.hag = self.login("hag")
            inbox = self.inbox(self.hag, [(ROOM, 30)])
            self.assertEqual(inbox.bodies, ["29"])

    def test_modules_are_exchanged_and_nothing_is_lost(self):
        self.room(**MEMBERS)
        for number, name in enumerate(("inbox@localhost", "mam@localhost", "muc@rooms.localhost")):
            self.say(self.crone, f"a{number}")
            module, _, host = name.partition("@")
            self.server.ctl("module", "reload", module, host)
            self.say(self.crone, f"b{number}")
            self.inbox(self.hag, [(ROOM, 2 * number + 2)])

    def test_many_pages_of_rooms_and_people(self):
        self.room(**MEMBERS)
        self.say(self.crone, "1")
        self.witch.message("hag@localhost", "2", "chat")
        self.inbox(self.hag, [("witch@localhost", 1), (ROOM, 1)])
        rsm = "<set xmlns='http://jabber.org/protocol/rsm'><max>1</max>{}</set>"
        first = Inbox(self.hag, rsm=rsm.format(""))
        self.assertEqual(first.entries, [("witch@localhost", 1)])
        then = Inbox(self.hag, rsm=rsm.format(f"<after>{first.last.text}</after>"))
        self.assertEqual((then.entries, then.totals), ([(ROOM, 1)], (2, 2, 2)))
        self.assertEqual(Inbox(self.hag, rsm=rsm.format(f"<after>{then.last.text}</after>")).entries,
                         [])


class TestMentions(RoomInbox):
    settings = {"muc.max_mentions": 3}

    def test_only_so_many_are_told_in_a_minute(self):  # muc.max_mentions
        self.room(forwardmentions=1, **OPEN)
        self.affiliate("hag@localhost", "member", "third")
        self.hag.come()
        self.enter(self.witch, "second")
        mention = f"<reference xmlns='{REFERENCE}' type='mention' uri='xmpp:{ROOM}/third'/>"
        for number in range(5):
            self.say(self.witch, f"w{number}", mention)
        self.say(self.crone, "c", mention)
        told = [self.hag.expect(lambda stanza: stanza.has("mentions", NOTICE)) for _ in range(4)]
        said = [notice.child("mentions", NOTICE).child("forwarded", FORWARD).child("message").body
                for notice in told]
        self.assertEqual(said, ["w0", "w1", "w2", "c"])


if __name__ == "__main__":
    report.main()
