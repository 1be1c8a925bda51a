# SPDX-License-Identifier: Apache-2.0
"""RFC 6120, rule by rule: streams and their errors, STARTTLS, SASL, binding; with RFC 5802,
RFC 7590 and XEP-0368."""

import base64
import itertools
import ssl
import unittest
import warnings

import report
from server import Server
from xmpp import (BIND, CLIENT, PING, SASL, SESSION, STREAM, TLS, Client, Element, Gone, Opened,
                  SaslFailed, Scram)

BINDINGS = "urn:xmpp:sasl-cb:0"


class Streams(unittest.TestCase):
    settings = {"limits.login_delay": "0ms"}
    hosts = {"localhost": {}, "other.localhost": {}, "anon.localhost": {"accounts": "anonymous"}}
    count = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(cls.settings, cls.hosts))
        cls.server.add("romeo@localhost", "juliet@localhost", "romeo@other.localhost")

    def client(self, host="localhost", direct=True, **options):
        return self.enterContext(Client(self.server, host, direct=direct, **options))

    def bound(self, name="romeo"):
        return self.client().login(name, f"r{next(self.count)}", mechanism="SCRAM-SHA-1")

    def secured(self, host="localhost"):
        """With TLS, before SASL."""
        client = self.client(host)
        client.features()
        return client

    def assertError(self, client, condition):
        self.assertEqual(client.stream_error(), condition)


