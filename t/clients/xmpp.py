# SPDX-License-Identifier: Apache-2.0
"""A small XMPP client that hides nothing: it sends what it is told to, byte for byte,
and gives back what came, in order. Blocking, one thread."""

import base64
import hashlib
import hmac
import itertools
import os
import socket
import ssl
import time
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from server import PATIENCE

STREAM = "http://etherx.jabber.org/streams"
CLIENT = "jabber:client"
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
SESSION = "urn:ietf:params:xml:ns:xmpp-session"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
STREAMS = "urn:ietf:params:xml:ns:xmpp-streams"
ROSTER = "jabber:iq:roster"
PING = "urn:xmpp:ping"


class Element:
    def __init__(self, name, attributes):
        self.ns, _, self.name = name.rpartition(" ")
        self.attributes = attributes
        self.children = []
        self.text = ""

    def __getitem__(self, name):
        return self.attributes.get(name)

    def child(self, name, ns=None):
        for child in self.children:
            if child.name == name and (ns is None or child.ns == ns):
                return child
        return None

    def has(self, name, ns=None):
        return self.child(name, ns) is not None

    @property
    def body(self):
        body = self.child("body")
        return None if body is None else body.text

    def error(self):
        """(type, condition) of a stanza's error."""
        if self["type"] != "error":
            return None
        error = self.child("error", CLIENT)
        named = [child.name for child in error.children
                 if child.ns == STANZAS and child.name != "text"]
        assert len(named) == 1, self
        return error["type"], named[0]

    def __repr__(self):
        attributes = "".join(f" {name}={value!r}" for name, value in self.attributes.items())
        inner = self.text + "".join(repr(child) for child in self.children)
        return f"<{self.name}{attributes}>{inner}</>"


class Opened:
    """The header of the server's stream."""

    def __init__(self, attributes):
        self.attributes = attributes

    def __getitem__(self, name):
        return self.attributes.get(name)


class Closed:
    """The end tag of the server's stream."""


class Gone:
    """The end of the connection."""


class StreamFailed(Exception):
    def __init__(self, condition, element):
        super().__init__(repr(element))
        self.condition = condition


class SaslFailed(Exception):
    def __init__(self, element):
        super().__init__(repr(element))
        self.condition = element.children[0].name


def condition_of(error):
    named = [child.name for child in error.children
             if child.ns == STREAMS and child.name != "text"]
    assert len(named) == 1, error
    return named[0]


class _Reader:
    """Bytes to items, over one stream."""

    def __init__(self, items):
        self.items = items
        self.open = []
        self.depth = 0
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.feed = self.parser.Parse

    def _start(self, name, attributes):
        self.depth += 1
        if self.depth == 1:
            self.items.append(Opened(attributes))
            return
        element = Element(name, attributes)
        if self.open:
            self.open[-1].children.append(element)
        self.open.append(element)

    def _end(self, _name):
        self.depth -= 1
        if self.depth == 0:
            self.items.append(Closed())
            return
        element = self.open.pop()
        if not self.open:
            self.items.append(element)

    def _text(self, text):
        if self.open:
            self.open[-1].text += text


class Scram:
    """RFC 5802 as the client sees it."""

    def __init__(self, mechanism, user, password, *, gs2="n", authzid="", binding=b""):
        self.hash = "sha256" if "256" in mechanism else "sha1"
        self.header = f"{gs2},{'a=' + authzid if authzid else ''},"
        self.binding = binding
        self.password = password
        name = user.replace("=", "=3D").replace(",", "=2C")
        self.first_bare = f"n={name},r={base64.b64encode(os.urandom(15)).decode()}"
        self.server_signature = None

    def first(self):
        return (self.header + self.first_bare).encode()

    def final(self, challenge):
        fields = dict(part.split("=", 1) for part in challenge.decode().split(","))
        salted = hashlib.pbkdf2_hmac(
            self.hash, self.password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        key = self._hmac(salted, b"Client Key")
        bound = base64.b64encode(self.header.encode() + self.binding).decode()
        without_proof = f"c={bound},r={fields['r']}"
        text = ",".join((self.first_bare, challenge.decode(), without_proof)).encode()
        signature = self._hmac(hashlib.new(self.hash, key).digest(), text)
        proof = bytes(a ^ b for a, b in zip(key, signature))
        self.server_signature = self._hmac(self._hmac(salted, b"Server Key"), text)
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, final):
        assert final.decode() == "v=" + base64.b64encode(self.server_signature).decode()

    def _hmac(self, key, text):
        return hmac.new(key, text, self.hash).digest()


