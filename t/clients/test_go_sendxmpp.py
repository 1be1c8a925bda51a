# SPDX-License-Identifier: Apache-2.0
"""go-sendxmpp, a client for the command line: one listens, another sends."""

import os
import subprocess
import unittest

import report
from server import PATIENCE, Server, wait_until
from xmpp import Client

SPEECH = "안녕, 줄리엣 🎈 <&> \"'"


class TestGoSendxmpp(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Server())
        self.server.add("romeo@localhost", "juliet@localhost", password="비밀 & secret")
        self.environment = dict(os.environ, HOME=self.server.folder,
                                SSL_CERT_FILE=self.server.certificates["localhost"])

    def command(self, name, *words, direct=False):
        port = self.server.tls_port if direct else self.server.port
        return ["go-sendxmpp", "-u", f"{name}@localhost", "-p", "비밀 & secret",
                "-j", f"localhost:{port}", *(["-t"] if direct else []), *words]

    def send(self, name, to, text, **options):
        sent = subprocess.run(
            self.command(name, to, **options), input=text, text=True, capture_output=True,
            env=self.environment, timeout=PATIENCE)
        self.assertEqual(sent.returncode, 0, sent.stdout + sent.stderr)

    def listen(self, name, **options):
        path = os.path.join(self.server.folder, name + ".heard")
        with open(path, "wb") as heard:
            process = subprocess.Popen(
                self.command(name, "-l", **options), stdin=subprocess.DEVNULL, stdout=heard,
                stderr=heard, env=self.environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def ready():
            self.assertIsNone(process.poll(), self.heard(name))
            rows = self.server.ctl("session", "list", f"{name}@localhost", json=True).rows()
            return [row for row in rows if row["priority"] is not None]

        wait_until(ready, f"{name} listens")
        return path

    def heard(self, name):
        with open(os.path.join(self.server.folder, name + ".heard"), encoding="utf-8") as file:
            return file.read()

    def test_one_listens_and_another_sends(self):
        for direct in (False, True):
            with self.subTest(direct=direct):
                self.listen("juliet", direct=direct)
                self.send("romeo", "juliet@localhost", SPEECH, direct=direct)
                wait_until(lambda: SPEECH in self.heard("juliet"), "the message is heard")
                self.assertIn("romeo@localhost", self.heard("juliet"))

    def test_what_was_sent_to_one_who_is_away_waits(self):
        self.send("romeo", "juliet@localhost", SPEECH)
        self.listen("juliet")
        wait_until(lambda: SPEECH in self.heard("juliet"), "the message is heard")

    def test_it_talks_with_another_client(self):
        with Client(self.server).login("juliet", password="비밀 & secret") as juliet:
            juliet.come()
            self.send("romeo", "juliet@localhost", SPEECH)
            came = juliet.expect(lambda stanza: stanza.name == "message" and stanza.body)
            self.assertEqual(came.body.rstrip("\n"), SPEECH)
            self.listen("romeo")
            juliet.message("romeo@localhost", "그래 🎈", "chat")
            wait_until(lambda: "그래 🎈" in self.heard("romeo"), "the answer is heard")

    def test_a_wrong_password_is_told(self):
        words = self.command("romeo", "juliet@localhost")
        words[words.index("-p") + 1] = "wrong"
        sent = subprocess.run(words, input="x", text=True, capture_output=True,
                              env=self.environment, timeout=PATIENCE)
        self.assertNotEqual(sent.returncode, 0)


if __name__ == "__main__":
    report.main()
