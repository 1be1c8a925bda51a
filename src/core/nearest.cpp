// SPDX-License-Identifier: Apache-2.0
#include "core/nearest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>

namespace sarang {
namespace {

constexpr std::size_t longest = 64;

using Row = std::array<std::size_t, longest + 1>;

// Insertions, deletions, replacements, and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b)
{
    Row before_last{};
    Row last{};
    Row row{};
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        before_last = last;
        last = row;
    }
    return last[b.size()];
}

} // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates)
{
    std::string best;
    if (word.size() > longest) {
        return best;
    }
    // A third of the letters may be wrong: beyond that it is another word.
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        if (candidate.size() > longest || candidate == word) {
            continue;
        }
        const std::size_t away = distance(word, candidate);
        if (away < least) {
            least = away;
            best = candidate;
        }
    }
    return best;
}

std::string in_quotes(std::string_view word)
{
    constexpr std::size_t shown = 80;
    std::string text = "\"";
    for (const char c : word.substr(0, shown)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            text += fmt::format("\\x{:02x}", byte);
        } else {
            text += c;
        }
    }
    text += word.size() > shown ? "…\"" : "\"";
    return text;
}

} // namespace sarang
