# SPDX-License-Identifier: Apache-2.0
"""sarangctl and the life of the daemon: commands, reloads under load, backup, the end."""

import itertools
import json
import os
import signal
import ssl
import stat
import subprocess
import threading
import unittest

import report
from server import SANITIZED, Server, make_certificate, wait_until
from xmpp import PING, ROSTER, Client

MAM = "urn:xmpp:mam:2"
RSM = "http://jabber.org/protocol/rsm"
SEARCH = (
    "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>"
    "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>"
    "<field var='{{urn:xmpp:fulltext:0}}fulltext'><value>{}</value></field></x>"
    "<set xmlns='http://jabber.org/protocol/rsm'><max>40</max>{}</set></query>")

OK, FAILED, USAGE, UNREACHABLE, REFUSED = 0, 1, 2, 3, 4


class Load:
    """Pairs that talk in the background and miss nothing, each message waited for."""

    count = itertools.count(1)

    def __init__(self, server, pairs=3):
        self.clients = []
        self.errors = []
        self.messages = 0
        self.running = True
        names = [f"load{next(self.count)}" for _ in range(2 * pairs)]
        server.add(*(name + "@localhost" for name in names))
        for name in names:
            client = Client(server, direct=True).login(name, "x", mechanism="SCRAM-SHA-1")
            client.come()
            self.clients.append(client)
        self.threads = [threading.Thread(target=self._talk, args=self.clients[at:at + 2])
                        for at in range(0, len(names), 2)]

    def _talk(self, one, other):
        try:
            number = 0
            while self.running:
                number += 1
                one.message(other.jid, str(number), "chat")
                other.expect_message(str(number))
                other.message(one.jid, str(number), "chat")
                one.expect_message(str(number))
                assert not one.inbox and not other.inbox, (one.inbox, other.inbox)
                self.messages += 2
        except Exception as error:
            self.errors.append(error)

    def wait_for(self, messages):
        """So many more messages."""
        wanted = self.messages + messages
        wait_until(lambda: self.errors or self.messages >= wanted, "messages go on")
        if self.errors:
            raise self.errors[0]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self.running = False
        for thread in self.threads:
            thread.join()
        for client in self.clients:
            client.cut()
        if kind is None and self.errors:
            raise self.errors[0]


