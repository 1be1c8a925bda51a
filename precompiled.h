// SPDX-License-Identifier: Apache-2.0
// config.h, and what nearly every source includes, compiled once where the compiler is g++
// (Makefile.am). No source may rely on it: the builds with clang do without.
#pragma once

#include "config.h" // its macros are for all that follows

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <compare>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <fmt/core.h>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