class TestWrong(Streams):
    """What came, and the answer; before and after log-in."""

    table = (
        ("a document type", b"<!DOCTYPE a>", "restricted-xml"),
        ("an entity's declaration", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", "restricted-xml"),
        ("an entity that is not predefined", b"<message><body>&b;</body></message>",
         "restricted-xml"),
        ("a processing instruction", b"<?php echo 1 ?>", "restricted-xml"),
        ("a processing instruction in a stanza", b"<message><?a b?></message>", "restricted-xml"),
        ("a comment", b"<!-- psst -->", "restricted-xml"),
        ("a comment in a stanza", b"<message><!-- psst --></message>", "restricted-xml"),
        ("bad UTF-8", b"<message><body>\xff\xfe</body></message>", "unsupported-encoding"),
        ("UTF-8 that is too long", b"<message><body>\xc0\xaf</body></message>",
         "unsupported-encoding"),
        ("a surrogate", b"<message><body>\xed\xa0\x80</body></message>", "unsupported-encoding"),
        ("NUL", b"<message><body>a\0b</body></message>", "not-well-formed"),
        ("a reference to NUL", b"<message><body>&#0;</body></message>", "not-well-formed"),
        ("a prefix that is not declared", b"<a:b/>", "not-well-formed"),
        ("an attribute's prefix that is not declared", b"<message a:b='c'/>", "not-well-formed"),
        ("crossed tags", b"<message><a><b></a></b></message>", "not-well-formed"),
        ("an attribute twice", b"<message id='1' id='2'/>", "not-well-formed"),
        ("an attribute without quotes", b"<message id=1/>", "not-well-formed"),
        ("a lone ampersand", b"<message><body>a & b</body></message>", "not-well-formed"),
    )
    authenticated = (
        ("a stanza of the server's namespace", b"<message xmlns='jabber:server'/>",
         "invalid-namespace"),
        ("an unknown first-level element", b"<a xmlns='b:c'/>", "unsupported-stanza-type"),
        ("an unknown element of ours", b"<a/>", "unsupported-stanza-type"),
        ("SASL once more", f"<auth xmlns='{SASL}' mechanism='PLAIN'/>".encode(),
         "unsupported-stanza-type"),
        ("STARTTLS", f"<starttls xmlns='{TLS}'/>".encode(), "unsupported-stanza-type"),
    )

    def test_what_breaks_the_grammar_ends_the_stream_before_log_in(self):
        for what, data, condition in self.table:
            with self.subTest(what):
                client = self.secured()
                client.send(data)
                self.assertError(client, condition)

    def test_what_breaks_the_grammar_ends_the_stream_in_the_clear(self):
        for what, data, condition in self.table:
            with self.subTest(what):
                client = self.client(direct=False)
                client.features()
                client.send(data)
                self.assertError(client, condition)

    def test_what_breaks_the_grammar_ends_the_stream_after_log_in(self):
        for what, data, condition in self.table + self.authenticated:
            with self.subTest(what):
                client = self.bound()
                client.send(data)
                self.assertError(client, condition)

    def test_what_breaks_the_grammar_does_so_byte_by_byte(self):
        for what, data, condition in self.table[::3]:
            with self.subTest(what):
                client = self.bound()
                for byte in data:
                    try:
                        client.send(bytes([byte]))
                    except (OSError, ssl.SSLError):
                        break  # it was ended before all was said
                self.assertError(client, condition)

    def test_text_between_stanzas_is_bad_but_whitespace_is_not(self):
        client = self.bound()
        client.send(" \n\t ")
        client.ping()
        client.send("word")
        self.assertIn(client.stream_error(), ("bad-format", "invalid-xml", "not-well-formed"))

    def test_a_stanza_before_authentication_gets_not_authorized(self):
        for stanza in ("<message to='romeo@localhost'><body>hi</body></message>", "<presence/>",
                       f"<iq type='get' id='1'><ping xmlns='{PING}'/></iq>"):
            for client in (self.secured(), self.client(direct=False)):
                with self.subTest(stanza):
                    if client.reader is None:
                        client.features()
                    client.send(stanza)
                    self.assertError(client, "not-authorized")

    def test_a_stanza_before_binding_gets_not_authorized(self):
        client = self.secured()
        client.authenticate("romeo")
        client.features()
        client.send("<presence/>")
        self.assertError(client, "not-authorized")

    def test_a_stanza_error_leaves_the_stream_open(self):
        client = self.bound()
        for _ in range(3):
            self.assertEqual(client.iq("get", "")["type"], "error")
            self.assertEqual(client.iq("get", "<a xmlns='b:c'/>", "nobody@localhost")["type"],
                             "error")
        self.assertEqual(client.ping()["type"], "result")

    def test_predefined_entities_and_cdata_are_fine(self):
        client = self.bound()
        client.send(f"<message to='{client.jid}' id='e'><body>&lt;&gt;&amp;&apos;&quot;&#48;&#x1F388;"
                    "<![CDATA[<&>]]></body></message>")
        came = client.expect(lambda stanza: stanza["id"] == "e")
        self.assertEqual(came.body, "<>&'\"0🎈<&>")


class TestStream(Streams):
    """RFC 6120 §4."""

    def test_the_answer_to_a_header_names_the_host_the_version_and_an_unguessable_id(self):
        ids = set()
        for _ in range(3):
            client = self.client(direct=False)
            client.features()
            opened = client.opened
            self.assertEqual((opened["from"], opened["version"]), ("localhost", "1.0"))
            self.assertGreaterEqual(len(opened["id"]), 16)
            self.assertIsNotNone(opened["http://www.w3.org/XML/1998/namespace lang"])
            ids.add(opened["id"])
        self.assertEqual(len(ids), 3)

    def test_the_answer_to_a_header_is_to_who_the_client_says_it_is(self):
        for said, answered in (("juliet@localhost", "juliet@localhost"),
                               ("Juliet@LOCALHOST/balcony", "juliet@localhost"),
                               ("@nonsense@", None), ("", None), (None, None)):
            with self.subTest(said):
                client = self.client(direct=False)
                client.features(client.header(**{"from": said}))
                self.assertEqual(client.opened["to"], answered)

    def header_fails(self, condition, header=None, **attributes):
        for direct in (False, True):
            client = self.client(direct=direct)
            client.open(header or client.header(**attributes))
            self.assertIsInstance(client.next(), Opened)
            self.assertError(client, condition)

    def test_a_host_that_is_not_served_is_unknown(self):
        self.header_fails("host-unknown", to="example.invalid")

    def test_a_header_without_a_host_is_improper(self):
        self.header_fails("improper-addressing", to=None)

    def test_a_host_that_is_no_domain_is_refused(self):
        for to in ("@", "a@b@c", "x" * 1024):
            client = self.client(direct=False)
            client.open(client.header(to=to))
            self.assertIsInstance(client.next(), Opened)
            self.assertIn(client.stream_error(), ("improper-addressing", "host-unknown"))

    def test_an_older_version_is_unsupported(self):
        for version in ("0.9", None, "", "x"):
            self.header_fails("unsupported-version", version=version)

    def test_a_later_minor_or_major_version_is_fine(self):
        for version in ("1.1", "1.10", "2.0"):
            client = self.client(direct=False)
            client.features(client.header(version=version))
            self.assertEqual(client.opened["version"], "1.0")

    def test_another_namespace_of_stream_or_content_is_invalid(self):
        self.header_fails("invalid-namespace", xmlns="jabber:server")
        self.header_fails("invalid-namespace", xmlns="urn:other")
        self.header_fails("invalid-namespace", **{"xmlns:stream": "urn:other"})

    def test_another_root_is_refused(self):
        for header in (f"<stream:flow to='localhost' version='1.0' xmlns='{CLIENT}' "
                       f"xmlns:stream='{STREAM}'>", "<stream to='localhost' version='1.0'>"):
            client = self.client(direct=False)
            client.open(header)
            self.assertIsInstance(client.next(), Opened)
            self.assertIn(client.stream_error(),
                          ("bad-format", "invalid-namespace", "invalid-xml", "not-well-formed",
                           "unsupported-stanza-type"))

    def test_the_stream_may_have_another_prefix(self):
        client = self.client(direct=False)
        client.features(f"<s:stream to='localhost' version='1.0' xmlns='{CLIENT}' xmlns:s='{STREAM}'>")

    def test_another_encoding_is_unsupported(self):
        client = self.client(direct=False)
        text = client.header()
        for data in (text.replace("?>", " encoding='ISO-8859-1'?>", 1).encode(),
                     text.encode("utf-16"), text.encode("utf-16-le"), text.encode("utf-16-be"),
                     b"\xff\xfe\xfd" + text.encode()):
            with self.subTest(data[:60]):
                client = self.client(direct=False)
                client.open(data)
                self.assertIsInstance(client.next(), Opened)
                self.assertError(client, "unsupported-encoding")

    def test_utf_8_may_be_named_but_has_no_mark(self):
        client = self.client(direct=False)
        header = client.header().replace("?>", " encoding='UTF-8'?>", 1)
        client.features(header)
        # RFC 6120 §11.6: it is no mark of an order of bytes, but a character.
        client = self.client(direct=False)
        client.open("\ufeff" + header)
        self.assertIsInstance(client.next(), Opened)
        self.assertError(client, "not-well-formed")

    def test_an_error_before_any_header_comes_in_a_stream(self):
        for data in ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "<?xml version='1.0'?><!DOCTYPE a>",
                     "\0\0\0\0"):
            with self.subTest(data):
                client = self.client(direct=False)
                client.open(data)
                opened = client.next()
                self.assertIsInstance(opened, Opened)
                self.assertIsNotNone(opened["id"])
                client.stream_error()

    def test_the_end_of_a_stream_is_answered_with_its_end(self):
        for client in (self.client(direct=False), self.secured(), self.bound()):
            if client.reader is None:
                client.features()
            client.close()

    def test_the_end_comes_after_the_answers_to_what_was_asked(self):
        client = self.bound()
        for number in range(20):
            client.request("get", f"<ping xmlns='{PING}'/>", id=f"p{number}")
        client.close()
        self.assertEqual([stanza["id"] for stanza in client.inbox],
                         [f"p{number}" for number in range(20)])

    def test_the_language_of_the_stream_is_that_of_its_stanzas(self):
        romeo = self.client(direct=True)
        header = romeo.header(**{"xml:lang": "ko"})
        romeo.features(header)
        romeo.authenticate("romeo")
        romeo.features(header)
        romeo.bind()
        juliet = self.bound("juliet")
        romeo.message(juliet.jid, "안녕")
        came = juliet.expect_message("안녕")
        self.assertEqual(came.attributes["http://www.w3.org/XML/1998/namespace lang"], "ko")

    def test_a_stanza_too_large_is_a_violation_of_policy(self):
        client = self.bound()
        try:
            client.send(b"<message><body>" + b"a" * (600 * 1024))
        except (OSError, ssl.SSLError):
            pass
        self.assertError(client, "policy-violation")
        client = self.secured()
        client.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>" + "A" * 11 * 1024)
        self.assertError(client, "policy-violation")


