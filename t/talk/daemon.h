// SPDX-License-Identifier: Apache-2.0
// The daemon of this build, in a folder of its own, at a port of the kernel's choice. It ends with
// its owner, however that ends.
#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>
#include <vector>

namespace sarang {

/// How long anything may take before it is given up. Only what hangs gets there.
std::chrono::milliseconds patience();

class TestDaemon {
public:
    explicit TestDaemon(std::string build);
    TestDaemon(const TestDaemon&) = delete;
    TestDaemon& operator=(const TestDaemon&) = delete;
    ~TestDaemon();

    /// Starts it with two shards; throws std::runtime_error unless it soon serves clients.
    void start();

    /// Makes accounts: a line each, the bare JID, a tab, the password.
    void import(const std::string& accounts) const;

    /// Takes what it logged meanwhile; false once it has ended.
    bool drain();

    /// Ends it as an administrator would. What was wrong with that, if anything.
    std::string stop();

    unsigned short port() const { return port_; }

    const std::string& certificate() const { return certificate_; } ///< a file

    const std::string& log() const { return log_; }

private:
    void write_files() const;
    void wait_for_port();
    bool wait_for_output(std::chrono::steady_clock::time_point deadline) const;
    void write(const std::string& name, const std::string& text) const;
    pid_t spawn(const std::string& name, std::vector<std::string> words, int output) const;

    std::string build_;
    std::string folder_;
    std::string certificate_;
    std::string log_;
    pid_t process_ = -1;
    int output_ = -1;
    unsigned short port_ = 0;
};

} // namespace sarang
