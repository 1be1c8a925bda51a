// SPDX-License-Identifier: Apache-2.0
// Loader: brings modules' shared objects into the process. Each load maps a private copy of the
// file, so that a file that was replaced is a new image, and none is ever unmapped. Shard 0's.
#pragma once

#include "base/api.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class Host;
class Module;

/// A module's code in this process: what makes an instance for a host and shard.
struct Image {
    using Make = Module* (*)(Host& host);

    std::string name;
    std::string path;
    unsigned generation = 0; ///< rises with each load of this name
    Make make = nullptr;
};

class SARANG_API Loader {
public:
    /// Looks for NAME.so in each of the folders, in order.
    explicit Loader(std::vector<std::string> folders);

    /// Maps a new image of a module. Blocks for as long as the linker takes.
    Result<Image> open(const std::string& name);

    /// Images mapped so far.
    unsigned images() const { return images_; }

    /// The names of all modules that could be loaded, sorted.
    std::vector<std::string> available() const;

private:
    Result<std::string> find(const std::string& name) const;

    std::vector<std::string> folders_;
    unsigned images_ = 0;
};

} // namespace sarang
