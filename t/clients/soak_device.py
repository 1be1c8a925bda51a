# SPDX-License-Identifier: Apache-2.0
"""A device that talks, is cut off in all manners and comes back, and that keeps what it was told:
what of its own is acknowledged, and what it has seen, live and in the archive. A thread each."""

import collections
import random
import socket
import struct
import threading
import traceback
from xml.parsers.expat import ExpatError

from server import PATIENCE
from xmpp import CLIENT, STREAM, Client, Closed, Gone, Opened, StreamFailed, condition_of

CARBONS = "urn:xmpp:carbons:2"
DELAY = "urn:xmpp:delay"
FORWARD = "urn:xmpp:forward:0"
MAM = "urn:xmpp:mam:2"
RSM = "http://jabber.org/protocol/rsm"
SID = "urn:xmpp:sid:0"
SM = "urn:xmpp:sm:3"
PAGE = 25

Said = collections.namedtuple("Said", "text number")  # the number of a message; None: no message
Seen = collections.namedtuple("Seen", "id body late copy")  # copy: sent, received or None
Entry = collections.namedtuple("Entry", "id sender to body")


class Lost(Exception):
    """The connection has ended; the session may go on."""


class Wrong(Exception):
    """What the server must not do."""


def page_of_archive(after):
    place = f"<after>{after}</after>" if after else ""
    return f"<query xmlns='{MAM}'><set xmlns='{RSM}'><max>{PAGE}</max>{place}</set></query>"


def archived(stanza):
    """The entry that a message brings, or None."""
    result = stanza.child("result", MAM)
    if result is None:
        return None
    message = result.child("forwarded", FORWARD).child("message")
    return Entry(result["id"], message["from"], message["to"], message.body)


def end_of_page(stanza):
    """(complete, the last id or None) where a page ends, or None."""
    fin = stanza.child("fin", MAM)
    if fin is None:
        return None
    last = fin.child("set", RSM).child("last", RSM)
    return fin["complete"] == "true", None if last is None else last.text


def shown(stanza, bare, has_archive):
    """The message that it shows, itself or as a copy. Without an archive, what it says names it."""
    kind = None
    for name in ("sent", "received"):
        copy = stanza.child(name, CARBONS)
        if copy is not None:
            stanza = copy.child("forwarded", FORWARD).child("message")
            kind = name
            break
    if stanza.body is None:
        return None
    if not has_archive:
        return Seen(stanza.body, stanza.body, stanza.has("delay", DELAY), kind)
    ids = [child["id"] for child in stanza.children
           if child.ns == SID and child.name == "stanza-id" and child["by"] == bare]
    if len(ids) != 1:
        raise Wrong(f"a message without its id, or with many: {stanza}")
    return Seen(ids[0], stanza.body, stanza.has("delay", DELAY), kind)


def numbers(flight):
    return {said.number for said in flight if said.number is not None}


class Session:
    """One of XEP-0198, over as many connections as it has."""

    def __init__(self, name):
        self.name = name
        self.h = 0            # of what came
        self.acknowledged = 0 # of what was sent
        self.flight = collections.deque()
        self.live = []
        self.ids = set()
        self.known_to = None  # the archive was read up to this id, and this session was there

    def take_count(self, h):
        """The messages that are acknowledged by it."""
        count = h - self.acknowledged
        if not 0 <= count <= len(self.flight):
            raise Wrong(f"{h} are acknowledged, after {self.acknowledged}; {len(self.flight)} fly")
        self.acknowledged = h
        return numbers([self.flight.popleft() for _ in range(count)])

    def see(self, seen):
        if seen.id in self.ids:
            before = [(at, one) for at, one in enumerate(self.live) if one.id == seen.id]
            raise Wrong(f"shown twice in one session: {before} of {len(self.live)}, then {seen}")
        self.ids.add(seen.id)
        self.live.append(seen)


