# SPDX-License-Identifier: Apache-2.0
"""What a room must be like (XEP-0045) after each deed, and what each of its sessions is told of it.
A deed gives the condition of the error that answers it, or None where it succeeds."""

import collections

AFFILIATIONS = ("outcast", "none", "member", "admin", "owner")
ROLES = ("none", "visitor", "participant", "moderator")
SELF, CREATED, LOGGED, OPEN = "110", "201", "170", "100"
RENAMED, BANNED, KICKED, NOT_MEMBER, MEMBERS_ONLY = "303", "301", "307", "321", "322"
DEFAULTS = {"persistent": False, "members_only": False, "moderated": False, "subject_open": False,
            "open": False, "archived": True, "password": ""}


def bare(address):
    return address.partition("/")[0]


def below(one, other, ladder=AFFILIATIONS):
    return ladder.index(one) < ladder.index(other)


class Occupant:
    def __init__(self, nick, account, role, session):
        self.nick = nick
        self.account = account
        self.role = role
        self.sessions = [session]


class Room:
    """`told`: session → what it must have been told of itself and of the subject, in order."""

    def __init__(self, jid):
        self.jid = jid
        self.told = collections.defaultdict(list)
        self.clear()
        self.begin_round()

    def begin_round(self):
        self.told.clear()
        self.moderators = {session for one in self.occupants if one.role == "moderator"
                           for session in one.sessions}  # who was one at some time
        self.opened = self.config["open"]
        self.emptied = False

    def clear(self):
        self.exists = False
        self.config = dict(DEFAULTS)
        self.affiliations = {}
        self.occupants = []
        self.subjects = [""]  # after a crash it may be any of these

    # --- who is who

    def by_session(self, session):
        return next((one for one in self.occupants if session in one.sessions), None)

    def by_nick(self, nick):
        return next((one for one in self.occupants if one.nick == nick), None)

    def affiliation(self, account):
        return self.affiliations.get(account, "none")

    def having(self, affiliation):
        return sorted(account for account, has in self.affiliations.items() if has == affiliation)

    def rank(self, session):
        mine = self.by_session(session)
        return self.affiliation(bare(session)), mine.role if mine else "none"

    def view(self):
        return {one.nick: (self.affiliation(one.account), one.role) for one in self.occupants}

    def initial_role(self, account):
        affiliation = self.affiliation(account)
        if affiliation in ("admin", "owner"):
            return "moderator"
        if affiliation == "none" and self.config["moderated"]:
            return "visitor"
        return "participant"

    # --- what is told

    def show(self, occupant, tag, codes=()):
        said = ("self", tag, frozenset({SELF, *codes}), self.affiliation(occupant.account),
                occupant.role)
        for session in occupant.sessions:
            self.told[session].append(said)
            if occupant.role == "moderator":
                self.moderators.add(session)

    def gone(self, occupant, tag, *codes):
        for session in occupant.sessions:
            self.told[session].append(("out", tag, frozenset({SELF, *codes})))
        self.occupants.remove(occupant)

    def settle(self):
        """A temporary room ends when nobody is in it."""
        self.emptied = self.emptied or not self.occupants
        if self.exists and not self.occupants and not self.config["persistent"]:
            self.clear()

    def is_safe(self):
        """What it is has come to the disk."""
        self.subjects = self.subjects[-1:]

    # --- deeds of those who are in it or want to be

    def enter(self, session, nick, tag, password=""):
        account = bare(session)
        mine = self.by_session(session)
        codes = set()
        if not self.exists:
            self.exists = True
            self.affiliations[account] = "owner"
            codes.add(CREATED)
        elif mine is None and (failure := self.closed(account, password) or
                               self.taken(account, nick)):
            return failure
        mine = mine or self.by_nick(nick)
        if mine is None:
            mine = Occupant(nick, account, self.initial_role(account), session)
            self.occupants.append(mine)
        elif session not in mine.sessions:
            mine.sessions.append(session)
        codes |= {LOGGED} if self.config["archived"] else set()
        codes |= {OPEN} if self.config["open"] else set()
        self.show(mine, tag, codes)
        self.told[session].append(("subject", self.subjects[-1]))
        return None

    def closed(self, account, password):
        affiliation = self.affiliation(account)
        if affiliation == "outcast":
            return "forbidden"
        if self.config["members_only"] and below(affiliation, "member"):
            return "registration-required"
        return None if password == self.config["password"] or not self.config["password"] \
            else "not-authorized"

    def taken(self, account, nick):
        holder = self.by_nick(nick)
        return "conflict" if holder is not None and holder.account != account else None

    def leave(self, session, tag):
        mine = self.by_session(session)
        if mine is None:
            return
        if tag is not None:
            self.told[session].append(("out", tag, frozenset({SELF})))
        mine.sessions.remove(session)
        if not mine.sessions:
            self.occupants.remove(mine)
        self.settle()

    def change_nick(self, session, nick, tag):
        mine = self.by_session(session)
        if self.by_nick(nick) is not None:
            return "conflict"
        mine.nick = nick
        for one in mine.sessions:
            self.told[one].append(("out", None, frozenset({SELF, RENAMED})))
        self.show(mine, tag)
        return None

    def change_availability(self, session, tag):
        self.show(self.by_session(session), tag)

    def set_subject(self, session, text):
        mine = self.by_session(session)
        if mine is None:
            return "not-acceptable" if self.exists else "item-not-found"
        if mine.role != "moderator" and not (self.config["subject_open"]
                                             and mine.role == "participant"):
            return "forbidden"
        self.subjects.append(text)
        for occupant in self.occupants:
            for one in occupant.sessions:
                self.told[one].append(("subject", text))
        return None

    def fate(self, session):
        """That of a message to all."""
        if not self.exists:
            return "item-not-found"
        mine = self.by_session(session)
        if mine is None:
            return "not-acceptable"
        return "forbidden" if mine.role == "visitor" else "kept"

    def whisper_fate(self, session, nick):
        """To whom it comes, or a condition."""
        if not self.exists:
            return "item-not-found"
        if self.by_session(session) is None:
            return "not-acceptable"
        listener = self.by_nick(nick)
        return tuple(listener.sessions) if listener else "item-not-found"

    # --- deeds of those who run it

    def set_role(self, session, nick, role, reason):
        if not self.exists:
            return "item-not-found"
        target = self.by_nick(nick)
        if target is None:
            return "item-not-found"
        refused = None
        if role != "none" or session not in target.sessions:
            refused = self.may_not_set_role(self.rank(session), target, role)
        if refused:
            return refused
        if role == "none":
            self.gone(target, reason, KICKED)
            self.settle()
        else:
            target.role = role
            self.show(target, reason)
        return None

    def may_not_set_role(self, actor, target, role):
        affiliation, own_role = actor
        theirs = self.affiliation(target.account)
        is_admin = not below(affiliation, "admin")
        if role == "none":
            if own_role != "moderator":
                return "forbidden"
            protected = target.role == "moderator" and not is_admin
            return "not-allowed" if protected or below(affiliation, theirs) else None
        if target.role == "moderator" or role == "moderator":
            if not is_admin:
                return "forbidden"
            falls = below(role, target.role, ROLES) and not below(theirs, "admin")
            return "not-allowed" if falls else None
        if own_role != "moderator":
            return "forbidden"
        keeps = not below(theirs, "admin") or \
            (not below(theirs, "member") and not below(theirs, affiliation))
        return "not-allowed" if below(role, target.role, ROLES) and keeps else None

    def set_affiliation(self, session, account, affiliation, reason):
        if not self.exists:
            return "item-not-found"
        refused = self.may_not_affiliate(session, account, affiliation)
        if refused:
            return refused
        before = self.affiliation(account)
        self.affiliations[account] = affiliation
        if affiliation == "none":
            del self.affiliations[account]
        for occupant in [one for one in self.occupants if one.account == account]:
            if affiliation == "outcast":
                self.gone(occupant, reason, BANNED)
            elif self.config["members_only"] and affiliation == "none":
                self.gone(occupant, reason, NOT_MEMBER)
            else:
                self.raise_or_lower(occupant, before, affiliation)
                self.show(occupant, reason)
        self.settle()
        self.is_safe()
        return None

    def may_not_affiliate(self, session, account, affiliation):
        actor, theirs = self.affiliation(bare(session)), self.affiliation(account)
        if below(actor, "admin"):
            return "forbidden"
        if bare(session) == account and affiliation == "outcast":
            return "conflict"
        high = not below(theirs, "admin")
        if actor == "admin" and high and affiliation == "outcast":
            return "not-allowed"
        if actor == "admin" and (high or not below(affiliation, "admin")):
            return "forbidden"
        lasts = [one for one in self.having("owner") if one != account]
        return None if lasts or affiliation == "owner" else "conflict"

    def raise_or_lower(self, occupant, before, now):
        if not below(now, "admin") or not below(before, "admin"):
            occupant.role = self.initial_role(occupant.account)
        elif now == "member" and occupant.role == "visitor":
            occupant.role = "participant"

    def configure(self, session, **changes):
        if not self.exists:
            return "item-not-found"
        if self.affiliation(bare(session)) != "owner":
            return "forbidden"
        closes = changes.get("members_only") and not self.config["members_only"]
        self.config.update(changes)
        self.opened = self.opened or self.config["open"]
        if closes:
            for occupant in [one for one in self.occupants
                             if below(self.affiliation(one.account), "member")]:
                self.gone(occupant, None, MEMBERS_ONLY)
        self.settle()
        self.is_safe()
        return None

    def destroy(self, session, reason):
        if not self.exists:
            return "item-not-found"
        if self.affiliation(bare(session)) != "owner":
            return "forbidden"
        for occupant in list(self.occupants):
            self.gone(occupant, reason)
        self.clear()
        return None

    # --- what happens to the server

    def crash(self):
        self.occupants = []
        self.settle()
