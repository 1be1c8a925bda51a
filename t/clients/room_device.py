# SPDX-License-Identifier: Apache-2.0
"""A device that is in rooms, with a session of XEP-0198 that it resumes when it has lost its
connection. It notes what each room shows it, and minds what no room may do."""

import collections
import select
import time

from server import PATIENCE
from soak_device import DELAY, SID, SM
from xmpp import CLIENT, STREAM, Client, Closed, Element, Gone, condition_of

MUC = "http://jabber.org/protocol/muc"
USER = f"{MUC}#user"
OCCUPANT = "urn:xmpp:occupant-id:0"

Said = collections.namedtuple("Said", "text id")


class Wrong(Exception):
    """What the server must not do."""


class View:
    """What a device knows of a room. `flow` is, in order: ("begin", ids of the history), ("say",
    id), ("again", ids) of a history that is told to one who is in, ("mark", key) for what all others
    see as well, ("end",)."""

    def __init__(self, device, room):
        self.device = device
        self.room = room
        self.nick = None       # its own, while it is in
        self.people = {}       # nick → (affiliation, role)
        self.entering = None   # marks, until the subject ends what is told to who enters
        self.past = []
        self.subjects = set()  # ids of those that it was told
        self.begin_round()

    def begin_round(self):
        self.told = []
        self.flow = []
        self.addresses = []    # (nick, JID) of others, where it was shown
        self.was_inside = self.nick is not None

    def wrong(self, what, stanza):
        raise Wrong(f"{self.device.jid} in {self.room}: {what}: {stanza}")

    # --- presence

    def take_presence(self, stanza):
        nick = stanza["from"].partition("/")[2]
        x = stanza.child("x", USER)
        if x is None or x.child("item") is None:
            self.wrong("presence that says not who it is", stanza)
        item = x.child("item")
        codes = frozenset(child["code"] for child in x.children if child.name == "status")
        tag = stanza["id"] or self.reason_in(x, item)
        itself = "110" in codes
        if stanza["type"] == "unavailable":
            self.take_leaving(stanza, nick, x, tag, codes, itself)
        else:
            self.take_coming(stanza, nick, item, tag, codes, itself)

    @staticmethod
    def reason_in(x, item):
        for parent in (item, x.child("destroy")):
            if parent is not None and parent.child("reason") is not None:
                return parent.child("reason").text
        return None

    def mark(self, tag, nick):
        if tag is not None:
            (self.flow if self.entering is None else self.entering).append(("mark", (tag, nick)))

    def take_coming(self, stanza, nick, item, tag, codes, itself):
        if not itself and item["jid"] is not None:
            self.addresses.append((nick, item["jid"]))
        self.people[nick] = (item["affiliation"], item["role"])
        if not itself:
            if self.nick is not None:
                self.mark(tag, nick)
            return
        if self.nick is None:
            self.nick = nick
            self.entering = []
        if nick != self.nick:
            self.wrong(f"its own nickname is {self.nick}", stanza)
        self.mark(tag, nick)
        if tag is not None:
            self.told.append(("self", tag, codes, item["affiliation"], item["role"]))

    def take_leaving(self, stanza, nick, x, tag, codes, itself):
        item = x.child("item")
        if itself and self.nick is None and tag is None:
            return  # of a session that ended before
        if self.people.pop(nick, None) is None and not self.device.was_away:
            self.wrong("leaves, and was not there", stanza)
        self.mark(tag, "all" if x.has("destroy") else nick)
        if "303" in codes:
            if itself:
                self.nick = item["nick"]
                self.told.append(("out", tag, codes))
        elif itself:
            if item["role"] != "none":
                self.wrong("has left with a role", stanza)
            self.told.append(("out", tag, codes))
            self.flow.append(("end",))
            self.nick = None
            self.people.clear()

    # --- messages

    def take_message(self, stanza):
        subject = stanza.child("subject", CLIENT)
        ids = [child["id"] for child in stanza.children
               if child.ns == SID and child.name == "stanza-id" and child["by"] == self.room]
        if stanza.body is None and subject is None:
            return  # the configuration has changed
        if self.nick is None:
            if not self.device.begun_anew:  # else it may be what was on its way to the session before
                self.wrong("a message, and it is not there", stanza)
            return
        if subject is not None and (not ids or self.entering is not None or ids[0] in self.subjects):
            self.subjects.update(ids)
            self.end_entering()
            self.told.append(("subject", subject.text))
            return
        if len(ids) != 1 or not stanza.has("occupant-id", OCCUPANT):
            self.wrong("not one stanza-id, or no occupant-id", stanza)
        if stanza.has("delay", DELAY):
            self.past.append(self.device.note(self.room, ids[0], stanza))
        elif self.entering is not None:
            self.wrong("a message before the subject", stanza)
        elif subject is not None:
            self.subjects.add(ids[0])
            self.told.append(("subject", subject.text))
            self.flow.append(("mark", ("subject", subject.text)))
        else:
            self.flow.append(("say", self.device.note(self.room, ids[0], stanza)))

    def end_entering(self):
        if self.entering is None:
            self.flow.append(("again", tuple(self.past)))
        else:
            self.flow.append(("begin", tuple(self.past)))
            self.flow += self.entering
        self.entering = None
        self.past = []