def b64(data):
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


class Client:
    """Gone at the end of a `with` block, without a word. `tls` is a context of one's own,
    `source` the address from which it comes."""

    _ids = itertools.count(1)

    def __init__(self, server, host="localhost", *, direct=False, tls=None, source=None,
                 small_window=False):
        self.server = server
        self.host = host
        self.tls = tls
        self.jid = None
        self.items = []
        self.inbox = []
        self.reader = None
        self.socket = server.socket(direct, source)
        if small_window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if direct:
            self.secure(alpn=["xmpp-client"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    def cut(self):
        """Goes without a word."""
        self.socket.close()

    # --- bytes

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def secure(self, alpn=None):
        context = self.tls or self.server.tls(self.host, alpn)
        self.socket = context.wrap_socket(self.socket, server_hostname=self.host)

    def receive(self, patience=None):
        """Takes in what comes next, one piece of it."""
        self.socket.settimeout(patience or PATIENCE)
        try:
            data = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            data = b""
        if data:
            self.reader.feed(data)
        else:
            self.items.append(Gone())

    # --- items: Opened, Element, Closed, Gone

    def next(self, patience=None):
        deadline = time.monotonic() + (patience or PATIENCE)
        while not self.items:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.receive(left)
        return self.items.pop(0)

    def element(self, patience=None):
        """The next one; that the stream ends instead is an error."""
        item = self.next(patience)
        if not isinstance(item, Element):
            raise StreamFailed(None, item)
        if item.name == "error" and item.ns == STREAM:
            raise StreamFailed(condition_of(item), item)
        return item

    def header(self, **attributes):
        named = {"to": self.host, "version": "1.0", "xmlns": CLIENT, "xmlns:stream": STREAM}
        named.update(attributes)
        written = "".join(
            f" {name}={quoteattr(value)}" for name, value in named.items() if value is not None)
        return f"<?xml version='1.0'?><stream:stream{written}>"

    def open(self, header=None):
        """Sends a stream's header; what comes from here on is a new document."""
        self.items.clear()
        self.reader = _Reader(self.items)
        self.send(self.header() if header is None else header)

    def features(self, header=None):
        self.open(header)
        opened = self.next()
        assert isinstance(opened, Opened), opened
        self.opened = opened
        features = self.element()
        assert features.name == "features" and features.ns == STREAM, features
        return features

    def starttls(self):
        features = self.features()
        assert features.child("starttls", TLS).has("required", TLS), features
        self.send(f"<starttls xmlns='{TLS}'/>")
        answer = self.element()
        assert answer.name == "proceed" and answer.ns == TLS, answer
        self.secure()

    # --- logging in

    def auth(self, mechanism, initial=None):
        """Sends <auth/> with an initial response, and gives the answer."""
        text = "" if initial is None else b64(initial) or "="
        self.send(f"<auth xmlns='{SASL}' mechanism='{mechanism}'>{text}</auth>")
        return self.element()

    def respond(self, response):
        self.send(f"<response xmlns='{SASL}'>{b64(response)}</response>")
        return self.element()

    def end_point(self):
        """RFC 5929 §4.1, for certificates that are signed with SHA-256."""
        return hashlib.sha256(self.socket.getpeercert(binary_form=True)).digest()

    def authenticate(self, user, password="secret", mechanism="SCRAM-SHA-256", **scram):
        if mechanism == "PLAIN":
            answer = self.auth(mechanism, f"\0{user}\0{password}")
        elif mechanism == "ANONYMOUS":
            answer = self.auth(mechanism)
        else:
            if mechanism.endswith("-PLUS"):
                scram.setdefault("gs2", "p=tls-server-end-point")
                scram.setdefault("binding", self.end_point())
            exchange = Scram(mechanism, user, password, **scram)
            answer = self.auth(mechanism, exchange.first())
            if answer.name == "challenge":
                answer = self.respond(exchange.final(base64.b64decode(answer.text)))
            if answer.name == "success":
                exchange.verify(base64.b64decode(answer.text))
        if answer.name != "success":
            raise SaslFailed(answer)

    def bind(self, resource=None):
        wish = f"<resource>{escape(resource)}</resource>" if resource else ""
        answer = self.iq("set", f"<bind xmlns='{BIND}'>{wish}</bind>")
        if answer["type"] == "result":
            self.jid = answer.child("bind", BIND).child("jid").text
        return answer

    def login(self, user, resource=None, password="secret", mechanism="SCRAM-SHA-256"):
        """All of it, up to a bound resource."""
        if not isinstance(self.socket, ssl.SSLSocket):
            self.starttls()
        self.features()
        self.authenticate(user, password, mechanism)
        self.features()
        answer = self.bind(resource)
        assert answer["type"] == "result", answer
        return self

    @property
    def bare(self):
        return self.jid.split("/")[0]

    # --- stanzas

    def iq(self, kind, payload, to=None, id=None, sender=None):
        """Sends a request and gives its answer; what else comes stays in the inbox."""
        id = self.request(kind, payload, to, id, sender)
        return self.expect(
            lambda stanza: stanza.name == "iq" and stanza["id"] == id
            and stanza["type"] in ("result", "error"))

    def request(self, kind, payload, to=None, id=None, sender=None):
        id = id or f"i{next(self._ids)}"
        address = f" to={quoteattr(to)}" if to is not None else ""
        if sender is not None:
            address += f" from={quoteattr(sender)}"
        self.send(f"<iq type='{kind}' id='{id}'{address}>{payload}</iq>")
        return id

    def presence(self, kind=None, to=None, inner="", **attributes):
        self._stanza("presence", kind, to, inner, attributes)

    def message(self, to, body, kind=None, **attributes):
        self._stanza("message", kind, to, f"<body>{escape(body)}</body>", attributes)

    def _stanza(self, name, kind, to, inner, attributes):
        written = f" type='{kind}'" if kind else ""
        if to is not None:
            written += f" to={quoteattr(to)}"
        for key, value in attributes.items():
            written += f" {key.rstrip('_')}={quoteattr(value)}"
        self.send(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")

    def expect(self, wanted, patience=None):
        """The first stanza for which `wanted` is true; the others stay in the inbox."""
        for at, stanza in enumerate(self.inbox):
            if wanted(stanza):
                return self.inbox.pop(at)
        while True:
            stanza = self.element(patience)
            if wanted(stanza):
                return stanza
            self.inbox.append(stanza)

    def expect_message(self, body, patience=None):
        return self.expect(lambda stanza: stanza.name == "message" and stanza.body == body, patience)

    def expect_presence(self, sender=None, kind=None):
        return self.expect(
            lambda stanza: stanza.name == "presence" and stanza["type"] == kind
            and (sender is None or stanza["from"] == sender))

    def ping(self, to=None):
        return self.iq("get", f"<ping xmlns='{PING}'/>", to)

    def come(self, priority=None):
        """Becomes available, and gives what came with that."""
        inner = "" if priority is None else f"<priority>{priority}</priority>"
        self.presence(inner=inner)
        self.expect_presence(self.jid)
        self.roundtrip(self.bare)
        return self.take()

    def roundtrip(self, bare):
        """An answer from this account's own lane: what was sent to it before is done with."""
        self.iq("get", "<query xmlns='test:nothing'/>", bare)

    def take(self):
        """What is in the inbox, which is empty then."""
        taken = [item for item in self.inbox]
        self.inbox.clear()
        return taken

    def gather(self, *through):
        """All that came up to now. Each address of `through` is asked something first, so that
        what was sent to it before, and answered, is among it."""
        for address in through:
            self.roundtrip(address)
        self.ping(self.host)
        return self.take()

    # --- ends

    def close(self):
        """Ends the stream as RFC 6120 §4.4 has it."""
        self.send("</stream:stream>")
        self.expect_end()

    def expect_end(self):
        """The server's end tag, then that of the connection."""
        while not isinstance(item := self.next(), Closed):
            if isinstance(item, Gone):
                raise AssertionError("the connection ended before the stream")
            self.inbox.append(item)
        item = self.next()
        assert isinstance(item, Gone), item
        self.cut()

    def stream_error(self):
        """Reads up to the stream's error and end, and gives its condition."""
        while True:
            item = self.next()
            assert not isinstance(item, (Closed, Gone)), f"ended by {item}, without an error"
            if isinstance(item, Element) and item.ns == STREAM and item.name == "error":
                break
        self.expect_end()
        return condition_of(item)
