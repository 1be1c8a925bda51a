# SPDX-License-Identifier: Apache-2.0
"""People who mind nobody's business while a server is attacked: one on each of its shards, who
pings it again and again, all of them in a process of their own. On each line of standard input
they say, as JSON, how it went since the last one; on "count" alone how often each has pinged.

In turn with the server they ask a process that only echoes: what that one's answers take is the
machine's doing, and no fault of the server."""

import json
import os
import select
import socket
import sys
import time

from server import Server
from xmpp import PING, Client

PAUSE = 0.001


class Target(Server):
    """A server that somebody else has started."""

    pid = None

    def __init__(self, about):
        self.__dict__.update(about)


def shard_of(bare, shards):
    """What src/core/placement.cpp says; its hash is frozen."""
    low = (1 << 64) - 1
    value = 0xcbf29ce484222325
    for byte in bare.encode():
        value = ((value ^ byte) * 0x100000001b3) & low
    for factor in (0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53):
        value = ((value ^ (value >> 33)) * factor) & low
    value ^= value >> 33
    return (value >> 52) % shards


def names(shards):
    """One for each shard."""
    found, number = {}, 0
    while len(found) < shards:
        name = f"bystander{number}"
        found.setdefault(shard_of(f"{name}@localhost", shards), name)
        number += 1
    return [found[shard] for shard in range(shards)]


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


class Echo:
    """A process that sends back each byte that it gets."""

    def __init__(self):
        self.near, far = socket.socketpair()
        if os.fork() == 0:
            self.near.close()
            while byte := far.recv(1):
                far.send(byte)
            os._exit(0)
        far.close()

    def ping(self):
        self.near.send(b".")
        assert self.near.recv(1) == b"."


def timed(waits, ask):
    began = time.monotonic()
    answer = ask()
    waits.append(time.monotonic() - began)
    return answer


def main():
    echo = Echo()
    target = Target(json.loads(sys.stdin.readline()))
    clients = []
    for name in target.names:
        clients.append(Client(target, direct=True).login(name))
        clients[-1].come()
    waits, echoes = [[] for _ in clients], []
    print("{}", flush=True)
    while True:
        timed(echoes, echo.ping)
        for client, mine in zip(clients, waits):
            answer = timed(mine, lambda: client.iq("get", f"<ping xmlns='{PING}'/>", client.host))
            assert answer["type"] == "result", answer
            assert not client.inbox, client.inbox  # nobody else has anything to say to them
        if select.select([sys.stdin], [], [], PAUSE)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            if line == "count\n":
                print(json.dumps({"pings": min(len(mine) for mine in waits)}), flush=True)
                continue
            for mine in (echoes, *waits):
                mine.sort()
            # Of the shard that fared worst.
            print(json.dumps({
                "pings": min(len(mine) for mine in waits),
                "p50": max(percentile(mine, 0.5) for mine in waits),
                "p99": max(percentile(mine, 0.99) for mine in waits),
                "longest": max(mine[-1] for mine in waits),
                "echo": percentile(echoes, 0.99)}), flush=True)
            waits, echoes = [[] for _ in clients], []


if __name__ == "__main__":
    main()