class Device:
    """`world` has: server, rooms (their addresses), bodies."""

    def __init__(self, world, user, resource):
        self.world = world
        self.user = user
        self.resource = resource
        self.bare = f"{user}@localhost"
        self.jid = f"{self.bare}/{resource}"
        self.client = None
        self.ending = False
        self.begun_anew = False        # in this round
        self.was_away = False          # in this round: of the presence of others it has the newest
        self.session = None            # the id of the one to resume
        self.h = 0                     # of what came
        self.counted = 0               # of what was sent
        self.flight = collections.deque()
        self.acknowledged = set()      # ids
        self.answers = {}              # id → condition, or "result"
        self.whispers = collections.Counter()
        self.counts = collections.Counter()
        self.forget_rooms()

    def forget_rooms(self):
        self.views = {room: View(self, room) for room in self.world.rooms}

    def begin_round(self):
        self.was_away = self.client is None
        self.begun_anew = False
        self.acknowledged.clear()
        self.answers.clear()
        self.whispers.clear()
        for view in self.views.values():
            view.begin_round()

    def note(self, room, id, stanza):
        """A message of a room is the same whoever sees it, and when."""
        shown = (stanza["from"], stanza.body)
        before = self.world.bodies[room].setdefault(id, shown)
        if before != shown:
            raise Wrong(f"{self.jid} in {room}: {id} was {before}, and is {shown}")
        return id

    # --- connections

    def come(self):
        """Resumes its session, or begins one. Whether it resumed it."""
        self.ending = False
        client = self.client = Client(self.world.server, direct=True)
        client.features()
        client.authenticate(self.user, mechanism="SCRAM-SHA-1")
        client.features()
        resumed = self.session is not None and self.resume()
        if not resumed:
            self.bind()
        self.ask_for_count()
        return resumed

    def resume(self):
        self.client.send(f"<resume xmlns='{SM}' previd='{self.session}' h='{self.h}'/>")
        answer = self.client.element()
        if answer["h"] is not None:
            self.take_count(int(answer["h"]))
        if answer.name != "resumed":
            self.counts["not resumed"] += 1
            return False
        self.counts["resumed"] += 1
        for said in list(self.flight):
            self.client.send(said.text)
        return True

    def bind(self):
        client = self.client
        answer = client.bind(self.resource)
        if answer["type"] != "result" or client.jid != self.jid:
            raise Wrong(f"to <bind/>: {answer}")
        client.send(f"<enable xmlns='{SM}' resume='true'/>")
        enabled = client.expect(lambda element: element.ns == SM)
        if enabled.name != "enabled" or not enabled["id"]:
            raise Wrong(f"to <enable/>: {enabled}")
        self.session = enabled["id"]
        self.h = self.counted = 0
        self.flight.clear()
        for stanza in client.take():  # before that it does not count
            self.take_stanza(stanza)
        self.send("<presence/>")

    def cut(self):
        if self.client is not None:
            self.client.cut()
            self.client = None
            self.was_away = True

    def forget(self):
        """Does not know of its session any more."""
        self.cut()
        self.session = None
        self.begun_anew = True
        self.forget_rooms()

    def close(self):
        """In order."""
        self.client.send("</stream:stream>")
        self.hear_out()
        self.forget()

    def hear_out(self):
        """All that the connection still brings, which ends."""
        self.ending = True
        deadline = time.monotonic() + PATIENCE
        while self.client is not None:
            if time.monotonic() > deadline:
                raise Wrong(f"{self.jid}: the connection is left open")
            self.client.receive()
            self.take_items()

    # --- what it sends

    def send(self, text, id=None):
        """At once, or when it is back."""
        self.flight.append(Said(text, id))
        if self.client is not None:
            self.client.send(text)

    def ask_for_count(self):
        if self.client is not None:
            self.client.send(f"<r xmlns='{SM}'/>")

    # --- what comes

    def take_count(self, h):
        count = h - self.counted
        if not 0 <= count <= len(self.flight):
            raise Wrong(f"{self.jid}: {h} are acknowledged, after {self.counted}; "
                        f"{len(self.flight)} fly")
        self.counted = h
        for _ in range(count):
            self.acknowledged.add(self.flight.popleft().id)

    def take_items(self):
        client = self.client
        while client.items:
            self.take(client.items.pop(0))

    def take(self, item):
        if isinstance(item, (Closed, Gone)) or item.ns == STREAM:
            self.take_end(item)
        elif item.ns == SM and item.name == "a":
            self.take_count(int(item["h"]))
        elif item.ns == SM and item.name == "r":
            if not self.ending:
                self.client.send(f"<a xmlns='{SM}' h='{self.h}'/>")
        elif item.ns == CLIENT:
            self.h += 1
            self.take_stanza(item)

    def take_end(self, item):
        shutdown = isinstance(item, Element) and condition_of(item) == "system-shutdown"
        if not self.ending or isinstance(item, Element) and not shutdown:
            raise Wrong(f"{self.jid}: the stream ends: {item}")
        if not shutdown:
            self.cut()

    def take_stanza(self, stanza):
        room = (stanza["from"] or "").partition("/")[0]
        if stanza["type"] in ("error", "result"):
            self.take_answer(stanza)
        elif room not in self.views:
            pass  # other devices of its account
        elif stanza.name == "presence":
            self.views[room].take_presence(stanza)
        elif stanza.name == "message" and stanza["type"] == "groupchat":
            self.views[room].take_message(stanza)
        elif stanza.name == "message" and stanza.body is not None:
            self.whispers[stanza.body] += 1

    def take_answer(self, stanza):
        answer = "result" if stanza["type"] == "result" else stanza.error()[1]
        if stanza["id"] in self.answers:
            raise Wrong(f"{self.jid}: answered twice, {self.answers[stanza['id']]}, then {stanza}")
        self.answers[stanza["id"]] = answer


def pump(devices, seconds=0.0):
    """Takes in what has come to them, within that time."""
    there = {device.client.socket: device for device in devices if device.client is not None}
    ready = [socket for socket in there if socket.pending()]
    ready = ready or select.select(list(there), [], [], seconds)[0]
    for socket in ready:
        device = there[socket]
        device.client.receive()
        device.take_items()
