# SPDX-License-Identifier: Apache-2.0
"""The soak of rooms: devices of several people enter and leave rooms of all kinds, talk, whisper, and
rule, while their connections are cut and the daemon is restarted and killed. A model says what each
room must be like, and what each of them must have been told: who is there with which affiliation and
role, the subject, the codes; all see the same messages in the order of the archive, from the moment
they enter to that in which they leave, once and without a gap.

It goes in rounds. In each all that is to be done is planned, and sent by all devices at once; then
all is waited for, and compared. What people say is under way while a room changes: it may be taken
before a deed or after it. Deeds are of one device in a room at a time, or such as do not concern each
other, so that what comes of them is known.

SOAK_SECONDS says how long it takes (15), SOAK_SEED what is done."""

import collections
import os
import random
import time
import unittest

import report
from room_device import MUC, Device, Wrong, pump
from room_model import Room, bare
from room_story import NICKS, PEOPLE, Story
from server import PATIENCE, Server
from soak_device import archived, end_of_page, page_of_archive
from xmpp import PING, Client

SECONDS = float(os.environ.get("SOAK_SECONDS", 15))
SEED = int(os.environ.get("SOAK_SEED", random.SystemRandom().randrange(1 << 32)))
ROOMS = [f"{name}@rooms.localhost" for name in ("heath", "cave", "castle", "camp")]
HISTORY = 20
INFO = "http://jabber.org/protocol/disco#info"
FORM = "jabber:x:data"
FIELDS = {"persistent": "muc#roomconfig_persistentroom", "members_only": "muc#roomconfig_membersonly",
          "moderated": "muc#roomconfig_moderatedroom", "subject_open": "muc#roomconfig_changesubject",
          "archived": "muc#roomconfig_enablelogging", "password": "muc#roomconfig_roomsecret"}


class Ledger:
    """What was said in a room since it was made."""

    def __init__(self):
        self.order = []        # ids
        self.start = 0         # of this round
        self.last = None       # the archive was read up to it
        self.archived = True
        self.lossy = False     # its history may be forgotten
        self.loose = False     # it may have been forgotten in this round

    def note(self, room):
        self.archived = room.config["archived"]
        self.loose = not self.archived and room.emptied
        self.lossy = self.lossy or self.loose or not self.archived and not room.occupants


