// SPDX-License-Identifier: Apache-2.0
// sarangd: the server as a process: its arguments, its signals, its end.
#include "base/log.h"
#include "core/config.h"
#include "store/lmdb/storage.h"
#include "transport/daemon.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fmt/core.h>
#include <getopt.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace sarang {
namespace {

constexpr const char* usage = R"(usage: sarangd [--config FILE] [OPTION]

  -c, --config FILE   the configuration (/etc/sarang/sarangd.toml)
  -m, --modules DIR   look for modules here first
      --check-config  say what is wrong with the configuration, and end
      --options       list all options, and end
      --compact       give back what is free in the database's files, and end
      --restore FILE  make the database of a backup, and end
      --force         with --restore: replace the one that is there
  -V, --version       say the version, and end
  -h, --help          say this, and end
)";

enum class Deed { serve, check, options, compact, restore };

struct Arguments {
    std::string config = SARANG_CONFIG;
    std::string modules;
    std::string backup;
    bool force = false;
    Deed deed = Deed::serve;
};

// Else the allocator raises both after each large block, up to 64 MiB, and as much stays on top of
// each thread's heap, where malloc_trim() does not reach.
void bound_spare_memory()
{
    constexpr int large_block = 1 << 20;
    constexpr int spare_on_top = 2 << 20;
    mallopt(M_MMAP_THRESHOLD, large_block);
    mallopt(M_TRIM_THRESHOLD, spare_on_top);
}

[[noreturn]] void end(int status, std::string_view text)
{
    fmt::print(status == 0 ? stdout : stderr, "{}", text);
    std::exit(status);
}

Arguments parse(int argc, char** argv)
{
    const option options[] = {
        {"config", required_argument, nullptr, 'c'},
        {"modules", required_argument, nullptr, 'm'},
        {"check-config", no_argument, nullptr, 'C'},
        {"check", no_argument, nullptr, 'C'},
        {"options", no_argument, nullptr, 'O'},
        {"compact", no_argument, nullptr, 'K'},
        {"restore", required_argument, nullptr, 'R'},
        {"force", no_argument, nullptr, 'F'},
        {"version", no_argument, nullptr, 'V'},
        {"help", no_argument, nullptr, 'h'},
        {nullptr, 0, nullptr, 0},
    };
    Arguments arguments;
    for (int c = 0; (c = getopt_long(argc, argv, "c:m:Vh", options, nullptr)) != -1;) {
        switch (c) {
        case 'c':
            arguments.config = optarg;
            break;
        case 'm':
            arguments.modules = optarg;
            break;
        case 'C':
            arguments.deed = Deed::check;
            break;
        case 'O':
            arguments.deed = Deed::options;
            break;
        case 'K':
            arguments.deed = Deed::compact;
            break;
        case 'R':
            arguments.deed = Deed::restore;
            arguments.backup = optarg;
            break;
        case 'F':
            arguments.force = true;
            break;
        case 'V':
            end(0, "sarangd " PACKAGE_VERSION "\n");
        case 'h':
            end(0, usage);
        default:
            end(2, usage);
        }
    }
    if (optind < argc) {
        end(2, fmt::format("sarangd: unexpected \"{}\"\n{}", argv[optind], usage));
    }
    return arguments;
}

std::shared_ptr<const Config> load(const Arguments& arguments)
{
    Result<std::shared_ptr<const Config>> config = Config::load(arguments.config);
    if (!config) {
        end(1, fmt::format("{}\n", config.error().text));
    }
    return std::move(*config);
}

