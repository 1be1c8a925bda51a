# SPDX-License-Identifier: Apache-2.0
"""Clients of other people in one room: slixmpp, aioxmpp, profanity and go-sendxmpp."""

import asyncio
import logging
import os
import subprocess
import unittest
import warnings

import aioxmpp
import aioxmpp.muc

import report
import test_aioxmpp
from server import PATIENCE, Server
from test_profanity import Terminal
from test_slixmpp import Person

ROOM = "coven@rooms.localhost"
SPEECH = "안녕, 마녀들 🎈"


class Witch(Person):
    def __init__(self, server, address):
        super().__init__(server, address)
        self.register_plugin("xep_0045")
        for event in ("groupchat_message", "groupchat_subject", "groupchat_presence"):
            self.add_event_handler(event, self._noting(event))

    async def hears(self, nick, text):
        return await self.happening(
            "groupchat_message", lambda it: it["from"] == f"{ROOM}/{nick}" and it["body"] == text)

    async def sees(self, nick, kind="available"):
        return await self.happening(
            "groupchat_presence", lambda it: it["from"] == f"{ROOM}/{nick}" and it["type"] == kind)


class Sage(test_aioxmpp.Person):
    """aioxmpp in the room. What it is told of others is noted with the nickname they have then."""

    def __init__(self, server, address):
        super().__init__(server, address)
        self.rooms = self.client.summon(aioxmpp.MUCClient)
        self.room = None

    async def enter(self, nick):
        self.room, entered = self.rooms.join(aioxmpp.JID.fromstr(ROOM), nick)
        self.watch("on_join", lambda member: (member.nick,))
        self.watch("on_leave", lambda member: (member.nick,))
        self.watch("on_exit", lambda: ())
        self.watch("on_message", lambda message, member, source: (member.nick, message.body.any()))
        self.watch("on_nick_changed", lambda member, old, new: (old, new))
        self.watch("on_topic_changed", lambda member, topic: (member.nick, topic.any()))
        self.watch("on_muc_role_changed", lambda _, member: (member.nick, member.role))
        self.watch("on_muc_affiliation_changed", lambda _, member: (member.nick, member.affiliation))
        await asyncio.wait_for(entered, PATIENCE)

    def watch(self, name, told):
        def note(*what, **more):
            self.note(name, *told(*what), more)

        getattr(self.room, name).connect(note)

    async def told(self, name, *what):
        """What else was said of it."""
        return (await self.happening(name, lambda *came: came[:-1] == what))[-1]

    def people(self):
        return {member.nick: (member.affiliation, member.role) for member in self.room.members}

    def shout(self, text):
        message = aioxmpp.Message(type_=aioxmpp.MessageType.GROUPCHAT)
        message.body[None] = text
        self.room.send_message(message)


