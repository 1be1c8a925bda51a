# SPDX-License-Identifier: Apache-2.0
"""The daemon of this build, in a folder of its own, with a certificate and accounts.

    with Server() as server:
        server.add("romeo@localhost")

Ports are the kernel's choice, all traffic stays on loopback. Leaving the block
ends the daemon with SIGTERM and asserts that it ended well and that no sanitizer
had a word to say.
"""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

BUILD = os.path.abspath(os.environ.get("SARANG_BUILD", "."))
LIBRARY = os.path.join(BUILD, ".libs", "libsarang.so")


def _sanitizers():
    with open(LIBRARY, "rb") as library:
        code = library.read()
    return [name for name in (b"asan", b"tsan") if b"__" + name + b"_init" in code]


SANITIZED = bool(_sanitizers())

# How long anything may take before a test gives up on it. Only what hangs gets there.
PATIENCE = int(os.environ.get("TEST_PATIENCE", 120 if SANITIZED else 40))

REPORT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior|Memory)Sanitizer|runtime error:")


def _environment():
    environment = dict(os.environ)
    environment["LD_LIBRARY_PATH"] = os.path.join(BUILD, ".libs")
    return environment


def _program(name):
    built = os.path.join(BUILD, "src", ".libs", name)
    return built if os.path.exists(built) else os.path.join(BUILD, "src", name)


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def wait_until(holds, what, patience=None):
    """Asks again and again until it holds, and gives what it said."""
    deadline = time.monotonic() + (patience or PATIENCE)
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come to pass: {what}")
        time.sleep(0.01)


def make_certificate(folder, name, domain):
    """A self-signed one, ECDSA P-256: files NAME.crt and NAME.key."""
    certificate = os.path.join(folder, name + ".crt")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-sha256", "-days", "7", "-subj", "/CN=" + domain,
         "-addext", f"subjectAltName=DNS:{domain},IP:127.0.0.1",
         "-keyout", os.path.join(folder, name + ".key"), "-out", certificate],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, timeout=PATIENCE)
    return certificate


class Outcome:
    """What sarangctl said, and how it ended."""

    def __init__(self, process):
        self.exit = process.returncode
        self.text = process.stdout
        self.error = process.stderr

    def rows(self):
        return [json.loads(line) for line in self.text.splitlines()]

    def json(self):
        return json.loads(self.text)