int restore(const Arguments& arguments)
{
    const std::shared_ptr<const Config> config = load(arguments);
    Schema schema;
    const ServerOptions options{schema, config};
    const SystemClock clock;
    const std::string data = config->resolve(*options.data);
    if (mkdir(data.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        const std::string why = std::generic_category().message(errno);
        end(1, fmt::format("sarangd: cannot make {}: {}\n", data, why));
    }
    const std::string directory = data + "/store";
    const Existing existing = arguments.force ? Existing::replace : Existing::refuse;
    const Result<void> restored = restore_lmdb(arguments.backup, directory, existing, clock);
    if (!restored) {
        end(1, fmt::format("sarangd: {} {}\n", restored.error().text, restored.error().cause));
    }
    fmt::print("{} was restored to {}\n", arguments.backup, directory);
    return 0;
}

int compact(const Arguments& arguments)
{
    const std::shared_ptr<const Config> config = load(arguments);
    Schema schema;
    const ServerOptions options{schema, config};
    const std::string directory = config->resolve(*options.data) + "/store";
    const Result<StorageSpace> space = compact_lmdb(directory);
    if (!space) {
        end(1, fmt::format("sarangd: {} {}\n", space.error().text, space.error().cause));
    }
    fmt::print("{} of {} bytes were given back\n", space->free, space->bytes);
    return 0;
}

int tell(const std::vector<std::string>& errors)
{
    for (const std::string& error : errors) {
        fmt::print(stderr, "{}\n", error);
    }
    return errors.empty() ? 0 : 1;
}

int check(const Arguments& arguments)
{
    Daemon daemon{{load(arguments), arguments.modules, {}}};
    const int status = tell(daemon.try_config());
    if (status == 0) {
        fmt::print("{} is fine\n", arguments.config);
    }
    return status;
}

int list_options(const Arguments& arguments)
{
    // Without a file, a host with the usual modules and one for rooms show all that there is.
    constexpr const char* all = "[host.\"localhost\"]\n"
                                "[host.\"rooms.localhost\"]\n"
                                "accounts = \"none\"\n"
                                "modules = [\"muc\"]\n";
    const auto config = access(arguments.config.c_str(), R_OK) == 0
                            ? load(arguments)
                            : *Config::parse(all, "built in");
    Daemon daemon{{config, arguments.modules, {}}};
    const int status = tell(daemon.try_config());
    fmt::print("{}", daemon.schema().str());
    return status;
}

// All threads inherit that these wait for main.
sigset_t block_signals()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals, signal);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // a limit on files is a full disk
    return signals;
}

int serve(const Arguments& arguments)
{
    const sigset_t signals = block_signals();
    const std::shared_ptr<const Config> config = load(arguments);
    {
        Schema schema;
        const ServerOptions options{schema, config};
        Log::start({.level = *options.level});
    }
    bound_spare_memory();
    const Log log{"sarangd"};
    Daemon daemon{{config, arguments.modules, [] { kill(getpid(), SIGTERM); }}};
    if (const int status = tell(daemon.open()); status != 0) {
        return status;
    }
    if (const Result<void> started = daemon.start(); !started) {
        fmt::print(stderr, "sarangd: {} {}\n", started.error().text, started.error().cause);
        // Threads may be at work: there is nothing to save yet.
        std::_Exit(1);
    }
    log.info("sarangd {} is ready", PACKAGE_VERSION);
    for (int signal = 0; sigwait(&signals, &signal) == 0;) {
        if (signal != SIGHUP) {
            break;
        }
        daemon.begin_reload();
    }
    log.info("ending");
    daemon.stop();
    log.info("ended");
    return 0;
}

int run(const Arguments& arguments)
{
    switch (arguments.deed) {
    case Deed::check:
        return check(arguments);
    case Deed::options:
        return list_options(arguments);
    case Deed::compact:
        return compact(arguments);
    case Deed::restore:
        return restore(arguments);
    case Deed::serve:
        break;
    }
    return serve(arguments);
}

} // namespace
} // namespace sarang

int main(int argc, char** argv)
{
    try {
        return sarang::run(sarang::parse(argc, argv));
    } catch (const std::exception& exception) {
        fmt::print(stderr, "sarangd: {}\n", exception.what());
        return 1;
    }
}
