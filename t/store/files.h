// SPDX-License-Identifier: Apache-2.0
// Whole files, as tests look at them and spoil them.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace sarang {

inline void write(const std::string& path, const std::string& content)
{
    std::ofstream{path, std::ios::binary} << content;
}

inline std::string read(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace sarang
