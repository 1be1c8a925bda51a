// SPDX-License-Identifier: Apache-2.0

#include "probe.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

namespace sarang::bench {
namespace {

std::string proc(pid_t process, std::string_view file)
{
    return "/proc/" + std::to_string(process) + '/' + std::string{file};
}

// The number after "name:" in a file of such lines, in KiB; -1 where there is none.
int64_t kibibytes(const std::string& path, std::string_view name)
{
    std::ifstream file{path};
    std::string word;
    int64_t value = 0;
    while (file >> word) {
        if (word == name && file >> value) {
            return value;
        }
    }
    return -1;
}

uint64_t page_size()
{
    return static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool belongs_to_sockets(std::string_view slab)
{
    constexpr auto names = std::to_array<std::string_view>(
        {"TCP",
         "sock_inode_cache",
         "filp",
         "dentry",
         "eventpoll_epi",
         "eventpoll_pwq",
         "skbuff_head_cache",
         "skbuff_small_head"});
    for (const auto name : names) {
        if (slab == name) {
            return true;
        }
    }
    return false;
}

uint64_t slab_bytes()
{
    std::ifstream file{"/proc/slabinfo"};
    std::string line;
    uint64_t sum = 0;
    while (std::getline(file, line)) {
        std::istringstream fields{line};
        std::string name;
        uint64_t active = 0, all = 0, size = 0;
        if (fields >> name >> active >> all >> size && belongs_to_sockets(name)) {
            sum += active * size;
        }
    }
    return sum;
}

uint64_t socket_buffer_bytes()
{
    std::ifstream file{"/proc/net/sockstat"};
    std::string word;
    uint64_t pages = 0;
    while (file >> word && word != "TCP:") {
    }
    while (file >> word && word != "mem") {
    }
    file >> pages;
    return pages * page_size();
}

} // namespace

Nanoseconds cpu_time(pid_t process)
{
    std::ifstream file{proc(process, "stat")};
    std::string line;
    std::getline(file, line);
    // The second field is a name in brackets that may hold blanks; utime is the 14th.
    std::istringstream fields{line.substr(std::min(line.rfind(')') + 1, line.size()))};
    std::string skipped;
    for (int field = 3; field < 14; ++field) {
        fields >> skipped;
    }
    uint64_t user = 0, system = 0;
    if (!(fields >> user >> system)) {
        throw std::runtime_error("the server has gone");
    }
    const auto ticks = static_cast<uint64_t>(::sysconf(_SC_CLK_TCK));
    return (user + system) * (per_second / ticks);
}

uint64_t resident_bytes(pid_t process)
{
    auto size = kibibytes(proc(process, "smaps_rollup"), "Rss:");
    if (size < 0) {
        size = kibibytes(proc(process, "status"), "VmRSS:");
    }
    if (size < 0) {
        throw std::runtime_error("the server has gone");
    }
    return static_cast<uint64_t>(size) * 1024;
}

uint64_t kernel_socket_bytes()
{
    const uint64_t slabs = slab_bytes();
    return slabs == 0 ? 0 : slabs + socket_buffer_bytes();
}

} // namespace sarang::bench