class TestRoomSoak(unittest.TestCase):
    """Also the world of its devices."""

    maxDiff = None

    def setUp(self):
        self.random = random.Random(SEED)
        rooms = {"accounts": "none", "modules": ["disco", "mam", "muc"], "muc.rate": 0,
                 "muc.resync_interval": "0s", "muc.password_pause": "0s", "muc.linger": "1s",
                 "muc.admins": ["keeper@localhost"]}
        self.server = Server({"limits.stanza_rate": 0, "limits.byte_rate": 0},
                             hosts={"localhost": {}, "rooms.localhost": rooms})
        self.addCleanup(self.server.remove)
        self.rooms = ROOMS
        self.models = {room: Room(room) for room in ROOMS}
        self.ledgers = {room: Ledger() for room in ROOMS}
        self.bodies = {room: {} for room in ROOMS}  # id → (from, body)
        self.devices = [Device(self, user, resource)
                        for user, resources in PEOPLE.items() for resource in resources]
        self.story = Story(self.random, self.models, self.devices)
        self.round = 0
        self.counts = collections.Counter()
        self.pings = 0
        self.traces = collections.deque(maxlen=4)  # of rounds

    # --- what happens

    def begin_round(self):
        self.round += 1
        self.pings = 0
        self.restarted = False
        for room, model in self.models.items():
            self.bury(room)
            model.begin_round()
            ledger = self.ledgers[room]
            ledger.start = len(ledger.order)
        for device in self.devices:
            device.begin_round()
        self.story.begin_round()
        self.traces.append(self.story.trace)

    def bury(self, room):
        if not self.models[room].exists:
            self.ledgers[room] = Ledger()
            self.bodies[room] = {}

    def play(self, interludes):
        """Sends what is planned, each in its order, and mixed; `interludes` come in between."""
        scripts = {device: list(script) for device, script in self.story.scripts.items() if script}
        steps = sum(map(len, scripts.values()))
        at = sorted((self.random.randint(0, steps), number) for number in range(len(interludes)))
        for step in range(steps):
            while at and at[0][0] <= step:
                interludes[at.pop(0)[1]]()
            device = self.random.choice(list(scripts))
            said = scripts[device].pop(0)
            device.send(said.text, said.id)
            if not scripts[device]:
                del scripts[device]
            if self.random.random() < 0.3:
                pump(self.devices)
        for _, number in at:
            interludes[number]()

    def interludes(self):
        chosen = [self.cut] * self.random.choice((0, 0, 1, 2, 4))
        chosen += [self.come] * self.random.choice((0, 1, 2))
        if self.random.random() < 0.12:
            chosen.append(self.restart)
        self.random.shuffle(chosen)
        return chosen

    def cut(self):
        device = self.random.choice(self.devices)
        self.story.tell(None, f"{device.jid} is cut off")
        device.cut()

    def come(self):
        for device in self.devices:
            if device.client is None:
                self.return_to_session(device)
                return

    def return_to_session(self, device):
        if not device.come():
            raise Wrong(f"{device.jid}: its session is gone")

    def restart(self):
        self.story.tell(None, "the daemon is restarted")
        self.restarted = True
        self.counts["restarts"] += 1
        self.server.stop()
        self.end_connections()
        self.server.start()

    def end_connections(self):
        for device in self.devices:
            if self.random.random() < 0.3:
                device.cut()
            device.hear_out()

    def kill(self):
        self.story.tell(None, "the daemon is killed")
        self.counts["kills"] += 1
        self.server.kill()
        for device in self.devices:
            device.hear_out()
        self.server.start()
        for device in self.devices:
            if device.come():
                raise Wrong(f"{device.jid}: a session that has outlived a crash")

    def begin_anew(self):
        """A device has forgotten its session, or ends it; it is in no room then."""
        device = self.random.choice(self.devices)
        there = [room for room in ROOMS if self.models[room].by_session(device.jid)]
        nicks = {room: self.models[room].by_session(device.jid).nick for room in there}
        closes = self.random.random() < 0.5
        self.story.tell(None, f"{device.jid} {'ends' if closes else 'forgets'} its session")
        self.counts["begun anew"] += 1
        if len(PEOPLE[device.user]) > 1:  # its end alone would not do, see TODO.md
            for room in there:
                device.send(f"<presence to='{room}/{nicks[room]}' type='unavailable'/>")
                self.wait_until_out(device, room, nicks[room])
        device.close() if closes else device.forget()
        for room in there:
            self.models[room].leave(device.jid, None)
        device.come()
        for room in there:
            self.wait_until_out(device, room, nicks[room])
            self.bury(room)

    def wait_until_out(self, device, room, nick):
        deadline = time.monotonic() + PATIENCE
        while self.ping(device, room, nick) == "result":
            if time.monotonic() > deadline:
                self.fail(self.report(room, device.jid, "its session has ended, and it is in still"))
            time.sleep(0.01)

    # --- until all is quiet

    def wait_for(self, holds, what):
        deadline = time.monotonic() + PATIENCE
        while not all(holds(device) for device in self.devices):
            late = [device.jid for device in self.devices if not holds(device)]
            lost = [device.jid for device in self.devices if device.client is None]
            self.assertEqual(lost, [], "lost their connections")
            self.assertLess(time.monotonic(), deadline, f"{what}: {late}")
            pump(self.devices, 0.05)

    def send_ping(self, device, room, nick):
        self.pings += 1
        id = f"p{self.pings}"
        device.send(f"<iq type='get' id='{id}' to='{room}/{nick}'><ping xmlns='{PING}'/></iq>", id)
        return id

    def ping(self, device, room, nick):
        id = self.send_ping(device, room, nick)
        self.wait_for(lambda one: one is not device or id in one.answers, f"{room} answers")
        return device.answers.pop(id)

    def settle(self):
        """All are there, all is acknowledged, and what came of it has come."""
        for device in self.devices:
            if device.client is None:
                self.return_to_session(device)
            else:
                device.ask_for_count()
        self.wait_for(lambda device: not device.flight, "all is acknowledged")
        asked = {}
        for device in self.devices:
            for room, model in self.models.items():
                mine = model.by_session(device.jid)
                nick = mine.nick if mine else "nobody"
                asked[device, room] = self.send_ping(device, room, nick), bool(mine)
        ids = {device: {id for (one, _), (id, _) in asked.items() if one is device}
               for device in self.devices}
        self.wait_for(lambda device: ids[device] <= device.answers.keys(), "all rooms answer")
        for (device, room), (id, inside) in asked.items():
            self.same(room, device.jid, "its self-ping", "result" if inside else "not-acceptable",
                      device.answers.pop(id))

    # --- what must be true then

    def same(self, room, who, what, expected, seen):
        if expected != seen:
            self.fail(self.report(room, who, f"{what}\nexpected: {expected}\nseen:     {seen}"))

    def report(self, room, who, what):
        lines = [f"round {self.round - len(self.traces) + 1 + at}: {where or 'all'}: {text}"
                 for at, trace in enumerate(self.traces)
                 for where, text in trace if where in (room, None) or room is None]
        return "\n".join((f"{who} in {room}: {what}", f"SOAK_SEED={SEED} round {self.round}",
                          *lines[-60:]))

    def check(self, crashed):
        for room in ROOMS:
            if self.models[room].exists:
                self.ledgers[room].note(self.models[room])
            self.read_order(room)
            self.check_messages(room, crashed)
            marks = {}
            for device in self.devices:
                self.check_flow(room, device.views[room], marks, crashed)
                if not crashed:
                    self.check_view(room, device)
        if not crashed:
            self.check_answers()
            self.check_whispers()

    def read_order(self, room):
        """That of the archive, if there is one; else one that is that of all."""
        ledger = self.ledgers[room]
        if not self.models[room].exists or not ledger.archived:
            ledger.order += self.merged(room, set(ledger.order))
            return
        for entry in self.read_archive(room, ledger):
            shown = self.bodies[room].setdefault(entry.id, (entry.sender, entry.body))
            self.same(room, "the archive", f"entry {entry.id}", shown, (entry.sender, entry.body))
            ledger.order.append(entry.id)
        known = set(ledger.order)
        self.same(room, "the archive", f"is without {len(self.bodies[room])}", [],
                  sorted(set(self.bodies[room]) - known))
        self.same(room, "the archive", "ids that are given twice", len(known), len(ledger.order))

    def read_archive(self, room, ledger):
        complete = False
        while not complete:
            answer = self.keeper.iq("set", page_of_archive(ledger.last), room)
            self.same(room, "the archive", "a page", "result", answer["type"])
            complete, last = end_of_page(answer)
            ledger.last = last or ledger.last
            yield from (entry for entry in map(archived, self.keeper.take())
                        if entry is not None and entry.body is not None)

    def merged(self, room, known):
        after = collections.defaultdict(set)
        before = collections.Counter()
        ids = {}
        for device in self.devices:
            seen = [id for entry in device.views[room].flow
                    for id in (entry[1] if entry[0] == "begin" else
                               entry[1:] if entry[0] == "say" else ()) if id not in known]
            seen = list(dict.fromkeys(seen))
            ids.update(dict.fromkeys(seen))
            for one, next_one in zip(seen, seen[1:]):
                if next_one not in after[one]:
                    after[one].add(next_one)
                    before[next_one] += 1
        order, free = [], [id for id in ids if not before[id]]
        while free:
            order.append(free.pop(0))
            for id in sorted(after[order[-1]]):
                before[id] -= 1
                if not before[id]:
                    free.append(id)
        self.same(room, "all", "messages in one order for all", len(ids), len(order))
        return order

    def check_messages(self, room, crashed):
        ledger = self.ledgers[room]
        said = [self.bodies[room][id][1] for id in ledger.order[ledger.start:]]
        self.same(room, "the archive", "no message twice", sorted(set(said)), sorted(said))
        messages = [one for one in self.story.messages if one.room.jid == room and not one.nick]
        unknown = set(said) - {one.id for one in messages}
        self.same(room, "the archive", "what nobody said", set(), unknown)
        for one in messages:
            kept, error = one.id in said, one.device.answers.get(one.id)
            if kept and error:
                self.same(room, one.device.jid, f"{one.id} is kept, and refused", None, error)
            outcome = "kept" if kept else error
            if outcome not in one.fates and (not crashed or self.must_be_kept(one)):
                self.same(room, one.device.jid, f"what became of {one.id}", sorted(one.fates),
                          outcome)
            self.counts["kept"] += kept
            self.counts["refused"] += error is not None

    def must_be_kept(self, message):
        """After a crash."""
        return (message.id in message.device.acknowledged and message.fates == {"kept"}
                and message.room.exists and self.ledgers[message.room.jid].archived)

    def check_flow(self, room, view, marks, crashed):
        """What it saw is what was said from when it entered to when it left."""
        ledger, who = self.ledgers[room], view.device.jid
        if ledger.loose:
            return
        order = ledger.order
        at = ledger.start
        inside = view.was_inside
        for kind, *what in view.flow:
            if kind == "begin":
                inside = True
                at = self.place_of_history(room, who, what[0], view)
            elif kind == "again":
                if at is not None:
                    self.check_history(room, who, what[0], at)
            elif kind == "say":
                self.same(room, who, f"message {at} of the round's {ledger.start}…{len(order)}",
                          self.text_of(room, order[at:at + 1]), self.text_of(room, what))
                at += 1
            elif kind == "mark" and at is not None:
                first = marks.setdefault(what[0], (at, who))
                if first[0] != at:
                    self.same(room, who, f"messages that came before {what[0]}, which {first[1]} "
                              "saw as well", first[0], at)
            elif kind == "end":
                inside = False
        if inside and not crashed and at is not None:
            self.same(room, who, "all that was said to the end", len(order), at)

    def text_of(self, room, ids):
        return [(id, self.bodies[room][id][1]) for id in ids]

    def place_of_history(self, room, who, past, view):
        """How much had been said when it entered."""
        ledger = self.ledgers[room]
        if past:
            at = ledger.order.index(past[-1]) + 1 if past[-1] in ledger.order else None
            self.same(room, who, f"the history ends with {past[-1]}, which was said", True,
                      at is not None)
            self.check_history(room, who, past, at)
            return at
        first = next((entry[1] for entry in view.flow if entry[0] == "say"), None)
        if ledger.lossy:
            return ledger.order.index(first) if first in ledger.order else None
        self.check_history(room, who, past, 0)
        return 0

    def check_history(self, room, who, past, at):
        ledger = self.ledgers[room]
        expected = ledger.order[max(0, at - HISTORY):at]
        if ledger.lossy:
            expected = expected[len(expected) - len(past):] if past else []
        self.same(room, who, "the history", expected, list(past))

    def check_view(self, room, device):
        model, view = self.models[room], device.views[room]
        mine = model.by_session(device.jid)
        self.same(room, device.jid, "what it was told of itself", model.told[device.jid], view.told)
        self.same(room, device.jid, "its nickname", mine and mine.nick, view.nick)
        self.same(room, device.jid, "who is there", model.view() if mine else {}, view.people)
        for nick, address in view.addresses:
            self.same(room, device.jid, f"whose address is shown of {nick}", True,
                      nick in NICKS[bare(address).partition("@")[0]])
        if device.jid not in model.moderators and not model.opened:
            self.same(room, device.jid, "addresses that are not for it", [], view.addresses)

    def check_answers(self):
        for device in self.devices:
            expected = {id: answer for id, (_, answer) in self.story.answers[device].items()}
            said = {one.id for one in self.story.messages if one.device is device}
            for id, (room, answer) in self.story.answers[device].items():
                seen = device.answers.get(id)
                if seen is None and self.restarted:  # a known fault: see TODO.md
                    self.counts["lost answers"] += 1
                else:
                    self.same(room, device.jid, f"the answer to {id}", answer, seen)
            rest = device.answers.keys() - expected.keys() - said
            self.same(None, device.jid, "answers to nothing", set(), rest)

    def check_whispers(self):
        heard = {device.jid: dict(device.whispers) for device in self.devices}
        for one in self.story.messages:
            if not one.nick:
                continue
            error = one.device.answers.get(one.id)
            to = {jid: came.pop(one.id) for jid, came in heard.items() if one.id in came}
            outcome = error or tuple(sorted(to))
            fates = {fate if isinstance(fate, str) else tuple(sorted(fate)) for fate in one.fates}
            if len(fates) > 1:  # one of the two went first, or the other
                fates |= {"item-not-found", "not-acceptable"}
            self.same(one.room.jid, one.device.jid, f"{one.id} comes once, {to}", True,
                      all(count == 1 for count in to.values()) and not (error and to))
            if outcome not in fates:
                self.same(one.room.jid, one.device.jid, f"who hears {one.id}", fates, outcome)
            self.counts["whispered"] += not error
        rest = {jid: came for jid, came in heard.items() if any(id.startswith("w") for id in came)}
        self.same(None, "somebody", "whispers to nobody", {}, rest)

    # --- what is kept of a room

    def compare(self, crashed=False):
        with Client(self.server, direct=True) as self.keeper:
            self.keeper.login("keeper", "watch", mechanism="SCRAM-SHA-1")
            self.check(crashed)
            self.check_kept(crashed)

    def check_kept(self, crashed):
        for room, model in self.models.items():
            for affiliation in ("owner", "admin", "member", "outcast"):
                answer = self.keeper.iq("get", f"<query xmlns='{MUC}#admin'>"
                                        f"<item affiliation='{affiliation}'/></query>", room)
                seen = None
                if answer["type"] == "result":
                    seen = sorted(item["jid"] for item in answer.children[0].children)
                self.same(room, "the keeper", f"each {affiliation}",
                          model.having(affiliation) if model.exists else None, seen)
            if model.exists:
                self.check_config(room, model)
                self.check_subject(room, model, crashed)

    def check_config(self, room, model):
        form = self.keeper.iq("get", f"<query xmlns='{MUC}#owner'/>", room).children[0].child("x")
        values = {field["var"]: value.text for field in form.children if field.name == "field"
                  for value in field.children if value.name == "value"}
        seen = {name: values.get(var, "") for name, var in FIELDS.items()}
        expected = {name: model.config[name] if name == "password" else str(int(model.config[name]))
                    for name in FIELDS}
        self.same(room, "the keeper", "the configuration", expected, seen)
        self.same(room, "the keeper", "who sees addresses",
                  "anyone" if model.config["open"] else "moderators", values["muc#roomconfig_whois"])

    def check_subject(self, room, model, crashed):
        info = self.keeper.iq("get", f"<query xmlns='{INFO}'/>", room)
        shown = {field["var"]: field.child("value").text
                 for field in info.children[0].child("x", FORM).children if field.has("value")}
        subject = shown.get("muc#roominfo_subject", "")
        known = model.subjects if crashed else model.subjects[-1:]
        if subject not in known:
            self.same(room, "the keeper", "the subject, which is one of", known, subject)
        if crashed:
            model.subjects = [subject]

    # --- all of it

    def go_round(self):
        self.begin_round()
        if self.random.random() < 0.3:
            self.begin_anew()
        self.story.plan()
        self.play(self.interludes())
        self.settle()
        self.compare()

    def go_down(self):
        """A round that ends with a crash, while people talk."""
        self.begin_round()
        if self.random.random() < 0.4:
            self.restart()
            self.settle()
        self.story.plan(deeds=False)
        self.play([])
        for _ in range(self.random.randint(0, 20)):
            pump(self.devices)
        self.kill()
        for model in self.models.values():
            model.crash()
        self.compare(crashed=True)
        for device in self.devices:
            device.forget_rooms()

    def test_rooms_are_as_the_model_says_whatever_happens(self):
        print(f"# SOAK_SEED={SEED} SOAK_SECONDS={SECONDS:g}", flush=True)
        self.server.start()
        self.server.add("keeper@localhost", *(f"{user}@localhost" for user in PEOPLE))
        until = time.monotonic() + SECONDS
        for device in self.devices:
            device.come()
        try:
            while self.round < 5 or time.monotonic() < until:
                self.go_down() if self.random.random() < 0.07 else self.go_round()
        except Wrong as wrong:
            self.fail(self.report(None, "somebody", wrong))
        for device in self.devices:
            device.cut()
        self.server.stop()
        totals = sum((device.counts for device in self.devices), self.counts + self.story.counts)
        print(f"# {self.round} rounds: {dict(sorted(totals.items()))}")
        self.assertGreater(self.counts["kept"], 0)


if __name__ == "__main__":
    report.main()
