// SPDX-License-Identifier: Apache-2.0
// UserImport: one run of `user import`. Reads the file a piece at a time and makes the accounts of
// each piece side by side, so that they share the disk's syncs. On shard 0.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "core/commands/user_commands.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sarang {

class UserImport {
public:
    /// What the lines look like, for `help user import`.
    static const char* const format;
    /// The result for people.
    static std::string text(const Json& result);

    UserImport(const UserCommands::Needs& needs, CommandCall& call);

    /// Must not be destroyed before its task.
    Task<Result<Json>> run();

private:
    struct Line {
        std::uint64_t number = 0;
        std::string text;
        Result<void> outcome;
    };

    std::vector<Line> next_piece(const std::vector<std::string>& lines);
    Task<Result<void>> run_piece(std::vector<Line> piece);
    Task<void> take(Line& line, std::size_t& left, Oneshot<bool>& all_done);
    Task<Result<void>> make(const std::string& text);
    Task<Result<Account>> read(const std::string& text);
    Task<Result<void>> tell(const std::vector<Line>& piece);

    const UserCommands::Needs& needs_;
    CommandCall& call_;
    std::vector<std::string> hosts_;
    bool replace_;
    std::size_t next_ = 0;   ///< of the lines at hand
    std::uint64_t read_ = 0; ///< lines
    std::uint64_t made_ = 0;
    std::uint64_t replaced_ = 0;
    std::uint64_t failed_ = 0;
};

} // namespace sarang