class TestRoom(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        rooms = {"accounts": "none", "modules": ["disco", "mam", "muc"]}
        self.server = self.enterContext(Server(hosts={"localhost": {}, "rooms.localhost": rooms}))
        self.server.add("crone@localhost", "hag@localhost", "wicca@localhost", "sage@localhost")
        self.server.ctl("room", "create", ROOM, "crone@localhost")

    async def terminal(self, name):
        terminal = Terminal(self.server.folder, name)
        self.addCleanup(terminal.end)
        await asyncio.to_thread(terminal.shows, "Type '/help' to show complete help.")
        terminal.type(f"/connect {name}@localhost server 127.0.0.1 port {self.server.port} tls trust")
        await asyncio.to_thread(terminal.shows, "Enter password")
        terminal.type("secret")
        await asyncio.to_thread(terminal.shows, "logged in successfully")
        return terminal

    def shout(self, name, text):
        """go-sendxmpp enters, says it, and leaves."""
        environment = dict(os.environ, HOME=self.server.folder,
                           SSL_CERT_FILE=self.server.certificates["localhost"])
        return subprocess.run(
            ["go-sendxmpp", "-u", f"{name}@localhost", "-p", "secret",
             "-j", f"localhost:{self.server.port}", "-c", "-a", name, ROOM],
            input=text, text=True, capture_output=True, env=environment, timeout=PATIENCE)

    async def test_they_meet_and_talk(self):
        crone, hag = await self.two()
        hag.type(SPEECH)
        await crone.hears("hag", SPEECH)
        crone.send_message(mto=ROOM, mbody="Fair is foul", mtype="groupchat")
        await asyncio.to_thread(hag.shows, "Fair is foul")

        shouted = await asyncio.to_thread(self.shout, "wicca", "and foul is fair")
        self.assertEqual(shouted.returncode, 0, shouted.stderr)
        await crone.hears("wicca", "and foul is fair")
        await asyncio.to_thread(hag.shows, "and foul is fair")
        await crone.sees("wicca", "unavailable")

        hag.type("/close")
        await crone.sees("hag", "unavailable")
        await crone.disconnect()

    async def two(self):
        """slixmpp, whose room it is, and profanity."""
        crone = Witch(self.server, "crone@localhost")
        await crone.log_in()
        await crone["xep_0045"].join_muc_wait(ROOM, "crone", timeout=PATIENCE)
        hag = await self.terminal("hag")
        hag.type(f"/join {ROOM} nick hag")
        await crone.sees("hag")
        await asyncio.to_thread(hag.shows, "crone")
        return crone, hag

    async def three(self):
        """And aioxmpp."""
        crone, hag = await self.two()
        asyncio.get_running_loop().set_debug(False)
        logging.getLogger("aioxmpp").setLevel(logging.CRITICAL + 1)
        warnings.simplefilter("ignore")
        sage = await Sage(self.server, "sage@localhost/aioxmpp").log_in()
        self.addAsyncCleanup(sage.leave)
        await sage.enter("sage")
        await crone.sees("sage")
        return crone, hag, sage

    async def test_aioxmpp_sees_the_others_and_talks_with_them(self):
        crone, hag, sage = await self.three()
        self.assertEqual(sage.people(), {"crone": ("owner", "moderator"),
                                         "hag": ("none", "participant"),
                                         "sage": ("none", "participant")})
        sage.shout(SPEECH)
        await crone.hears("sage", SPEECH)
        await asyncio.to_thread(hag.shows, SPEECH)
        await sage.told("on_message", "sage", SPEECH)
        crone.send_message(mto=ROOM, mbody="Fair is foul", mtype="groupchat")
        await sage.told("on_message", "crone", "Fair is foul")
        hag.type("그래 🎈")
        await sage.told("on_message", "hag", "그래 🎈")
        shouted = await asyncio.to_thread(self.shout, "wicca", "and foul is fair")
        self.assertEqual(shouted.returncode, 0, shouted.stderr)
        await sage.told("on_message", "wicca", "and foul is fair")
        await sage.told("on_join", "wicca")
        left = await sage.told("on_leave", "wicca")
        self.assertEqual(left["muc_leave_mode"], aioxmpp.muc.LeaveMode.NORMAL)
        await sage.room.set_nick("oracle")
        await sage.told("on_nick_changed", "sage", "oracle")
        await crone.sees("oracle")
        sage.shout("By another name")
        await crone.hears("oracle", "By another name")
        await asyncio.to_thread(hag.shows, "oracle")
        hag.type("/nick beldam")
        await sage.told("on_nick_changed", "hag", "beldam")
        await sage.room.leave()
        await crone.sees("oracle", "unavailable")
        await crone.disconnect()

    async def test_aioxmpp_is_made_an_admin_and_rules(self):
        crone, hag, sage = await self.three()
        await crone["xep_0045"].set_affiliation(ROOM, "admin", jid="sage@localhost")
        await sage.told("on_muc_affiliation_changed", "sage", "admin")
        await sage.told("on_muc_role_changed", "sage", "moderator")
        await sage.room.set_topic({None: "Toil and trouble"})
        await sage.told("on_topic_changed", "sage", "Toil and trouble")
        await crone.happening("groupchat_subject", lambda it: it["subject"] == "Toil and trouble")
        await asyncio.to_thread(hag.shows, "Toil and trouble")
        await sage.room.muc_set_affiliation(aioxmpp.JID.fromstr("wicca@localhost"), "member")
        members = await crone["xep_0045"].get_affiliation_list(ROOM, "member", timeout=PATIENCE)
        self.assertEqual(members, ["wicca@localhost"])
        (beldam,) = [member for member in sage.room.members if member.nick == "hag"]
        await sage.room.kick(beldam, "Aroint thee")
        left = await sage.told("on_leave", "hag")
        self.assertEqual((left["muc_leave_mode"], left["muc_reason"]),
                         (aioxmpp.muc.LeaveMode.KICKED, "Aroint thee"))
        await asyncio.to_thread(hag.shows, f"Kicked from {ROOM} by sage")
        await crone.sees("hag", "unavailable")
        await crone["xep_0045"].set_affiliation(ROOM, "outcast", jid="sage@localhost")
        banned = await sage.told("on_exit")
        self.assertEqual(banned["muc_leave_mode"], aioxmpp.muc.LeaveMode.BANNED)
        await crone.disconnect()

    async def test_one_is_kicked_and_another_banned(self):
        crone, hag = await self.two()
        await crone["xep_0045"].set_role(ROOM, "hag", "none")
        await asyncio.to_thread(hag.shows, f"Kicked from {ROOM} by crone")
        await crone["xep_0045"].set_affiliation(ROOM, "outcast", jid="wicca@localhost")
        wicca = Witch(self.server, "wicca@localhost")
        await wicca.log_in()
        with self.assertRaises(Exception) as refused:
            await wicca["xep_0045"].join_muc_wait(ROOM, "wicca", timeout=PATIENCE)
        self.assertEqual(refused.exception.condition, "forbidden")
        for person in (crone, wicca):
            await person.disconnect()


if __name__ == "__main__":
    report.main()
