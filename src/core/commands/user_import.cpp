// SPDX-License-Identifier: Apache-2.0
#include "core/commands/user_import.h"

#include "base/bytes.h"
#include "core/credentials.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace sarang {
namespace {

// Side by side: enough to share a sync, few enough to leave the workers' queue to log-ins.
constexpr std::size_t at_once = 128;

constexpr std::uint32_t max_iterations = 10'000'000;

Failure malformed(std::string text)
{
    return fail(Condition::bad_request, std::move(text));
}

std::vector<std::string_view> fields_of(std::string_view line)
{
    std::vector<std::string_view> fields;
    while (true) {
        const std::size_t tab = line.find('\t');
        fields.push_back(line.substr(0, tab));
        if (tab == line.npos) {
            return fields;
        }
        line.remove_prefix(tab + 1);
    }
}

std::optional<Hash> hash_named(std::string_view mechanism)
{
    if (mechanism == "SCRAM-SHA-1") {
        return Hash::sha1;
    }
    if (mechanism == "SCRAM-SHA-256") {
        return Hash::sha256;
    }
    return std::nullopt;
}

std::optional<Digest> digest_of(std::string_view base64, Hash hash)
{
    const std::optional<std::string> bytes = base64_decode(base64);
    if (!bytes || bytes->size() != size(hash)) {
        return std::nullopt;
    }
    return Digest{*bytes};
}

// Mechanism, iterations, salt, StoredKey, ServerKey.
Result<ScramKeys> keys_of(std::span<const std::string_view> fields)
{
    const std::optional<Hash> hash = hash_named(fields[0]);
    if (!hash) {
        return malformed(fmt::format("{} is no mechanism that is known here", fields[0]));
    }
    ScramKeys keys;
    keys.hash = *hash;
    const char* end = fields[1].data() + fields[1].size();
    const auto [stop, error] = std::from_chars(fields[1].data(), end, keys.iterations);
    if (error != std::errc{} || stop != end || keys.iterations == 0 ||
        keys.iterations > max_iterations) {
        return malformed("the number of iterations is none");
    }
    const std::optional<std::string> salt = base64_decode(fields[2]);
    const std::optional<Digest> stored_key = digest_of(fields[3], *hash);
    const std::optional<Digest> server_key = digest_of(fields[4], *hash);
    if (!salt || salt->empty() || !stored_key || !server_key) {
        return malformed("salt and keys must be base64, and the keys as long as the hash");
    }
    keys.salt = *salt;
    keys.keys = {*stored_key, *server_key};
    return keys;
}

} // namespace

const char* const UserImport::format =
    "Each line holds an address, a tab and a password; or an address and, for one or two\n"
    "mechanisms, five fields: SCRAM-SHA-1 or SCRAM-SHA-256, iterations, and as base64 the salt,\n"
    "StoredKey and ServerKey; with tabs between. Empty lines and lines that begin with # are\n"
    "skipped. What is wrong with a line is told with its number, the others are imported.";

std::string UserImport::text(const Json& result)
{
    return fmt::format(
        "{} made, {} replaced\n",
        *result.find("made")->integer(),
        *result.find("replaced")->integer());
}

UserImport::UserImport(const UserCommands::Needs& needs, CommandCall& call)
    : needs_{needs}
    , call_{call}
    , hosts_{needs.hosts()}
    , replace_{call.flag("replace")}
{}

Task<Result<Json>> UserImport::run()
{
    while (true) {
        const std::vector<std::string> lines = co_await ok(call_.lines());
        if (lines.empty()) {
            break;
        }
        next_ = 0;
        while (next_ < lines.size()) {
            std::vector<Line> piece = next_piece(lines);
            co_await ok(run_piece(std::move(piece)));
        }
    }
    if (failed_ > 0) {
        co_return fail(
            Condition::not_acceptable,
            fmt::format("{} failed, {} made, {} replaced", failed_, made_, replaced_));
    }
    Json result;
    result.set("made", made_).set("replaced", replaced_);
    co_return result;
}