class TestStarttls(Streams):
    """RFC 6120 §5, RFC 7590."""

    def test_starttls_is_required_and_all_there_is_in_the_clear(self):
        features = self.client(direct=False).features()
        self.assertEqual([child.name for child in features.children], ["starttls"])
        self.assertTrue(features.child("starttls", TLS).has("required", TLS))

    def test_nobody_logs_in_without_tls(self):
        for mechanism, response in (("PLAIN", "\0romeo\0secret"), ("SCRAM-SHA-256", "n,,n=romeo,r=a"),
                                    ("ANONYMOUS", "")):
            client = self.client(direct=False)
            client.features()
            answer = client.auth(mechanism, response)
            self.assertEqual((answer.name, answer.children[0].name),
                             ("failure", "encryption-required"))

    def test_after_tls_the_stream_begins_anew_without_starttls(self):
        client = self.client(direct=False)
        client.starttls()
        features = client.features()
        self.assertFalse(features.has("starttls"))
        self.assertTrue(features.has("mechanisms", SASL))

    def test_what_was_said_before_tls_is_forgotten(self):
        client = self.client("other.localhost", direct=False)
        client.starttls()
        client.features()
        self.assertEqual(client.opened["from"], "other.localhost")
        client.authenticate("romeo")
        client.features()
        client.bind("x")
        self.assertEqual(client.jid, "romeo@other.localhost/x")

    def test_bytes_behind_starttls_never_reach_the_secured_stream(self):
        injected = (f"<iq type='get' id='injected'><ping xmlns='{PING}'/></iq>",
                    "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
                    f"xmlns:stream='{STREAM}'>", "<?xml version='1.0'?>")
        for behind in injected:
            with self.subTest(behind):
                client = self.client(direct=False)
                client.features()
                client.send(f"<starttls xmlns='{TLS}'/>" + behind)
                items = []
                while not isinstance(items[-1:] and items[-1], Gone):
                    item = client.next()
                    items.append(item)
                    if isinstance(item, Element) and item.name == "proceed":
                        break
                if isinstance(items[-1], Gone):
                    continue
                with self.assertRaises((OSError, ssl.SSLError, AssertionError)):
                    client.secure()
                    client.features()
                    self.fail("the injected bytes were swallowed, or taken for the client's")

    def test_starttls_twice_fails_and_ends_the_stream(self):
        client = self.client(direct=False)
        client.starttls()
        client.features()
        client.send(f"<starttls xmlns='{TLS}'/>")
        item = client.next()
        self.assertEqual((item.name, item.ns), ("failure", TLS))
        client.expect_end()

    def handshake(self, version, host="localhost", direct=True, alpn=None):
        context = self.server.tls(host, alpn)
        if version is not None:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = version
            context.set_ciphers("ALL:@SECLEVEL=0")
        raw = self.server.socket(direct)
        self.addCleanup(raw.close)
        secured = context.wrap_socket(raw, server_hostname=host)
        self.addCleanup(secured.close)
        return secured

    def test_tls_1_2_and_1_3_are_spoken_and_nothing_older(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            self.assertEqual(self.handshake(version).version(), name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
                with self.assertRaises((ssl.SSLError, OSError)):
                    self.handshake(version)

    def test_alpn_agrees_on_xmpp_client(self):
        self.assertEqual(self.handshake(None, alpn=["xmpp-client"]).selected_alpn_protocol(),
                         "xmpp-client")
        self.assertEqual(
            self.handshake(None, alpn=["h2", "xmpp-client"]).selected_alpn_protocol(), "xmpp-client")
        self.assertIsNone(self.handshake(None).selected_alpn_protocol())

    def test_another_protocol_by_alpn_is_refused(self):
        with self.assertRaises((ssl.SSLError, OSError)) as caught:
            self.handshake(None, alpn=["http/1.1"]).recv(1)
        said = str(caught.exception).lower().replace("_", " ")
        self.assertIn("no application protocol", said)

    def test_each_host_shows_its_own_certificate(self):
        for host in ("localhost", "other.localhost"):
            shown = self.handshake(None, host).getpeercert()
            self.assertIn(("DNS", host), shown["subjectAltName"])
        client = self.client("other.localhost", direct=False)
        client.starttls()
        self.assertIn(("DNS", "other.localhost"), client.socket.getpeercert()["subjectAltName"])


class TestSasl(Streams):
    """RFC 6120 §6, RFC 5802."""

    all = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")

    def failure(self, answer):
        self.assertEqual((answer.name, answer.ns), ("failure", SASL), answer)
        return answer.children[0].name

    def test_the_mechanisms_are_offered_best_first_with_their_channel_bindings(self):
        features = self.client().features()
        mechanisms = tuple(child.text for child in features.child("mechanisms", SASL).children)
        self.assertEqual(mechanisms, self.all)
        bindings = {child["type"] for child in
                    features.child("sasl-channel-binding", BINDINGS).children}
        self.assertEqual(bindings, {"tls-exporter", "tls-server-end-point"})

    def test_each_mechanism_logs_in(self):
        for mechanism in self.all:
            with self.subTest(mechanism):
                client = self.secured()
                client.authenticate("romeo", mechanism=mechanism)
                self.assertTrue(client.features().has("bind", BIND))

    def test_tls_1_2_has_its_channel_bindings_too(self):
        context = self.server.tls()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        client = self.client(tls=context)
        features = client.features()
        bindings = {child["type"] for child in
                    features.child("sasl-channel-binding", BINDINGS).children}
        self.assertIn("tls-server-end-point", bindings)
        client.authenticate("romeo", mechanism="SCRAM-SHA-256-PLUS")

    def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(self):
        answers = {}
        for user, password in (("romeo", "wrong"), ("nobody", "wrong"), ("nobody", "secret")):
            for mechanism in self.all:
                client = self.secured()
                with self.assertRaises(SaslFailed) as caught:
                    client.authenticate(user, password, mechanism)
                self.assertEqual(caught.exception.condition, "not-authorized")
                answers.setdefault(mechanism, set()).add(str(caught.exception))
        for mechanism, said in answers.items():
            self.assertEqual(len(said), 1, (mechanism, said))

    def test_the_challenge_to_an_unknown_user_looks_like_one_to_a_known_one(self):
        def challenge(user):
            client = self.secured()
            answer = client.auth("SCRAM-SHA-256", f"n,,n={user},r=abcdefgh")
            return dict(part.split("=", 1)
                        for part in base64.b64decode(answer.text).decode().split(","))

        known, unknown, again = challenge("romeo"), challenge("nobody"), challenge("nobody")
        self.assertEqual(unknown["i"], known["i"])
        self.assertEqual(len(unknown["s"]), len(known["s"]))
        self.assertEqual(unknown["s"], again["s"])
        self.assertNotEqual(unknown["s"], known["s"])
        self.assertNotEqual(unknown["r"], again["r"])

    def test_an_unknown_mechanism_is_invalid(self):
        for mechanism in ("CRAM-MD5", "EXTERNAL", "ANONYMOUS", "", "scram-sha-256"):
            self.assertEqual(self.failure(self.secured().auth(mechanism, "x")), "invalid-mechanism")

    def test_bad_base64_is_an_incorrect_encoding(self):
        for text in ("!!!!", "AAA", "A===", "=A==", "AA AA", "A" * 5):
            client = self.secured()
            client.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{text}</auth>")
            self.assertEqual(self.failure(client.element()), "incorrect-encoding", text)
        client = self.secured()
        client.auth("SCRAM-SHA-256", "n,,n=romeo,r=abcdefgh")
        client.send(f"<response xmlns='{SASL}'>%</response>")
        self.assertEqual(self.failure(client.element()), "incorrect-encoding")

    def test_to_act_for_somebody_else_is_an_invalid_authzid(self):
        for authzid in ("juliet@localhost", "juliet", "romeo@other.localhost", "root@localhost"):
            with self.subTest(authzid):
                answer = self.secured().auth("PLAIN", f"{authzid}\0romeo\0secret")
                self.assertEqual(self.failure(answer), "invalid-authzid")
                answer = self.secured().auth("SCRAM-SHA-1", f"n,a={authzid},n=romeo,r=abcdefgh")
                self.assertEqual(self.failure(answer), "invalid-authzid")

    def test_to_act_for_oneself_is_fine(self):
        client = self.secured()
        self.assertEqual(client.auth("PLAIN", "romeo@localhost\0romeo\0secret").name, "success")
        client = self.secured()
        client.authenticate("romeo", authzid="romeo@localhost")

    def test_the_user_s_name_is_prepared(self):
        client = self.secured()
        client.authenticate("ＲＯＭＥＯ")
        client.features()
        client.bind("x")
        self.assertEqual(client.jid, "romeo@localhost/x")

    def test_a_downgrade_of_channel_binding_is_noticed(self):
        with self.assertRaises(SaslFailed) as caught:
            self.secured().authenticate("romeo", gs2="y")
        self.assertEqual(caught.exception.condition, "not-authorized")

    def test_another_connection_s_channel_binding_is_refused(self):
        for binding in (b"", b"x" * 32):
            with self.assertRaises(SaslFailed) as caught:
                self.secured().authenticate(
                    "romeo", mechanism="SCRAM-SHA-256-PLUS", binding=binding)
            self.assertEqual(caught.exception.condition, "not-authorized")

    def test_a_binding_of_an_unknown_type_or_that_does_not_fit_the_mechanism_is_refused(self):
        for mechanism, gs2 in (("SCRAM-SHA-256-PLUS", "p=tls-unique"), ("SCRAM-SHA-256-PLUS", "n"),
                               ("SCRAM-SHA-256", "p=tls-server-end-point")):
            with self.assertRaises(SaslFailed) as caught:
                self.secured().authenticate("romeo", mechanism=mechanism, gs2=gs2, binding=b"")
            self.assertIn(caught.exception.condition, ("not-authorized", "malformed-request"))

    def test_what_is_no_message_of_the_mechanism_is_malformed(self):
        for mechanism, message in (
                ("PLAIN", "romeo"), ("PLAIN", "\0romeo"), ("PLAIN", "\0\0secret"),
                ("PLAIN", "\0romeo\0"), ("PLAIN", "\0romeo\0sec\0ret"),
                ("SCRAM-SHA-1", ""), ("SCRAM-SHA-1", "n,,"), ("SCRAM-SHA-1", "n,,r=a,n=b"),
                ("SCRAM-SHA-1", "n,,n=romeo"), ("SCRAM-SHA-1", "n,,m=x,n=romeo,r=abc"),
                ("SCRAM-SHA-1", "n,,n=ro=meo,r=abc"), ("SCRAM-SHA-1", "q,,n=romeo,r=abc")):
            with self.subTest((mechanism, message)):
                answer = self.secured().auth(mechanism, message)
                self.assertIn(self.failure(answer), ("malformed-request", "not-authorized"))

    def test_a_response_out_of_order_is_malformed(self):
        client = self.secured()
        self.assertEqual(self.failure(client.respond("x")), "malformed-request")
        client.auth("SCRAM-SHA-1", "n,,n=romeo,r=abcdefgh")
        self.assertEqual(self.failure(client.auth("PLAIN", "\0romeo\0secret")), "malformed-request")
        client.authenticate("romeo")

    def test_an_exchange_that_is_aborted_can_begin_anew(self):
        client = self.secured()
        client.auth("SCRAM-SHA-1", "n,,n=romeo,r=abcdefgh")
        client.send(f"<abort xmlns='{SASL}'/>")
        self.assertEqual(self.failure(client.element()), "aborted")
        client.authenticate("romeo")

    def test_a_final_message_with_another_nonce_or_proof_is_refused(self):
        for change in (lambda final: final.replace(b",r=", b",r=x"),
                       lambda final: final[:-8] + b"AAAAAAA="):
            client = self.secured()
            scram = Scram("SCRAM-SHA-1", "romeo", "secret")
            challenge = base64.b64decode(client.auth("SCRAM-SHA-1", scram.first()).text)
            answer = client.respond(change(scram.final(challenge)))
            self.assertEqual(self.failure(answer), "not-authorized")

    def test_a_mechanism_may_begin_without_an_initial_response(self):
        client = self.secured()
        challenge = client.auth("PLAIN")
        self.assertEqual((challenge.name, challenge.text), ("challenge", ""))
        self.assertEqual(client.respond("\0romeo\0secret").name, "success")

    def test_too_many_tries_are_a_violation_of_policy(self):
        client = self.secured()
        for _ in range(5):
            self.assertEqual(self.failure(client.auth("PLAIN", "\0romeo\0wrong")), "not-authorized")
        self.assertError(client, "policy-violation")

    def test_success_needs_a_new_header_and_none_of_the_old_features_is_left(self):
        client = self.secured()
        client.authenticate("romeo")
        features = client.features()
        self.assertFalse(features.has("mechanisms"))
        self.assertFalse(features.has("starttls"))
        self.assertTrue(features.has("bind", BIND))

    def test_what_follows_success_without_a_header_is_no_stanza(self):
        client = self.secured()
        client.authenticate("romeo")
        client.open("<presence/>")
        self.assertIsInstance(client.next(), Opened)
        client.stream_error()

    def test_the_host_cannot_change_after_log_in(self):
        client = self.secured()
        client.authenticate("romeo")
        client.open(client.header(to="other.localhost"))
        self.assertIsInstance(client.next(), Opened)
        self.assertError(client, "host-unknown")

    def test_an_anonymous_host_offers_anonymous_alone(self):
        client = self.client("anon.localhost")
        features = client.features()
        self.assertEqual([child.text for child in features.child("mechanisms", SASL).children],
                         ["ANONYMOUS"])
        self.assertEqual(client.auth("ANONYMOUS", "").name, "success")
        client.features()
        client.bind()
        other = self.client("anon.localhost").login("", mechanism="ANONYMOUS")
        self.assertNotEqual(client.bare, other.bare)


class TestBind(Streams):
    """RFC 6120 §7."""

    def ready(self, name="romeo"):
        client = self.secured()
        client.authenticate(name, mechanism="SCRAM-SHA-1")
        client.features()
        return client

    def test_a_resource_is_generated_when_none_is_named(self):
        names = set()
        for inner in ("", "<resource/>"):
            client = self.ready()
            answer = client.iq("set", f"<bind xmlns='{BIND}'>{inner}</bind>")
            jid = answer.child("bind", BIND).child("jid", BIND).text
            self.assertRegex(jid, r"^romeo@localhost/.{8,}$")
            names.add(jid)
        self.assertEqual(len(names), 2)

    def test_a_resource_that_is_named_is_given_after_preparation(self):
        for wish, given in (("발코니 🎈", "발코니 🎈"), ("ﬁ", "fi"), ("A b", "A b"), ("x" * 1023, "x" * 1023)):
            client = self.ready()
            client.bind(wish)
            self.assertEqual(client.jid, f"romeo@localhost/{given}")

    def test_a_resource_that_is_none_gets_bad_request_and_another_try(self):
        client = self.ready()
        for wish in ("x" * 1024, "a\ue000b", "a\u2028b"):
            self.assertEqual(client.bind(wish).error(), ("modify", "bad-request"), wish)
        self.assertEqual(client.bind("fine")["type"], "result")

    def test_a_bind_that_is_a_get_is_no_bind(self):
        client = self.ready()
        client.request("get", f"<bind xmlns='{BIND}'/>")
        self.assertError(client, "not-authorized")

    def test_binding_what_is_bound_replaces_the_older_session(self):
        older = self.ready()
        older.bind("same")
        newer = self.ready()
        newer.bind("same")
        self.assertEqual(newer.jid, older.jid)
        self.assertError(older, "conflict")
        self.assertEqual(newer.ping()["type"], "result")

    def test_a_second_bind_is_refused_and_does_no_harm(self):
        client = self.ready()
        client.bind("first")
        first = client.jid
        answer = client.bind("second")
        self.assertEqual(answer["type"], "error", answer)
        client.message(first, "still here")
        self.assertEqual(client.expect_message("still here")["to"], first)

    def test_the_legacy_session_does_nothing(self):
        client = self.ready()
        client.bind()
        answer = client.iq("set", f"<session xmlns='{SESSION}'/>")
        self.assertEqual((answer["type"], answer.children), ("result", []))

    def test_the_session_feature_is_optional(self):
        client = self.secured()
        client.authenticate("romeo")
        session = client.features().child("session", SESSION)
        self.assertTrue(session.has("optional", SESSION))

    def test_all_of_it_may_come_in_one_piece_after_sasl(self):
        client = self.secured()
        client.authenticate("romeo")
        bind = f"<iq type='set' id='b'><bind xmlns='{BIND}'><resource>eager</resource></bind></iq>"
        client.open(client.header() + bind + "<presence/>"
                    + f"<iq type='get' id='p'><ping xmlns='{PING}'/></iq>")
        answers = []
        while "p" not in answers:
            item = client.next()
            if isinstance(item, Element):
                answers.append(item["id"])
        self.assertEqual([id for id in answers if id in ("b", "p")], ["b", "p"])


class TestConflict(Streams):
    """The option resource_conflict."""

    def conflict(self, policy):
        server = self.enterContext(Server({"c2s.resource_conflict": policy}))
        server.add("romeo@localhost")
        clients = []
        for _ in range(2):
            client = self.enterContext(Client(server, direct=True))
            client.features()
            client.authenticate("romeo")
            client.features()
            clients.append((client, client.bind("same")))
        return clients

    def test_generate_gives_the_newer_another_name(self):
        (older, _), (newer, answer) = self.conflict("generate")
        self.assertEqual(answer["type"], "result")
        self.assertNotEqual(newer.jid, older.jid)
        self.assertEqual(older.ping()["type"], "result")

    def test_refuse_refuses_the_newer(self):
        (older, _), (newer, answer) = self.conflict("refuse")
        self.assertEqual(answer.error(), ("cancel", "conflict"))
        self.assertEqual(older.ping()["type"], "result")
        self.assertEqual(newer.bind("another")["type"], "result")


del Streams

if __name__ == "__main__":
    report.main()
