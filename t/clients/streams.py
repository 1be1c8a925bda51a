# SPDX-License-Identifier: Apache-2.0
"""One server for all tests of a case, and clients of it that end with each test."""

import unittest

from xmpp import Client


class Streams(unittest.TestCase):
    kind = Client  # of client

    @classmethod
    def make_server(cls):
        """One that is not started yet."""
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        cls.server = cls.make_server()
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        try:
            cls.server.stop()
        finally:
            cls.server.remove()

    def connection(self, **options):
        """One that has said nothing yet."""
        client = self.kind(self.server, **options)
        self.addCleanup(client.cut)
        return client

    def client(self, user, resource="r", come=True):
        client = self.connection()
        client.login(user, resource)
        if come:
            client.come()
        return client
