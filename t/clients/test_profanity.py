# SPDX-License-Identifier: Apache-2.0
"""profanity, a client for the terminal, driven through tmux: it trusts our self-signed
certificate when it is told to, logs in, and two people talk."""

import os
import subprocess
import unittest

import report
from server import PATIENCE, Server, wait_until
from xmpp import Client

SPEECH = "안녕 줄리엣 🎈"


class Terminal:
    """profanity in a tmux of its own."""

    def __init__(self, folder, name):
        self.socket = os.path.join(folder, name + ".tmux")
        home = os.path.join(folder, name)
        os.makedirs(home)
        environment = {**os.environ, "HOME": home, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
                       "XDG_CONFIG_HOME": home + "/config", "XDG_DATA_HOME": home + "/data",
                       "TERM": "screen-256color"}
        environment.pop("TMUX", None)
        subprocess.run(
            ["tmux", "-u", "-f", "/dev/null", "-S", self.socket, "new-session", "-d",
             "-x", "160", "-y", "50", "profanity"],
            env=environment, check=True, timeout=PATIENCE)

    def tmux(self, *words):
        return subprocess.run(
            ["tmux", "-u", "-S", self.socket, *words], capture_output=True, text=True,
            timeout=PATIENCE)

    def screen(self):
        return self.tmux("capture-pane", "-p", "-J").stdout

    def shows(self, text):
        try:
            wait_until(lambda: text in self.screen(), f"the terminal shows {text!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n{self.screen()}") from None

    def type(self, text):
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")

    def end(self):
        self.tmux("kill-server")


class TestProfanity(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Server())
        self.server.add("romeo@localhost", "juliet@localhost")

    def terminal(self, name):
        terminal = Terminal(self.server.folder, name)
        self.addCleanup(terminal.end)
        terminal.shows("Type '/help' to show complete help.")
        return terminal

    def log_in(self, name, tls="trust"):
        terminal = self.terminal(name)
        port = self.server.tls_port if tls == "legacy" else self.server.port
        terminal.type(f"/connect {name}@localhost server 127.0.0.1 port {port} tls {tls}")
        terminal.shows("Enter password")
        terminal.type("secret")
        return terminal

    def available(self, name):
        def session():
            rows = self.server.ctl("session", "list", f"{name}@localhost", json=True).rows()
            return [row for row in rows if row["priority"] is not None]

        return wait_until(session, f"{name} is available")[0]

    def test_two_people_log_in_with_starttls_and_talk(self):
        romeo, juliet = self.log_in("romeo"), self.log_in("juliet")
        for name, terminal in (("romeo", romeo), ("juliet", juliet)):
            terminal.shows("logged in successfully")
            self.assertEqual(self.available(name)["transport"], "starttls")
        romeo.type(f"/msg juliet@localhost {SPEECH}")
        juliet.shows("romeo@localhost")
        juliet.type("/win 2")
        juliet.shows(SPEECH)
        juliet.type("그래 🎈")
        romeo.shows("그래 🎈")

    def test_a_request_is_shown_and_approved(self):
        romeo = self.log_in("romeo")
        romeo.shows("logged in successfully")
        self.available("romeo")
        with Client(self.server).login("juliet") as juliet:
            juliet.come()
            juliet.presence("subscribe", "romeo@localhost")
            romeo.shows("Received authorization request from juliet@localhost")
            romeo.type("/sub allow juliet@localhost")
            came = juliet.expect(lambda stanza: stanza.name == "presence"
                                 and stanza["type"] is None
                                 and (stanza["from"] or "").startswith("romeo@localhost/"))
            self.assertTrue(came["from"])

    def test_a_certificate_that_is_not_trusted_is_shown_and_can_be_allowed(self):
        terminal = self.terminal("romeo")
        terminal.type(f"/connect romeo@localhost server 127.0.0.1 port {self.server.port} tls force")
        terminal.shows("Enter password")
        terminal.type("secret")
        terminal.shows("TLS certificate verification failed")
        terminal.type("/tls allow")
        terminal.shows("logged in successfully")
        self.available("romeo")

    def test_a_wrong_password_is_told(self):
        terminal = self.terminal("romeo")
        terminal.type(f"/connect romeo@localhost server 127.0.0.1 port {self.server.port} tls trust")
        terminal.shows("Enter password")
        terminal.type("wrong")
        terminal.shows("Login failed")


if __name__ == "__main__":
    report.main()