class Device(threading.Thread):
    """`world` has: server, archive, calm, over, round, targets; see test_soak.py."""

    def __init__(self, world, user, resource, carbons, seed):
        super().__init__(name=f"{user}/{resource}", daemon=True)
        self.world = world
        self.user = user
        self.resource = resource
        self.bare = f"{user}@localhost"
        self.jid = f"{self.bare}/{resource}"
        self.carbons = carbons
        self.random = random.Random(seed)
        self.client = None
        self.silent = None         # a connection that stands, and says nothing
        self.mute = False          # it has said that it will say nothing more
        self.session = None
        self.ended = []            # sessions
        self.said = {}             # number → to whom
        self.acknowledged = set()
        self.abandoned = set()     # nobody will know whether they came
        self.history = []          # what the archive said, once
        self.page = []             # the same, up to now of one page
        self.last = None           # as far as it was read
        self.settled = False       # all is acknowledged and read
        self.drained = 0
        self.failure = None
        self.counts = collections.Counter()

    def run(self):
        try:
            while not self.world.over.is_set():
                self.life()
        except BaseException:
            self.failure = f"{dict(self.counts)}\n{traceback.format_exc()}"
        finally:
            self.cut(self.client)
            self.cut(self.silent)

    def life(self):
        """One connection."""
        try:
            self.come()
            self.silent = self.cut(self.silent)
            self.talk()
            if not self.world.over.is_set():
                self.leave()
        except (Lost, OSError):
            pass
        except StreamFailed as failed:
            self.check_end(failed.condition)
        except ExpatError:
            # One that ends behind <success/> opens a stream of its own to say so.
            if not self.world.server.ending():
                raise
        self.client = self.cut(self.client)
        self.settled = False
        if not self.world.calm.is_set():
            self.pause()

    def pause(self):
        """Away: hardly, for a while, or for longer than its session waits."""
        longest = self.random.choices((0.1, 1, 6), (50, 40, 10))[0]
        self.world.calm.wait(self.random.uniform(longest / 1.5, longest))

    def state(self):
        """For people who wonder."""
        session = self.session
        return (self.name, dict(self.counts), self.drained,
                session and (session.h, session.acknowledged, list(session.flight)[:3],
                             session.known_to))

    @staticmethod
    def cut(client):
        if client is not None:
            client.cut()

    @staticmethod
    def check_end(condition):
        if condition not in (None, "conflict", "system-shutdown"):
            raise Wrong(f"the stream ended with {condition}")

    # --- how it comes

    def come(self):
        self.mute = False
        self.client = Client(self.world.server, direct=True)
        self.begin_stream()
        self.client.authenticate(self.user, mechanism="SCRAM-SHA-1")
        self.begin_stream()
        if self.session is not None and self.forgets():
            self.end_session()
        if self.session is None or not self.resume():
            self.bind()

    def begin_stream(self):
        self.client.open()
        if not isinstance(self.client.next(), Opened):
            raise Lost  # it ends just now
        self.client.element()

    def forgets(self):
        return not self.world.calm.is_set() and self.random.random() < 0.08

    def resume(self):
        session = self.session
        self.client.send(f"<resume xmlns='{SM}' previd='{session.name}' h='{session.h}'/>")
        if not self.world.calm.is_set() and self.random.random() < 0.1:
            raise Lost  # and never hears how it went
        answer = self.client.element()
        if answer.name == "failed" and answer.has("item-not-found"):
            self.counts["not resumed"] += 1
            self.take_count(answer["h"])
            if answer["h"] is None:
                self.abandon(session.flight)
            return False
        if answer.name != "resumed":
            raise Wrong(f"to <resume/>: {answer}")
        self.counts["resumed"] += 1
        self.take_count(answer["h"])
        for said in list(session.flight):
            self.write(said.text)
        return True

    def abandon(self, flight):
        self.abandoned |= numbers(flight)
        flight.clear()

    def end_session(self):
        """Does not know of it any more."""
        self.abandon(self.session.flight)
        self.ended.append(self.session)
        self.session = None

    def bind(self):
        """A session that is new."""
        client = self.client
        answer = client.bind(self.resource)
        if answer["type"] != "result":
            raise Wrong(f"to <bind/>: {answer}")
        client.send(f"<enable xmlns='{SM}' resume='true'/>")
        enabled = client.expect(lambda element: element.ns == SM)
        if enabled.name != "enabled" or not enabled["id"]:
            raise Wrong(f"to <enable/>: {enabled}")
        self.counts["begun"] += 1
        session = Session(enabled["id"])
        if self.session is not None:
            # Known up to here, since a crash is not over for a client that was not there again.
            session.flight.extend(said for said in self.session.flight if said.number is not None)
            self.session.flight.clear()
            self.end_session()
        self.session = session
        for stanza in client.take():  # what came before that does not count
            if stanza.name == "message":
                self.take_message(stanza)
        self.counts["sent again"] += len(session.flight)
        session.flight.append(Said("<presence/>", None))
        for said in list(session.flight):
            self.write(said.text)

    # --- what it sends

    def write(self, text):
        self.client.socket.settimeout(PATIENCE)
        self.client.send(text)

    def send(self, said):
        self.session.flight.append(said)
        self.write(said.text)

    def message(self):
        number = len(self.said) + 1
        to = self.said[number] = self.random.choice(self.world.targets)
        id = f"{self.jid} {number}"
        return Said(f"<message to='{to}' type='chat' id='{id}'><body>{id}</body></message>", number)

    def request(self, kind, payload, id, to=None):
        address = f" to='{to}'" if to else ""
        self.send(Said(f"<iq type='{kind}' id='{id}'{address}>{payload}</iq>", None))

    def ask_for_count(self):
        self.write(f"<r xmlns='{SM}'/>")

    # --- what comes

    def take_count(self, h):
        if h is not None:
            self.acknowledged.update(self.session.take_count(int(h)))

    def take(self, item):
        if isinstance(item, (Closed, Gone)):
            raise Lost
        if item.ns == STREAM and item.name == "error":
            self.check_end(condition_of(item))
            raise Lost
        if item.ns == SM and item.name == "a":
            self.take_count(item["h"])
        elif item.ns == SM and item.name == "r":
            if not self.mute and (self.world.calm.is_set() or self.random.random() < 0.7):
                self.write(f"<a xmlns='{SM}' h='{self.session.h}'/>")
        elif item.ns == CLIENT:
            self.session.h += 1
            self.take_stanza(item)

    def take_stanza(self, stanza):
        if stanza["type"] == "error" and stanza.name != "iq":
            raise Wrong(f"an error: {stanza}")
        if stanza.name == "presence" and (stanza["from"], stanza["type"]) == (self.jid, None):
            self.ask_for_copies()
        elif stanza.name == "message":
            self.take_message(stanza)
        elif stanza.name == "iq" and stanza["id"].startswith("drain"):
            self.drained = int(stanza["id"].split()[1])
        elif stanza.name == "iq":
            self.take_answer(stanza)

    def take_message(self, stanza):
        entry = archived(stanza)
        if entry is not None:
            self.page.append(entry)
            return
        seen = shown(stanza, self.bare, self.world.archive)
        if seen is not None:
            self.session.see(seen)

    # Once it is available: one that is not may be given a copy, and the message itself when it is.
    def ask_for_copies(self):
        if self.carbons:
            self.request("set", f"<enable xmlns='{CARBONS}'/>", "copies")
        else:
            self.begin_to_read()

    def begin_to_read(self):
        if self.world.archive:
            self.read_on()
        else:
            self.session.known_to = ""

    def read_on(self):
        self.page = []
        self.request("set", page_of_archive(self.last), "page")

    def take_answer(self, answer):
        if answer["id"] == "copies" and answer.error() is None:
            self.begin_to_read()
        elif answer.error() == ("wait", "resource-constraint"):
            self.read_on()  # the connection was lost in the middle
        elif answer.error() == ("cancel", "service-unavailable") and self.world.server.ending():
            self.counts["refused at the end"] += 1
            self.read_on()
        elif answer.error() is not None:
            raise Wrong(f"to a query: {answer}")
        else:
            self.take_page(*end_of_page(answer))

    def take_page(self, complete, last):
        if last != (self.page[-1].id if self.page else None):
            raise Wrong(f"a page ends with {last}, it was {self.page}")
        self.history += self.page
        self.last = last or self.last
        if complete:
            self.session.known_to = self.last or ""
        else:
            self.read_on()

    # --- how it lives

    def read(self, seconds):
        """What comes in that time, at least what is there."""
        try:
            self.take(self.client.next(seconds))
            while self.client.items:
                self.take(self.client.items.pop(0))
        except TimeoutError:
            pass

    def talk(self):
        """Says things and listens for a while; while all is to be calm, until it no more is."""
        left = self.random.randint(1, 60)
        while left > 0 and not self.world.over.is_set():
            if self.world.calm.is_set():
                self.be_calm()
                continue
            left -= 1
            for _ in range(self.random.choice((0, 0, 1, 1, 2, 4))):
                self.send(self.message())
            if self.random.random() < 0.2:
                self.ask_for_count()
            self.read(self.random.uniform(0.005, 0.06))

    def be_calm(self):
        """Says nothing new, and waits until all is acknowledged and read."""
        self.ask_for_count()
        asked = self.drained
        while self.world.calm.is_set() and not self.world.over.is_set():
            self.settled = (self.session.known_to is not None and
                            all(said.number is None for said in self.session.flight))
            if asked != self.world.round:
                asked = self.world.round
                self.request("get", "<query xmlns='test:nothing'/>", f"drain {asked}", self.bare)
            self.read(0.05)
        self.settled = False

    # --- how it goes

    def leave(self):
        manner = self.random.choices(
            (self.shut, self.reset, self.half_close, self.fall_silent, self.tear, self.close),
            (3, 3, 3, 3, 3, 1))[0]
        self.counts[manner.__name__] += 1
        manner()

    def shut(self):
        self.client.cut()

    def reset(self):
        """As a middlebox does that has forgotten the connection."""
        self.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.client.cut()

    def half_close(self):
        """Says nothing more, and hears what there is to hear. What would need an answer ends it."""
        self.mute = True
        socket.socket.shutdown(self.client.socket, socket.SHUT_WR)  # SSLSocket's forgets the keys
        self.hear_out()

    def hear_out(self):
        try:
            while True:
                self.take(self.client.next())
        except TimeoutError:
            raise Wrong("the connection is left open") from None

    def fall_silent(self):
        """Reads and says nothing; the server thinks that it is there."""
        self.cut(self.silent)
        self.silent, self.client = self.client, None

    def tear(self):
        """In the middle of a stanza."""
        said = self.message()
        self.session.flight.append(said)
        self.write(said.text[:self.random.randint(1, len(said.text) - 1)])
        self.client.cut()

    def close(self):
        """In order: what is not acknowledged by then never is."""
        self.mute = True
        self.write("</stream:stream>")
        try:
            self.hear_out()
        finally:
            self.end_session()
