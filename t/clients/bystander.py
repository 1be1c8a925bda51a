# SPDX-License-Identifier: Apache-2.0
"""Somebody who minds nobody's business while a server is attacked: pings it again and again from
a process of its own, and watches how much memory it has. On each line of standard input it says,
as JSON, how it went since the last one."""

import json
import select
import sys
import time

from server import Server
from xmpp import PING, Client


class Target(Server):
    """A server that somebody else has started."""

    pid = None

    def __init__(self, about):
        self.__dict__.update(about)


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def main():
    target = Target(json.loads(sys.stdin.readline()))
    client = Client(target, direct=True).login(target.user, "bystander")
    client.come()
    waits, most = [], 0
    print("{}", flush=True)
    while True:
        began = time.monotonic()
        client.iq("get", f"<ping xmlns='{PING}'/>", "localhost")
        waits.append(time.monotonic() - began)
        most = max(most, target.resident())
        if select.select([sys.stdin], [], [], 0.006)[0]:
            if not sys.stdin.readline():
                return
            waits.sort()
            print(json.dumps({
                "pings": len(waits), "p50": percentile(waits, 0.5), "p99": percentile(waits, 0.99),
                "longest": waits[-1], "resident": target.resident(), "most": most}), flush=True)
            waits, most = [], 0


main()