class Server:
    """`settings` maps "table.key" to a value, `hosts` a domain to its own settings."""

    standard = {
        "data": "data",
        "shards": 2,
        "log.level": "info",
        "c2s.listen": ["127.0.0.1:0"],
        "c2s.listen_tls": ["127.0.0.1:0"],
        "sasl.iterations": 4096,
    }

    def __init__(self, settings=None, hosts=None, folder=None, environment=None):
        self.settings = {**self.standard, **(settings or {})}
        self.hosts = {"localhost": {}} if hosts is None else hosts
        self.folder = folder or tempfile.mkdtemp(prefix="sarang-test-")
        self.keep_folder = folder is not None
        self.environment = environment or {}
        self.process = None
        self.port = self.tls_port = None
        self.log_path = os.path.join(self.folder, "sarangd.log")
        self.log_start = 0
        self.certificates = {}
        modules = os.path.join(BUILD, "modules", ".libs")
        self.settings.setdefault("modules_path", modules)
        for host, options in self.hosts.items():
            if options.get("certificate") is None and options.get("accounts") != "none":
                self.certificates[host] = make_certificate(self.folder, host, host)
        self.write_config()

    # --- the configuration

    def config_text(self):
        tables = {}
        for name, value in self.settings.items():
            table, _, key = name.rpartition(".")
            tables.setdefault(table, []).append(f"{key} = {_value(value)}")
        text = "\n".join(tables.pop("", [])) + "\n"
        for table, lines in tables.items():
            text += f"[{table}]\n" + "\n".join(lines) + "\n"
        for host, options in self.hosts.items():
            text += f'[host."{host}"]\n'
            if host in self.certificates:
                text += f'certificate = "{host}.crt"\nkey = "{host}.key"\n'
            own = {}
            for name, value in options.items():
                table, _, key = name.rpartition(".")
                own.setdefault(table, []).append(f"{key} = {_value(value)}")
            text += "\n".join(own.pop("", [])) + "\n"
            for table, lines in own.items():
                text += f'[host."{host}".{table}]\n' + "\n".join(lines) + "\n"
        return text

    @property
    def config(self):
        return os.path.join(self.folder, "sarangd.toml")

    def write_config(self):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(self.config_text())

    def add_test_modules(self):
        """Links both folders of modules into one: those of the tests may be named then."""
        folder = os.path.join(self.folder, "modules")
        os.mkdir(folder)
        for place in (os.path.join(BUILD, "modules", ".libs"),
                      os.path.join(BUILD, "t/modules/.libs")):
            for name in os.listdir(place):
                if name.endswith(".so"):
                    os.symlink(os.path.join(place, name), os.path.join(folder, name))
        self.settings["modules_path"] = folder
        self.write_config()

    # --- its life

    def spawn(self):
        """Starts it, and does not wait."""
        with open(self.log_path, "ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen(
                [_program("sarangd"), "--config", self.config], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env={**_environment(), **self.environment},
                start_new_session=True)

    def start(self):
        self.spawn()
        try:
            self.wait_for_log(r"\[sarangd\] sarangd \S+ is ready")
            text = self.log()
            self.port = self._first_port(text, r"$")
            self.tls_port = self._first_port(text, r" \(TLS\)$")
        except BaseException:
            self.kill()
            raise
        return self

    @staticmethod
    def _first_port(text, tail):
        found = re.search(r"clients are served at 127\.0\.0\.1:(\d+)" + tail, text, re.MULTILINE)
        return int(found.group(1)) if found else None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            log.seek(self.log_start)
            return log.read()

    def wait_for_log(self, pattern, patience=None):
        def found():
            hit = re.search(pattern, self.log())
            if hit is None and self.process.poll() is not None:
                raise AssertionError(
                    f"sarangd ended with status {self.process.returncode}:\n{self.log()}")
            return hit

        return wait_until(found, f"the log says {pattern}", patience)

    @property
    def pid(self):
        return None if self.process is None or self.process.poll() is not None else self.process.pid

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=None):
        return self.process.wait(patience or PATIENCE)

    def stop(self):
        """Ends it as an administrator would; it must end well."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"sarangd does not end on SIGTERM:\n{self.log()[-4000:]}")
        self.process = None
        report = REPORT.search(self.log())
        assert report is None, self.log()[report.start() - 200:][:8000]
        assert status == 0, f"sarangd ended with status {status}:\n{self.log()[-4000:]}"

    def kill(self):
        """Ends it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def remove(self):
        self.kill()
        if not self.keep_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.remove()
            raise

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.stop()
        finally:
            self.remove()

    # --- what can be asked of it

    def ctl(self, *words, json=False, input="", exit=0):
        """Runs sarangctl, which must end with the status `exit`; None: any."""
        command = [_program("sarangctl"), "--socket", self.control_socket]
        command += (["--json"] if json else []) + list(words)
        outcome = Outcome(subprocess.run(
            command, input=input, text=True, env=_environment(), capture_output=True,
            timeout=PATIENCE))
        if exit is not None and outcome.exit != exit:
            raise AssertionError(
                f"sarangctl {' '.join(words)} ended with {outcome.exit}, not {exit}: "
                f"{outcome.text}{outcome.error}")
        return outcome

    @property
    def control_socket(self):
        return os.path.join(self.folder, "data", "control.sock")

    def add(self, *addresses, password="secret"):
        lines = "".join(f"{address}\t{password}\n" for address in addresses)
        self.ctl("user", "import", "-", input=lines)

    def run_daemon(self, *words):
        """Runs sarangd with this configuration for one of its other deeds."""
        return Outcome(subprocess.run(
            [_program("sarangd"), "--config", self.config, *words], text=True,
            env=_environment(), capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE))

    def resident(self):
        """Bytes of memory that it holds: without the pages of its files, which the kernel takes
        back when it wants to."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as statm:
            resident, shared = map(int, statm.read().split()[1:3])
            return (resident - shared) * os.sysconf("SC_PAGE_SIZE")

    def peak(self):
        """The most bytes of memory that it had since forget_peak()."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as peak:
            peak.write("5")

    def user_seconds(self):
        """How long its own code ran, without the kernel's on its behalf."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            return int(stat.read().rpartition(")")[2].split()[11]) / os.sysconf("SC_CLK_TCK")

    # --- how to get there

    def tls(self, host="localhost", alpn=None):
        """A client's context, which trusts this host's certificate and no other."""
        context = ssl.create_default_context(cafile=self.certificates[host])
        if alpn is not None:
            context.set_alpn_protocols(alpn)
        return context

    def all_certificates(self):
        """A file of them, for clients that say no name in the handshake."""
        path = os.path.join(self.folder, "all.crt")
        with open(path, "wb") as bundle:
            for certificate in self.certificates.values():
                with open(certificate, "rb") as file:
                    bundle.write(file.read())
        return path

    def socket(self, direct=False, source=None):
        if self.pid is None or not os.path.exists(f"/proc/{self.pid}"):
            raise AssertionError(f"sarangd does not run any more:\n{self.log()[-4000:]}")
        address = ("127.0.0.1", self.tls_port if direct else self.port)
        connection = socket.create_connection(
            address, timeout=PATIENCE, source_address=source and (source, 0))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
