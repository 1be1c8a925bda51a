// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over files that are already there: each argument is a file or a directory
// of files. So `make check` replays the corpora with any compiler. Speaks TAP.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs(int argc, char** argv)
{
    std::vector<fs::path> files;
    for (int i = 1; i < argc; ++i) {
        if (!fs::is_directory(argv[i])) {
            files.emplace_back(argv[i]);
            continue;
        }
        for (const auto& entry : fs::directory_iterator{argv[i]}) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

// The exact size on the heap lets ASan see a read past the end.
std::vector<std::uint8_t> contents(const fs::path& file)
{
    std::ifstream stream;
    stream.exceptions(std::ios::badbit | std::ios::failbit);
    stream.open(file, std::ios::binary);
    std::vector<std::uint8_t> bytes(fs::file_size(file));
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

} // namespace

int main(int argc, char** argv)
try {
    const std::vector<fs::path> files = inputs(argc, argv);
    if (files.empty()) {
        std::fprintf(stderr, "usage: %s FILE|DIRECTORY... (nothing to replay)\n", argv[0]);
        return 2;
    }
    std::printf("1..%zu\n", files.size());
    int number = 0;
    for (const fs::path& file : files) {
        const std::string name = file.filename().string();
        std::printf("# %s\n", name.c_str());
        std::fflush(stdout); // names the input that a crash came from
        const std::vector<std::uint8_t> bytes = contents(file);
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
        std::printf("ok %d - %s\n", ++number, name.c_str());
    }
    return 0;

} catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
}
