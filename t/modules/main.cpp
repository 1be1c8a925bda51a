// SPDX-License-Identifier: Apache-2.0
// The main() of this room's tests.

#define BOOST_TEST_MODULE modules
#include <boost/test/unit_test.hpp>
