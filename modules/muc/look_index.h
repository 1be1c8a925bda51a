// SPDX-License-Identifier: Apache-2.0
// LookIndex: finds those whose nicknames look alike.
#pragma once

#include "xml/nickname.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace sarang::muc {

/// Of values that can be compared.
template <class T>
class LookIndex {
public:
    void add(const NicknameLook& look, const T& value)
    {
        folded_.emplace(look.folded, value);
        shapes_.emplace(look.shape, value);
    }

    void remove(const NicknameLook& look, const T& value)
    {
        remove(folded_, look.folded, value);
        remove(shapes_, look.shape, value);
    }

    /// Each once.
    std::vector<T> alike(const NicknameLook& look) const
    {
        std::vector<T> found;
        gather(folded_, look.folded, found);
        gather(shapes_, look.shape, found);
        return found;
    }

private:
    using Map = std::unordered_multimap<std::string, T>;

    static void remove(Map& map, const std::string& key, const T& value)
    {
        const auto [first, last] = map.equal_range(key);
        const auto place = std::find_if(
            first, last, [&value](const auto& entry) { return entry.second == value; });
        if (place != last) {
            map.erase(place);
        }
    }

    static void gather(const Map& map, const std::string& key, std::vector<T>& found)
    {
        const auto [first, last] = map.equal_range(key);
        for (auto entry = first; entry != last; ++entry) {
            if (std::ranges::find(found, entry->second) == found.end()) {
                found.push_back(entry->second);
            }
        }
    }

    Map folded_;
    Map shapes_;
};

} // namespace sarang::muc