// Ends before an address that it has already, so that of two namesakes the first comes first.
std::vector<UserImport::Line> UserImport::next_piece(const std::vector<std::string>& lines)
{
    std::vector<Line> piece;
    std::set<std::string_view> addresses;
    for (; next_ < lines.size() && piece.size() < at_once; ++next_) {
        const std::string_view line = lines[next_];
        const bool says_something = !line.empty() && line.front() != '#';
        if (says_something && !addresses.insert(line.substr(0, line.find('\t'))).second) {
            break;
        }
        ++read_;
        if (says_something) {
            piece.push_back({read_, lines[next_], {}});
        }
    }
    return piece;
}

Task<Result<void>> UserImport::run_piece(std::vector<Line> piece)
{
    if (piece.empty()) {
        co_return Result<void>{};
    }
    std::size_t left = piece.size();
    Oneshot<bool> all_done;
    std::vector<Running> running;
    running.reserve(left);
    for (Line& line : piece) {
        running.emplace_back(take(line, left, all_done));
    }
    static_cast<void>(co_await all_done);
    co_await ok(tell(piece));
    co_return Result<void>{};
}

Task<void> UserImport::take(Line& line, std::size_t& left, Oneshot<bool>& all_done)
{
    Task<Result<void>> task = make(line.text);
    line.outcome = co_await task;
    if (--left == 0) {
        all_done.accept(true);
    }
}

Task<Result<void>> UserImport::make(const std::string& text)
{
    Account account = co_await ok(read(text));
    const std::string owner = account.owner;
    Credentials credentials = account.credentials;
    Task<Result<void>> creation = needs_.accounts.create(std::move(account));
    const Result<void> created = co_await creation;
    if (created) {
        ++made_;
        co_return created;
    }
    if (created.error().condition != Condition::conflict) {
        co_return created;
    }
    if (!replace_) {
        co_return fail(Condition::conflict, fmt::format("{} exists already", owner));
    }
    co_await ok(needs_.accounts.replace_credentials(owner, std::move(credentials)));
    ++replaced_;
    co_return Result<void>{};
}

Task<Result<Account>> UserImport::read(const std::string& text)
{
    const std::vector<std::string_view> fields = fields_of(text);
    const Jid jid = co_await ok(Jid::parse(fields[0]));
    if (jid.local().empty() || !jid.is_bare()) {
        co_return malformed(fmt::format("{} is no account's address", jid.str()));
    }
    if (std::find(hosts_.begin(), hosts_.end(), jid.domain()) == hosts_.end()) {
        co_return malformed(fmt::format("{} is no host that keeps accounts", jid.domain()));
    }
    Account account{std::string{jid.str()}, std::string{jid.domain()}, {}, needs_.clock.wall()};
    if (fields.size() == 2) {
        const std::uint32_t iterations = needs_.iterations();
        Secret password{fields[1]};
        account.credentials =
            co_await ok(make_credentials(needs_.workers, std::move(password), iterations));
        co_return account;
    }
    if (fields.size() != 6 && fields.size() != 11) {
        co_return malformed("there must be an address and a password, or an address and keys");
    }
    for (std::size_t at = 1; at < fields.size(); at += 5) {
        const std::span<const std::string_view> five{fields.data() + at, 5};
        account.credentials.push_back(co_await ok(keys_of(five)));
    }
    co_return account;
}

// What went wrong goes out at once, a row a line: there may be too many to keep.
Task<Result<void>> UserImport::tell(const std::vector<Line>& piece)
{
    for (const Line& line : piece) {
        if (line.outcome) {
            continue;
        }
        ++failed_;
        const Error& error = line.outcome.error();
        const std::string_view what = error.text.empty() ? name(error.condition) : error.text;
        Json row;
        row.set("line", line.number).set("error", what);
        co_await ok(call_.caller().send(std::move(row)));
    }
    co_return Result<void>{};
}

} // namespace sarang
