# SPDX-License-Identifier: Apache-2.0
"""Clients of other people in one room: slixmpp, profanity and go-sendxmpp."""

import asyncio
import os
import subprocess
import unittest

import report
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


class TestRoom(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        rooms = {"accounts": "none", "modules": ["disco", "mam", "muc"]}
        self.server = self.enterContext(Server(hosts={"localhost": {}, "rooms.localhost": rooms}))
        self.server.add("crone@localhost", "hag@localhost", "wicca@localhost")
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
        crone = Witch(self.server, "crone@localhost")
        await crone.log_in()
        await crone["xep_0045"].join_muc_wait(ROOM, "crone", timeout=PATIENCE)
        hag = await self.terminal("hag")
        hag.type(f"/join {ROOM} nick hag")
        await crone.sees("hag")
        await asyncio.to_thread(hag.shows, "crone")

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

    async def test_one_is_kicked_and_another_banned(self):
        crone = Witch(self.server, "crone@localhost")
        await crone.log_in()
        await crone["xep_0045"].join_muc_wait(ROOM, "crone", timeout=PATIENCE)
        hag = await self.terminal("hag")
        hag.type(f"/join {ROOM} nick hag")
        await crone.sees("hag")
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
