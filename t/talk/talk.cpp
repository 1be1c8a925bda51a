// SPDX-License-Identifier: Apache-2.0
// Plays dialogues against the daemon of this build, and reports each in TAP:
//
//	talk [FILE.talk]...
//
// Without files, all of t/talk.
#include <strophe.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "daemon.h"
#include "dialogue.h"
#include "stage.h"

namespace sarang {
namespace {

std::string environment(const char* name, const char* otherwise)
{
    const char* const value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

std::vector<std::string> all_dialogues()
{
    std::vector<std::string> paths;
    const std::string folder = environment("SARANG_SOURCE", ".") + "/t/talk";
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().extension() == ".talk") {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

void comment(const std::string& text)
{
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        std::printf("# %s\n", line.c_str());
    }
}

/// Counts cases and prints a line for each.
class Report {
public:
    void passed(const std::string& name) { print("ok", name); }

    void failed(const std::string& name, const std::string& why)
    {
        good_ = false;
        print("not ok", name);
        comment(why);
    }

    bool good() const { return good_; }

private:
    void print(const char* outcome, const std::string& name)
    {
        std::printf("%s %u - %s\n", outcome, ++count_, name.c_str());
        std::fflush(stdout);
    }

    unsigned count_ = 0;
    bool good_ = true;
};

/// A file, and the dialogue in it unless it cannot be read.
struct Piece {
    std::string path;
    std::optional<Dialogue> dialogue;
    std::string fault;

    std::string name() const
    {
        const std::string stem = std::filesystem::path{path}.stem();
        return dialogue ? stem + ": " + dialogue->title : stem;
    }
};

std::string at(const std::string& path, const TalkFailure& failure)
{
    return path + ':' + std::to_string(failure.line) + ": " + failure.what();
}

Piece read(const std::string& path)
{
    Piece piece{path, std::nullopt, {}};
    try {
        piece.dialogue = Dialogue::read(path);
    } catch (const TalkFailure& failure) {
        piece.fault = at(path, failure);
    }
    return piece;
}

void play(TestDaemon& daemon, Piece& piece, std::size_t number)
{
    const std::size_t logged = daemon.log().size();
    try {
        Stage{daemon, *piece.dialogue, number}.play();
    } catch (const TalkFailure& failure) {
        daemon.drain();
        piece.fault =
            at(piece.path, failure) + "\nthe daemon's log:\n" + daemon.log().substr(logged);
    }
}

bool run(std::vector<Piece>& pieces)
{
    std::printf("1..%zu\n", pieces.size() + 1);
    TestDaemon daemon{environment("SARANG_BUILD", ".")};
    daemon.start();
    std::string accounts;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        accounts += pieces[i].dialogue ? Stage::accounts(*pieces[i].dialogue, i + 1) : "";
    }
    daemon.import(accounts);
    Report report;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        Piece& piece = pieces[i];
        if (piece.dialogue) {
            play(daemon, piece, i + 1);
        }
        if (piece.fault.empty()) {
            report.passed(piece.name());
        } else {
            report.failed(piece.name(), piece.fault);
        }
    }
    const std::string end = "the daemon ends well";
    if (const std::string fault = daemon.stop(); fault.empty()) {
        report.passed(end);
    } else {
        report.failed(end, fault + '\n' + daemon.log());
    }
    return report.good();
}

} // namespace
} // namespace sarang

int main(int argc, char** argv)
{
    try {
        std::vector<std::string> paths{argv + 1, argv + argc};
        if (paths.empty()) {
            paths = sarang::all_dialogues();
        }
        std::vector<sarang::Piece> pieces;
        std::transform(paths.begin(), paths.end(), std::back_inserter(pieces), sarang::read);
        xmpp_initialize();
        const bool good = sarang::run(pieces);
        xmpp_shutdown();
        return good ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const std::exception& exception) {
        sarang::comment(exception.what());
        return EXIT_FAILURE;
    }
}
