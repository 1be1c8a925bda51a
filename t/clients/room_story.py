# SPDX-License-Identifier: Apache-2.0
"""What is done in the rooms of a soak: chosen by dice, from what the model knows alone, so that the
same dice make the same story."""

import collections

from room_device import MUC, Said

PEOPLE = {"crone": ("phone", "desk"), "hag": ("phone", "desk"), "wicca": ("phone", "desk"),
          "hecate": ("phone",), "gruoch": ("desk",), "banquo": ("phone",)}
NICKS = {"crone": ("ash", "birch"), "hag": ("dogwood", "elm"), "wicca": ("hazel", "juniper"),
         "hecate": ("maple", "oak"), "gruoch": ("pine", "quince"), "banquo": ("sorrel", "teak")}
ADMIN = f"{MUC}#admin"
OWNER = f"{MUC}#owner"
FLAGS = {"persistent": "persistentroom", "members_only": "membersonly",
         "moderated": "moderatedroom", "subject_open": "changesubject",
         "archived": "enablelogging"}


class Message:
    """To all, or to one. `fates` is what may become of it."""

    def __init__(self, id, room, device, nick):
        self.id = id
        self.room = room
        self.device = device
        self.nick = nick
        self.fates = set()
        self.weigh()

    def weigh(self):
        jid = self.device.jid
        self.fates.add(self.room.whisper_fate(jid, self.nick) if self.nick
                       else self.room.fate(jid))


def form(changes):
    fields = {"FORM_TYPE": f"{MUC}#roomconfig"}
    for name, value in changes.items():
        if name == "password":
            fields["muc#roomconfig_passwordprotectedroom"] = int(bool(value))
            fields["muc#roomconfig_roomsecret"] = value
        elif name == "open":
            fields["muc#roomconfig_whois"] = "anyone" if value else "moderators"
        else:
            fields[f"muc#roomconfig_{FLAGS[name]}"] = int(value)
    inner = "".join(f"<field var='{var}'><value>{value}</value></field>"
                    for var, value in fields.items())
    return f"<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='submit'>{inner}</x></query>"


