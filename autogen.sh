#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes configure and the Makefile.in, which are not kept in git.

set -e
cd "$(dirname "$0")"
exec autoreconf --install "$@"
