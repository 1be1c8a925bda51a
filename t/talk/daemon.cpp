// SPDX-License-Identifier: Apache-2.0
#include "daemon.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "../fake/certificate.h"

namespace sarang {
namespace {

using Clock = std::chrono::steady_clock;

int left_until(Clock::time_point deadline)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

// How a process ended, as wait(2) has it; nothing if it was killed because it did not.
std::optional<int> wait_for(pid_t process)
{
    const int handle = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
    pollfd ended{handle, POLLIN, 0};
    const bool in_time = poll(&ended, 1, left_until(Clock::now() + patience())) > 0;
    close(handle);
    if (!in_time) {
        kill(process, SIGKILL);
    }
    int status = 0;
    waitpid(process, &status, 0);
    return in_time ? std::optional{status} : std::nullopt;
}

} // namespace

std::chrono::milliseconds patience()
{
    const char* const seconds = std::getenv("TEST_PATIENCE");
    return std::chrono::seconds{seconds != nullptr ? std::atoi(seconds) : 60};
}

TestDaemon::TestDaemon(std::string build)
    : build_{std::move(build)}
{
    std::string folder = std::filesystem::temp_directory_path() / "sarang-talk-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) {
        throw std::runtime_error{"cannot make " + folder};
    }
    folder_ = folder;
    certificate_ = folder_ + "/localhost.crt";
}

void TestDaemon::start()
{
    write_files();
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw std::runtime_error{"cannot make a pipe"};
    }
    output_ = ends[0];
    process_ = spawn("sarangd", {"--config", folder_ + "/sarangd.toml"}, ends[1]);
    close(ends[1]);
    wait_for_port();
}

TestDaemon::~TestDaemon()
{
    if (process_ > 0) {
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    if (output_ >= 0) {
        close(output_);
    }
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
}

void TestDaemon::import(const std::string& accounts) const
{
    write("accounts", accounts);
    const pid_t control = spawn(
        "sarangctl",
        {"--socket", folder_ + "/data/control.sock", "user", "import", folder_ + "/accounts"},
        STDERR_FILENO);
    if (wait_for(control) != 0) {
        throw std::runtime_error{"the accounts cannot be made"};
    }
}

bool TestDaemon::drain()
{
    std::array<char, 4096> bytes;
    for (;;) {
        const ssize_t size = read(output_, bytes.data(), bytes.size());
        if (size <= 0) {
            return size < 0;
        }
        log_.append(bytes.data(), static_cast<std::size_t>(size));
    }
}

std::string TestDaemon::stop()
{
    kill(process_, SIGTERM);
    const auto deadline = Clock::now() + patience();
    while (drain() && wait_for_output(deadline)) {
    }
    const std::optional<int> status = wait_for(std::exchange(process_, -1));
    if (!status) {
        return "it does not end on SIGTERM";
    }
    if (*status != 0) {
        return "it ended with the status " + std::to_string(*status);
    }
    const bool reported = log_.find("Sanitizer:") != std::string::npos ||
                          log_.find("runtime error:") != std::string::npos;
    return reported ? "a sanitizer has a word to say" : "";
}

void TestDaemon::write_files() const
{
    const TlsIdentity identity = make_identity({});
    write("localhost.crt", identity.chain);
    write("localhost.key", identity.key);
    write(
        "sarangd.toml",
        "data = \"data\"\n"
        "modules_path = \"" +
            build_ +
            "/modules/.libs\"\n"
            "shards = 2\n"
            "[c2s]\n"
            "listen = [\"127.0.0.1:0\"]\n"
            "listen_tls = []\n"
            "[sasl]\n"
            "iterations = 4096\n"
            "[host.\"localhost\"]\n"
            "certificate = \"localhost.crt\"\n"
            "key = \"localhost.key\"\n"
            "[host.\"rooms.localhost\"]\n"
            "accounts = \"none\"\n"
            "modules = [\"disco\", \"mam\", \"muc\"]\n"
            "certificate = \"localhost.crt\"\n"
            "key = \"localhost.key\"\n"
            "[host.\"rooms.localhost\".muc]\n"
            "resync_interval = \"0s\"\n" // who enters again is told all that a dialogue is about
            "[host.\"few.test\"]\n"
            "accounts = \"none\"\n"
            "modules = [\"disco\", \"muc\"]\n"
            "certificate = \"localhost.crt\"\n"
            "key = \"localhost.key\"\n"
            "[host.\"closed.test\"]\n"
            "accounts = \"none\"\n"
            "modules = [\"disco\", \"muc\"]\n"
            "certificate = \"localhost.crt\"\n"
            "key = \"localhost.key\"\n"
            "[host.\"closed.test\".muc]\n"
            "create = \"nobody\"\n");
}

void TestDaemon::wait_for_port()
{
    const auto deadline = Clock::now() + patience();
    const std::string served = "clients are served at 127.0.0.1:";
    while (drain()) {
        const std::size_t found = log_.find(served);
        if (found != std::string::npos && log_.find("is ready") != std::string::npos) {
            port_ = static_cast<unsigned short>(std::atoi(log_.c_str() + found + served.size()));
            return;
        }
        if (!wait_for_output(deadline)) {
            break;
        }
    }
    throw std::runtime_error{"sarangd does not come up:\n" + log_};
}

bool TestDaemon::wait_for_output(Clock::time_point deadline) const
{
    pollfd output{output_, POLLIN, 0};
    return poll(&output, 1, left_until(deadline)) > 0;
}

void TestDaemon::write(const std::string& name, const std::string& text) const
{
    std::ofstream{folder_ + '/' + name} << text;
}

// What libtool left in src/ is a script; the program itself can be told where the library is.
pid_t TestDaemon::spawn(const std::string& name, std::vector<std::string> words, int output) const
{
    std::string program = build_ + "/src/.libs/" + name;
    if (access(program.c_str(), X_OK) != 0) {
        program = build_ + "/src/" + name;
    }
    words.insert(words.begin(), program);
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t process = fork();
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(127);
        }
        setenv("LD_LIBRARY_PATH", (build_ + "/.libs").c_str(), 1);
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        execv(program.c_str(), arguments.data());
        _exit(127);
    }
    return process;
}

} // namespace sarang