class Story:
    """Of one round: `scripts` is what each device sends, `answers` what must come of it."""

    def __init__(self, dice, rooms, devices):
        self.dice = dice
        self.rooms = rooms
        self.devices = devices
        self.number = 0
        self.counts = collections.Counter()

    def begin_round(self):
        self.scripts = {device: [] for device in self.devices}
        self.answers = {device: {} for device in self.devices}  # id → (room, answer)
        self.messages = []
        self.trace = []

    def inside(self, room):
        return [session for one in self.rooms[room].occupants for session in one.sessions]

    def tell(self, room, text):
        self.trace.append((room, text))

    def new_id(self, letter):
        self.number += 1
        return f"{letter}{self.number}"

    def chance(self, share):
        return self.dice.random() < share

    def plan(self, deeds=True):
        for room in self.rooms.values():
            self.chat(room)
            if not deeds:
                continue
            if room.exists and self.chance(0.45):
                self.mill_about(room)
            else:
                self.rule(room)

    # --- what is said

    def chat(self, room):
        """While whatever else happens."""
        for device in self.devices:
            inside = room.by_session(device.jid)
            if not inside and not self.chance(0.05):
                continue
            for _ in range(self.dice.choice((0, 0, 1, 2, 5)) if inside else 1):
                self.say(room, device)
            if inside and self.chance(0.3):
                self.whisper(room, device)

    def say(self, room, device):
        message = self.add_message(room, device, "m", None)
        self.put(device, f"<message to='{room.jid}' type='groupchat' id='{message.id}'>"
                         f"<body>{message.id}</body></message>", message.id)

    def whisper(self, room, device):
        nicks = [one.nick for one in room.occupants] + ["nobody"]
        message = self.add_message(room, device, "w", self.dice.choice(nicks))
        self.put(device, f"<message to='{room.jid}/{message.nick}' type='chat' id='{message.id}'>"
                         f"<body>{message.id}</body></message>", message.id)

    def add_message(self, room, device, letter, nick):
        message = Message(self.new_id(letter), room, device, nick)
        self.messages.append(message)
        self.tell(room.jid, f"{device.jid}: {message.id} to {nick or 'all'}")
        return message

    def put(self, device, text, id):
        self.scripts[device].append(Said(text, id))

    def do(self, room, device, id, text, outcome, words):
        """A deed is done, in the model; what others have said may come before it or after."""
        self.put(device, text, id)
        self.answers[device][id] = room.jid, outcome
        self.counts[words.split()[0]] += 1
        self.tell(room.jid, f"{device.jid}: {id} {words} → {outcome}")
        for message in self.messages:
            if message.room is room and message.device is not device:
                message.weigh()

    # --- what those do who are in or come in

    def own_nick(self, device):
        return self.dice.choice(NICKS[device.user])

    def others_nick(self, room, device):
        nicks = [one.nick for one in room.occupants if one.account != device.bare]
        return self.dice.choice(nicks) if nicks and self.chance(0.1) else None

    def enter(self, room, device, nick, password=None):
        id = self.new_id("d")
        password = room.config["password"] if password is None else password
        given = f"<password>{password}</password>" if password else ""
        outcome = room.enter(device.jid, nick, id, password)
        self.do(room, device, id, f"<presence to='{room.jid}/{nick}' id='{id}'>"
                f"<x xmlns='{MUC}'>{given}</x></presence>", outcome, f"enters as {nick} {password}")

    def come_in(self, room, device, nick=None):
        nick = nick or self.own_nick(device)
        password = None if self.chance(0.85) else self.dice.choice(("", "wrong"))
        self.enter(room, device, nick, password)

    def enter_again(self, room, device):
        self.enter(room, device, room.by_session(device.jid).nick)

    def leave(self, room, device):
        id = self.new_id("d")
        nick = room.by_session(device.jid).nick
        room.leave(device.jid, id)
        self.do(room, device, id, f"<presence to='{room.jid}/{nick}' id='{id}' type='unavailable'/>",
                None, "leaves")

    def change_nick(self, room, device, nick=None):
        nick = nick or self.own_nick(device)
        id = self.new_id("d")
        if nick == room.by_session(device.jid).nick:
            outcome = room.change_availability(device.jid, id)
        else:
            outcome = room.change_nick(device.jid, nick, id)
        self.do(room, device, id, f"<presence to='{room.jid}/{nick}' id='{id}'>"
                f"<status>{id}</status></presence>", outcome, f"is-called {nick}")

    def mill_about(self, room):
        """One device of each of some accounts, all at once: none concerns the other."""
        for user in PEOPLE:
            if self.chance(0.5):
                continue
            device = self.dice.choice([one for one in self.devices if one.user == user])
            for _ in range(self.dice.choice((1, 1, 2, 3))):
                self.walk(room, device)
                if self.chance(0.4):
                    self.say(room, device)

    def walk(self, room, device):
        if room.by_session(device.jid) is None:
            self.come_in(room, device)
            return
        deeds = [self.change_nick, self.change_nick, self.enter_again]
        if room.config["persistent"]:
            deeds.append(self.leave)
        self.dice.choice(deeds)(room, device)

    # --- what one does who may do anything

    def rule(self, room):
        """One device alone."""
        device = self.one_for(room)
        existed = room.exists
        for _ in range(self.dice.choice((1, 1, 2, 3, 4))):
            if not room.exists:
                if existed:
                    return
                self.create(room, device)
            elif room.by_session(device.jid) is None:
                self.act_outside(room, device)
            else:
                self.act_inside(room, device)
            if room.by_session(device.jid) and self.chance(0.4):
                self.say(room, device)
            existed = existed or room.exists

    def one_for(self, room):
        """Mostly one of those who may."""
        staff = [device for device in self.devices if room.by_session(device.jid)
                 and room.affiliation(device.bare) in ("owner", "admin")]
        return self.dice.choice(staff if staff and self.chance(0.6) else self.devices)

    def create(self, room, device):
        self.enter(room, device, self.own_nick(device), "")
        chosen = {"persistent": self.chance(0.6), "members_only": self.chance(0.2),
                  "moderated": self.chance(0.3), "subject_open": self.chance(0.5),
                  "open": self.chance(0.4), "archived": self.chance(0.75),
                  "password": "sesame" if self.chance(0.2) else ""}
        self.configure(room, device, chosen)

    def act_outside(self, room, device):
        runs_it = room.affiliation(device.bare) == "owner"
        if self.chance(0.3 if runs_it else 0.05):
            self.dice.choice((self.affiliate, self.reconfigure, self.subject))(room, device)
        else:
            self.come_in(room, device, self.others_nick(room, device))

    def act_inside(self, room, device):
        deeds = {self.leave: 5, self.enter_again: 4, self.subject: 8, self.give_role: 14,
                 self.affiliate: 14, self.reconfigure: 6, self.destroy: 1, self.rename: 8}
        self.dice.choices(list(deeds), list(deeds.values()))[0](room, device)

    def rename(self, room, device):
        self.change_nick(room, device, self.others_nick(room, device))

    def subject(self, room, device):
        id = self.new_id("d")
        outcome = room.set_subject(device.jid, id)
        self.do(room, device, id, f"<message to='{room.jid}' type='groupchat' id='{id}'>"
                f"<subject>{id}</subject></message>", outcome, "sets-subject")

    def ask(self, room, device, id, query, outcome, words):
        self.do(room, device, id, f"<iq type='set' to='{room.jid}' id='{id}'>{query}</iq>",
                outcome or "result", words)

    def give_role(self, room, device):
        id = self.new_id("d")
        nick = self.dice.choice([one.nick for one in room.occupants] * 3 + ["nobody"])
        role = self.dice.choice(("none", "visitor", "participant", "participant", "moderator"))
        outcome = room.set_role(device.jid, nick, role, id)
        self.ask(room, device, id, f"<query xmlns='{ADMIN}'><item nick='{nick}' role='{role}'>"
                 f"<reason>{id}</reason></item></query>", outcome, f"role {role} for {nick}")

    def affiliate(self, room, device):
        id = self.new_id("d")
        account = f"{self.dice.choice(list(PEOPLE))}@localhost"
        affiliation = self.dice.choices(("outcast", "none", "member", "admin", "owner"),
                                        (2, 2, 4, 3, 1))[0]
        outcome = room.set_affiliation(device.jid, account, affiliation, id)
        self.ask(room, device, id, f"<query xmlns='{ADMIN}'><item jid='{account}' "
                 f"affiliation='{affiliation}'><reason>{id}</reason></item></query>", outcome,
                 f"affiliation {affiliation} for {account}")

    def reconfigure(self, room, device):
        name = self.dice.choice(("persistent", "members_only", "moderated", "subject_open",
                                 "password"))
        now = room.config[name]
        self.configure(room, device, {name: "" if now else "sesame"} if name == "password"
                       else {name: not now})

    def configure(self, room, device, changes):
        id = self.new_id("d")
        outcome = room.configure(device.jid, **changes)
        self.ask(room, device, id, form(changes), outcome, f"configures {changes}")

    def destroy(self, room, device):
        id = self.new_id("d")
        outcome = room.destroy(device.jid, id)
        self.ask(room, device, id, f"<query xmlns='{OWNER}'><destroy><reason>{id}</reason></destroy>"
                 "</query>", outcome, "destroys")