class Control(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(
            Server(hosts={"localhost": {}, "anon.localhost": {"accounts": "anonymous"}}))

    def ctl(self, *words, **options):
        return self.server.ctl(*words, **options)

    def client(self, name="romeo", resource=None):
        if self.ctl("user", "show", f"{name}@localhost", exit=None).exit != OK:
            self.server.add(f"{name}@localhost")
        client = self.enterContext(Client(self.server, direct=True))
        return client.login(name, resource)

    def fails(self, exit, *words, **options):
        """The command ends so, says why on standard error, and nothing else."""
        outcome = self.ctl(*words, exit=exit, **options)
        self.assertEqual(outcome.text, "")
        self.assertRegex(outcome.error, r"^sarangctl: .+\n")
        return outcome.error


class TestCommands(Control):
    def test_status_tells_how_the_server_is(self):
        status = self.ctl("status", json=True).json()
        self.assertEqual(status["shards"], 2)
        self.assertEqual(sorted(status["hosts"]), ["anon.localhost", "localhost"])
        text = self.ctl("status").text
        for word in ("version", "up", "sessions", "localhost"):
            self.assertIn(word, text)

    def test_who_has_logged_in_with_the_old_password_cannot_bind(self):
        self.ctl("user", "add", "mercutio@localhost", "--password-stdin", input="secret\n")
        for words in (("passwd", "mercutio@localhost", "--password-stdin"),
                      ("del", "mercutio@localhost")):
            late = self.enterContext(Client(self.server))
            late.starttls()
            late.features()
            late.authenticate("mercutio")
            late.features()
            self.ctl("user", *words, input="secret\n")
            self.assertEqual(late.stream_error(), "not-authorized")

    def test_an_account_without_a_session_is_forgotten_after_a_while(self):
        with Server({"limits.linger": "1s"}) as server:
            server.add("romeo@localhost", "away@localhost")
            with Client(server).login("romeo") as romeo:
                romeo.message("away@localhost", "later", "chat")
                romeo.roundtrip("away@localhost")

                def left():
                    return server.ctl("status", json=True).json()["accounts in memory"]

                self.assertGreaterEqual(left(), 1)
                wait_until(lambda: left() == 1, "romeo alone is in memory")
                romeo.message("away@localhost", "and later", "chat")
                romeo.ping("localhost")
            wait_until(lambda: left() == 0, "nobody is in memory")
            with Client(server).login("away") as away:
                bodies = [stanza.body for stanza in away.come() if stanza.name == "message"]
                self.assertEqual(bodies, ["later", "and later"])

    def test_an_account_is_added_shown_listed_given_another_password_and_removed(self):
        jid = "줄리엣@localhost"
        self.assertIn(jid, self.ctl("user", "add", jid, "--password-stdin", input="한글 비밀\n").text)
        Client(self.server).login("줄리엣", password="한글 비밀").close()
        shown = self.ctl("user", "show", jid, json=True).json()
        self.assertEqual(shown["jid"], jid)
        self.assertEqual({one["mechanism"] for one in shown["credentials"]},
                         {"SCRAM-SHA-1", "SCRAM-SHA-256"})
        self.assertNotIn("비밀", json.dumps(shown, ensure_ascii=False))
        self.assertIn(jid, self.ctl("user", "show", jid).text)
        self.assertIn({"jid": jid}, self.ctl("user", "list", json=True).rows())
        self.assertIn(jid, self.ctl("user", "list", "localhost").text)
        client = self.enterContext(Client(self.server)).login("줄리엣", password="한글 비밀")
        self.ctl("user", "passwd", jid, "--password-stdin", input="other\n")
        self.assertEqual(client.stream_error(), "not-authorized")
        Client(self.server).login("줄리엣", password="other").close()
        self.assertIn(jid, self.ctl("user", "del", jid, json=True).text)
        self.assertNotIn({"jid": jid}, self.ctl("user", "list", json=True).rows())
        self.assertIn(jid, self.fails(FAILED, "user", "show", jid))

    def test_what_is_wrong_with_an_account_is_said(self):
        self.client("once")
        for words, exit, hint in (
                (("user", "add", "once@localhost"), FAILED, "exists already"),
                (("user", "add", "a@elsewhere.example"), FAILED, "elsewhere.example"),
                (("user", "add", "a@anon.localhost"), None, "anon.localhost"),
                (("user", "add", "localhost"), None, "localhost"),
                (("user", "add", "a b@localhost"), USAGE, "a b@localhost"),
                (("user", "passwd", "nobody@localhost"), FAILED, "nobody@localhost"),
                (("user", "del", "nobody@localhost"), FAILED, "nobody@localhost"),
                (("user", "kick", "nobody@localhost"), FAILED, "nobody@localhost")):
            with self.subTest(words):
                flags = ("--password-stdin",) if words[1] in ("add", "passwd") else ()
                outcome = self.ctl(*words, *flags, input="pw\n", exit=exit)
                self.assertNotEqual(outcome.exit, OK)
                self.assertIn(hint, outcome.error)

    def test_an_empty_password_is_refused(self):
        self.fails(None, "user", "add", "empty@localhost", "--password-stdin", input="\n")
        self.fails(FAILED, "user", "show", "empty@localhost")

    def test_sessions_are_listed_and_kicked(self):
        romeo = self.client("kicked", "발코니")
        rows = self.ctl("session", "list", "kicked@localhost", json=True).rows()
        self.assertEqual([row["jid"] for row in rows], [romeo.jid])
        self.assertRegex(rows[0]["cipher"], r"^TLSv1\.[23] ")
        self.assertIsNone(rows[0]["priority"])
        romeo.come(3)
        text = self.ctl("session", "list").text
        self.assertIn(romeo.jid, text)
        self.ctl("user", "kick", "kicked@localhost")
        self.assertEqual(romeo.stream_error(), "policy-violation")
        self.assertEqual(self.ctl("session", "list", "kicked@localhost").text, "")

    def test_help_knows_every_command_and_each_has_its_own(self):
        commands = {row["command"] for row in self.ctl("help", json=True).json()}
        issue = {"status", "user add", "user passwd", "user del", "user list", "user show",
                 "user kick", "session list", "module list", "module load", "module unload",
                 "module reload", "config check", "config show", "config reload", "tls list",
                 "tls reload", "backup", "stop"}
        self.assertLessEqual(issue, commands)
        text = self.ctl("help").text
        for command in sorted(commands):
            self.assertIn(command, text)
            self.assertIn(command, self.ctl("help", *command.split()).text)
        self.assertEqual(self.ctl("--help").text, text)

    def test_a_mistake_is_told_with_what_may_be_meant_and_the_exit_status_of_usage(self):
        for words, hint in ((("usr", "add"), "user add"), (("user",), "user add"),
                            (("modul", "list"), "module list"), (("nonsense",), "help"),
                            (("user", "show"), "jid"), (("user", "show", "a@b", "c"), "c"),
                            (("status", "--jsn"), "jsn")):
            with self.subTest(words):
                self.assertIn(hint, self.fails(USAGE, *words))

    def test_a_server_that_is_not_there_is_unreachable(self):
        server = Server()
        self.addCleanup(server.remove)
        outcome = server.ctl("status", exit=UNREACHABLE)
        self.assertIn("Is it running?", outcome.error)

    def test_the_socket_and_all_that_is_kept_are_the_owner_s_alone(self):
        data = os.path.join(self.server.folder, "data")
        self.assertEqual(stat.S_IMODE(os.stat(self.server.control_socket).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(data).st_mode), 0o700)
        for folder, _, files in os.walk(data):
            for name in files:
                mode = os.stat(os.path.join(folder, name)).st_mode
                self.assertEqual(stat.S_IMODE(mode) & 0o077, 0, name)

    def test_an_unknown_key_names_its_line_and_the_nearest_known_one(self):
        for name, text, patterns in (
                ("key", "shrads = 2\n", (":1:", "shrads", "shards")),
                ("table", "\n[c2s]\nlisten_tsl = []\n", (":3:", "listen_tsl", "listen_tls")),
                ("range", "[limits]\ndepth = 3\n", (":2:", "depth", "8")),
                ("kind", "[limits]\ndepth = \"deep\"\n", (":2:", "depth")),
                ("syntax", "[limits\n", (":1:",))):
            with self.subTest(name):
                path = os.path.join(self.server.folder, f"wrong-{name}.toml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text + '[host."localhost"]\n')
                said = self.fails(FAILED, "config", "check", path)
                for pattern in patterns:
                    self.assertIn(pattern, said)

    def test_the_configuration_is_checked_and_shown(self):
        self.assertIn("fine", self.ctl("config", "check").text)
        shown = {row["option"]: row for row in self.ctl("config", "show", json=True).json()}
        self.assertEqual(shown["shards"]["value"], "2")
        self.assertIn("sarangd.toml:", shown["shards"]["from"])
        self.assertEqual(shown["limits.depth"]["from"], "default")
        self.assertIn("sasl.iterations", self.ctl("config", "show", "sasl").text)
        self.fails(FAILED, "config", "show", "nonsense")

    def test_the_certificates_are_listed(self):
        rows = {row["host"]: row for row in self.ctl("tls", "list", json=True).rows()}
        self.assertEqual(set(rows), {"localhost", "anon.localhost"})
        self.assertIn("localhost", rows["localhost"]["names"])
        self.assertIn("anon.localhost", self.ctl("tls", "list").text)


class TestModules(Control):
    def test_a_module_is_listed_unloaded_and_loaded(self):
        romeo = self.client()
        modules = {(row["host"], row["module"]) for row in
                   self.ctl("module", "list", json=True).rows()}
        for name in ("roster", "presence", "message", "mam", "inbox", "carbons", "csi",
                     "offline", "sm", "disco", "ping", "version"):
            self.assertIn(("localhost", name), modules)
        self.ctl("module", "unload", "ping", "localhost")
        self.assertEqual(romeo.ping("localhost").error(), ("cancel", "service-unavailable"))
        self.assertNotIn("ping", self.ctl("module", "list", "localhost").text)
        self.ctl("module", "load", "ping", "localhost")
        self.assertEqual(romeo.ping("localhost")["type"], "result")

    def listed(self):
        return [(row["host"], row["module"]) for row in
                self.ctl("module", "list", json=True).rows()]

    def test_a_module_that_is_not_there_changes_nothing(self):
        before = self.listed()
        self.fails(FAILED, "module", "load", "nonsense")
        self.fails(FAILED, "module", "unload", "nonsense")
        self.fails(None, "module", "load", "../evil")
        self.fails(None, "module", "load", "ping", "elsewhere.example")
        self.fails(FAILED, "module", "load", "ping", "localhost")
        self.assertEqual(self.listed(), before)

    def test_modules_reload_under_load_without_dropping_a_session_or_a_message(self):
        with Load(self.server) as load:
            romeo = self.client()
            romeo.iq("set", f"<query xmlns='{ROSTER}'><item jid='friend@localhost'/></query>")
            romeo.come()
            for name in ("ping", "disco", "version", "offline", "carbons", "csi", "presence", "roster", "message"):
                for _ in range(2 if SANITIZED else 5):
                    self.ctl("module", "reload", name)
                    load.wait_for(10)
            self.assertEqual(romeo.ping("localhost")["type"], "result")
            query = romeo.iq("get", f"<query xmlns='{ROSTER}'/>").child("query", ROSTER)
            self.assertEqual([item["jid"] for item in query.children], ["friend@localhost"])

    def test_a_module_goes_and_comes_under_load(self):
        with Load(self.server) as load:
            for _ in range(5):
                for name in ("ping", "offline"):
                    self.ctl("module", "unload", name)
                    load.wait_for(10)
                    self.ctl("module", "load", name)
                    load.wait_for(10)


class TestReload(Control):
    def setUp(self):
        self.server = self.enterContext(
            Server(hosts={"localhost": {}, "anon.localhost": {"accounts": "anonymous"}}))

    def reload(self, how):
        if how == "config reload":
            return self.ctl("config", "reload", json=True).json()
        seen = self.server.log().count("the configuration was read again")
        self.server.signal(signal.SIGHUP)
        wait_until(lambda: self.server.log().count("the configuration was read again") > seen,
                   "the reload is logged")
        return None

    def test_a_reload_takes_over_what_it_can_and_says_what_took_effect(self):
        with Load(self.server) as load:
            for how, limit in (("config reload", 11), ("SIGHUP", 12)):
                self.server.settings["offline.max_messages"] = limit
                self.server.settings["shards"] = limit
                self.server.write_config()
                changes = self.reload(how)
                shown = {row["option"]: row["value"] for row in
                         self.ctl("config", "show", json=True).json()}
                self.assertEqual(shown["offline.max_messages"], str(limit))
                self.assertEqual(shown["shards"], "2")
                if changes is not None:
                    effects = {row["option"]: row["effect"] for row in changes}
                    self.assertEqual(effects.pop("shards"), "restart")
                    self.assertTrue(effects)
                    for option, effect in effects.items():
                        self.assertIn("offline.max_messages", option)
                        self.assertEqual(effect, "live")
                else:
                    self.assertRegex(self.server.log(),
                                     r'offline\.max_messages"? before=11 after=12 effect=live')
                load.wait_for(10)

    def test_a_host_that_comes_or_goes_waits_for_a_restart_and_is_told(self):
        del self.server.hosts["anon.localhost"]
        self.server.hosts["new.localhost"] = {"accounts": "none"}
        self.server.hosts["localhost"]["modules"] = ["ping"]
        self.server.write_config()
        changes = self.reload("config reload")
        self.assertEqual(
            {row["option"]: (row["before"], row["after"]) for row in changes
             if row["effect"] == "restart" and "modules" not in row["option"]},
            {'host."anon.localhost"': ("served", "not served"),
             'host."new.localhost"': ("not served", "served")})
        self.assertEqual([row["effect"] for row in changes if "modules" in row["option"]],
                         ["restart"])
        self.client().come()

    def test_a_reload_whose_certificate_is_wrong_says_what_took_effect(self):
        os.replace(os.path.join(self.server.folder, "anon.localhost.key"),
                   os.path.join(self.server.folder, "localhost.key"))
        self.server.settings["offline.max_messages"] = 77
        self.server.write_config()
        said = self.fails(FAILED, "config", "reload")
        self.assertIn("the options took effect", said)
        self.assertIn("localhost", said)
        shown = self.ctl("config", "show", "offline.max_messages", json=True).json()
        self.assertIn("77", [row["value"] for row in shown])
        self.client().close()

    def test_a_reload_of_a_broken_file_changes_nothing(self):
        before = self.ctl("config", "show").text
        romeo = self.client()
        with open(self.server.config, "a", encoding="utf-8") as file:
            file.write("[limits]\nnonsense = 1\n")
        self.assertIn("nonsense", self.fails(FAILED, "config", "reload"))
        self.server.signal(signal.SIGHUP)
        self.server.wait_for_log(r"the reload failed")
        self.assertEqual(self.ctl("config", "show").text, before)
        self.assertEqual(romeo.ping()["type"], "result")

    def fingerprint(self):
        rows = self.ctl("tls", "list", json=True).rows()
        return next(row["fingerprint"] for row in rows if row["host"] == "localhost")

    def test_new_certificates_are_for_new_connections_and_old_sessions_stay(self):
        with Load(self.server) as load:
            known = {self.fingerprint()}
            for how in ("tls reload", "SIGHUP", "config reload"):
                make_certificate(self.server.folder, "localhost", "localhost")
                with self.assertRaises(ssl.SSLCertVerificationError):
                    Client(self.server, direct=True)
                if how == "tls reload":
                    self.ctl("tls", "reload")
                else:
                    self.reload(how)
                self.assertNotIn(self.fingerprint(), known)
                known.add(self.fingerprint())
                self.client().close()
                load.wait_for(10)

    def test_a_certificate_that_does_not_fit_its_key_changes_nothing(self):
        before = self.fingerprint()
        os.replace(os.path.join(self.server.folder, "anon.localhost.key"),
                   os.path.join(self.server.folder, "localhost.key"))
        said = self.fails(FAILED, "tls", "reload")
        self.assertIn("localhost", said)
        self.assertEqual(self.fingerprint(), before)
        self.client().close()

    def test_the_level_of_the_log_follows_the_configuration(self):
        self.server.settings["log.level"] = "debug"
        self.server.write_config()
        self.ctl("config", "reload")
        self.client().close()
        self.server.wait_for_log(r" debug ")


class TestBackup(unittest.TestCase):
    def test_a_backup_under_load_is_a_whole_that_another_server_takes_up(self):
        with Server() as server:
            server.add("romeo@localhost")
            with Load(server) as load:
                romeo = Client(server, direct=True).login("romeo")
                romeo.iq("set", f"<query xmlns='{ROSTER}'><item jid='f@localhost' name='벗'/></query>")
                server.add("away@localhost")
                romeo.message("away@localhost", "kept", "chat")
                romeo.roundtrip("away@localhost")
                backup = os.path.join(server.folder, "backup")
                self.assertEqual(server.ctl("backup", backup, json=True).json()["file"], backup)
                self.assertEqual(stat.S_IMODE(os.stat(backup).st_mode) & 0o077, 0)
                server.add("late@localhost")
                load.wait_for(10)
                romeo.cut()
            other = Server()
            self.addCleanup(other.remove)
            restored = other.run_daemon("--restore", backup)
            self.assertEqual(restored.exit, 0, restored.error)
            refused = other.run_daemon("--restore", backup)
            self.assertNotEqual(refused.exit, 0)
            self.assertEqual(other.run_daemon("--restore", backup, "--force").exit, 0)
            with other:
                self.check(other)

    def check(self, server):
        accounts = {row["jid"] for row in server.ctl("user", "list", json=True).rows()}
        self.assertIn("romeo@localhost", accounts)
        self.assertNotIn("late@localhost", accounts)
        with Client(server, direct=True) as romeo:
            romeo.login("romeo")
            query = romeo.iq("get", f"<query xmlns='{ROSTER}'/>").child("query", ROSTER)
            self.assertEqual([item["name"] for item in query.children], ["벗"])
        with Client(server, direct=True) as away:
            away.login("away")
            self.assertIn("kept", [stanza.body for stanza in away.come()])

    def test_a_backup_is_not_written_where_it_cannot_be(self):
        with Server() as server:
            outcome = server.ctl("backup", os.path.join(server.folder, "no", "such"), exit=FAILED)
            self.assertIn("such", outcome.error)

    def test_what_is_no_backup_is_not_restored(self):
        server = Server()
        self.addCleanup(server.remove)
        path = os.path.join(server.folder, "nonsense")
        with open(path, "wb") as file:
            file.write(b"nonsense" * 4096)
        self.assertNotEqual(server.run_daemon("--restore", path).exit, 0)
        self.assertNotEqual(server.run_daemon("--restore", path + ".none").exit, 0)


class TestSearchIndex(unittest.TestCase):
    """What an operator does with the search index, and with room in the database's files."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)

    def say(self, count):
        with Client(self.server, direct=True) as romeo:
            romeo.login("romeo")
            for number in range(count):
                romeo.message("juliet@localhost", f"어제 사랑방에서 {number} {'x' * 200}", "chat")
            romeo.roundtrip("juliet@localhost")
            romeo.roundtrip("romeo@localhost")

    def found(self):
        """How many messages have the word, page by page."""
        with Client(self.server, direct=True) as romeo:
            romeo.login("romeo")
            count, after = 0, ""
            for _ in range(100):
                fin = romeo.iq("set", SEARCH.format("사랑방", after)).child("fin", MAM)
                count += len(romeo.take())
                if fin["complete"] == "true":
                    return count
                last = fin.child("set", RSM).child("last", RSM).text
                after = f"<after>{last}</after>"
        self.fail("endless")

    def status(self, key):
        return self.server.ctl("status", json=True).json()[key]

    def indexed(self):
        wait_until(lambda: self.status("archives to be indexed") == 0, "all is indexed")

    def begin(self):
        self.server.start()
        self.server.add("romeo@localhost", "juliet@localhost")
        self.say(150)

    def test_archives_are_indexed_anew_while_running(self):
        self.begin()
        self.assertEqual(self.found(), 150)
        one = self.server.ctl("archive", "reindex", "romeo@localhost", json=True).json()
        self.assertEqual(one["archives"], 1)
        self.assertGreater(one["entries"], 100)  # but for those that are in no block yet
        self.assertEqual(self.found(), 150)
        host = self.server.ctl("archive", "reindex", "--host", "localhost", json=True).json()
        self.assertEqual(host["archives"], 2)
        self.assertEqual(self.found(), 150)
        self.indexed()
        self.assertEqual(self.found(), 150)
        self.server.stop()

    def test_a_damaged_index_stops_nobody(self):
        self.begin()
        self.indexed()
        self.server.stop()
        index = os.path.join(self.server.folder, "data", "store", "search", "data.mdb")
        with open(index, "r+b") as file:
            file.truncate(os.path.getsize(index) // 2)
        self.server.start()
        self.assertEqual(self.found(), 150)
        self.assertEqual(self.status("indexes made anew"), 1)
        self.server.wait_for_log(r"search index cannot be used")
        self.server.stop()
        self.server.start()
        self.assertEqual(self.status("indexes made anew"), 0)
        self.assertEqual(self.found(), 150)
        self.server.stop()

    def database(self):
        return os.path.join(self.server.folder, "data", "store", "data.mdb")

    def on_disk(self):
        return os.stat(self.database()).st_blocks * 512

    def has_holes(self):
        """Whether the file system of the server's folder can give back a part of a file."""
        path = os.path.join(self.server.folder, "probe")
        with open(path, "wb") as file:
            file.write(b"x" * (1 << 20))
        punched = subprocess.run(["fallocate", "--punch-hole", "--length", "1MiB", path])
        os.unlink(path)
        return punched.returncode == 0

    def test_free_room_is_given_back_while_the_server_is_running(self):
        self.begin()
        if not self.has_holes():
            refused = self.server.ctl("archive", "compact", exit=FAILED)
            self.assertIn("sarangd --compact", refused.error)
            self.server.stop()
            self.skipTest("the file system knows no holes: only that this is told was tested")
        self.say(2000)
        self.server.ctl("user", "del", "juliet@localhost")
        self.indexed()
        space = self.server.ctl("archive", "stat", json=True).json()
        before = self.on_disk()
        self.assertGreater(space["free on disk"], 200_000)
        self.assertGreaterEqual(space["bytes on disk"], before)
        told = self.server.ctl("archive", "compact", json=True).json()
        self.assertGreater(told["given back"], 200_000)
        self.assertLess(told["free on disk"], space["free on disk"] - 200_000)
        self.assertLess(self.on_disk(), before - 100_000)
        self.assertEqual(self.status("store bytes on disk"), self.on_disk())
        self.assertEqual(self.found(), 2150)
        self.assertIn("were given back", self.server.ctl("archive", "compact").text)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.found(), 2150)
        self.server.stop()

    def test_free_room_is_given_back_while_the_server_is_stopped(self):
        self.begin()
        self.server.ctl("user", "del", "juliet@localhost")
        self.indexed()
        told = self.server.ctl("archive", "stat", json=True).json()
        self.assertGreater(told["free"], 0)
        self.assertGreater(told["bytes"], told["free"])
        refused = self.server.run_daemon("--compact")
        self.assertNotEqual(refused.exit, 0)
        self.assertIn("in use", refused.error)
        self.server.stop()
        before = os.path.getsize(self.database())
        compacted = self.server.run_daemon("--compact")
        self.assertEqual(compacted.exit, 0, compacted.error)
        self.assertLess(os.path.getsize(self.database()), before)
        self.server.start()
        self.assertEqual(self.found(), 150)
        self.server.stop()


class TestEnd(unittest.TestCase):
    def ends(self, end):
        with Server() as server:
            server.add("romeo@localhost", "juliet@localhost", "away@localhost")
            clients = [Client(server, direct=True).login(name) for name in ("romeo", "juliet")]
            with Client(server) as early:
                early.features()
                clients[0].message("away@localhost", "kept", "chat")
                clients[0].roundtrip("away@localhost")
                end(server)
                for client in (*clients, early):
                    self.assertEqual(client.stream_error(), "system-shutdown")
                self.assertEqual(server.wait(60 if SANITIZED else 10), 0, server.log())
            self.assertFalse(os.path.exists(server.control_socket))
            server.start()
            with Client(server, direct=True).login("away") as away:
                self.assertEqual([stanza.body for stanza in away.come()], ["kept"])

    def test_sigterm_tells_each_client_and_ends_within_ten_seconds(self):
        self.ends(lambda server: server.signal(signal.SIGTERM))

    def test_sigint_does_the_same(self):
        self.ends(lambda server: server.signal(signal.SIGINT))

    def test_the_command_stop_does_the_same(self):
        self.ends(lambda server: server.ctl("stop"))

    def test_clients_that_do_not_read_hold_nothing_up(self):
        with Server() as server:
            server.add("romeo@localhost", "deaf@localhost")
            deaf = Client(server, direct=True, small_window=True).login("deaf")
            deaf.come()
            romeo = Client(server, direct=True).login("romeo")
            for _ in range(20):
                romeo.message(deaf.jid, "x" * 20000)
            romeo.roundtrip(deaf.bare)
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(60 if SANITIZED else 10), 0, server.log())
            deaf.cut()
            romeo.cut()

    def test_what_a_client_is_late_to_read_reaches_it_before_the_end(self):
        with Server() as server:
            server.add("romeo@localhost", "slow@localhost")
            slow = Client(server, direct=True, small_window=True).login("slow")
            slow.come()
            romeo = Client(server, direct=True).login("romeo")
            for number in range(100):
                romeo.message(slow.jid, f"{number} " + "x" * 20000, "chat")
            romeo.roundtrip(slow.bare)
            server.signal(signal.SIGTERM)
            self.assertEqual(romeo.stream_error(), "system-shutdown")
            for number in range(100):
                slow.expect_message(f"{number} " + "x" * 20000)
            self.assertEqual(slow.stream_error(), "system-shutdown")
            self.assertEqual(server.wait(60 if SANITIZED else 10), 0, server.log())

    def test_two_daemons_do_not_share_their_data(self):
        with Server() as server:
            outcome = server.run_daemon()
            self.assertNotEqual(outcome.exit, 0)
            self.assertTrue(outcome.error or outcome.text)
            server.ctl("status")

    def test_a_configuration_that_is_wrong_stops_the_start_with_its_line(self):
        server = Server({"limits.depht": 5})
        self.addCleanup(server.remove)
        for words in ((), ("--check-config",)):
            outcome = server.run_daemon(*words)
            self.assertEqual(outcome.exit, 1)
            self.assertRegex(outcome.error, r"sarangd\.toml:\d+: .*depht.*depth")

    def test_check_config_and_options_and_version_end_well(self):
        server = Server()
        self.addCleanup(server.remove)
        self.assertIn("fine", server.run_daemon("--check-config").text)
        self.assertIn("resource_conflict", server.run_daemon("--options").text)
        self.assertRegex(server.run_daemon("--version").text, r"^sarangd \d")
        self.assertEqual(server.run_daemon("--nonsense").exit, 2)


del Control

if __name__ == "__main__":
    report.main()
