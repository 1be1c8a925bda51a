// SPDX-License-Identifier: Apache-2.0
#include "transport/control_session.h"

#include "core/command_text.h"
#include "transport/control.h"

#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace sarang {
namespace {

using namespace std::chrono_literals;

// What may wait for a slow reader before a command does.
constexpr std::size_t max_queued = 256 * 1024;

Failure caller_gone()
{
    return fail(Condition::recipient_unavailable, "the caller is gone");
}

Failure stopping()
{
    return fail(Condition::service_unavailable, "the server is stopping");
}

// Nothing when it is not a list of strings.
std::optional<std::vector<std::string>> strings(const Json* value)
{
    if (value == nullptr || value->elements() == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> all;
    for (const Json& element : *value->elements()) {
        if (element.string() == nullptr) {
            return std::nullopt;
        }
        all.push_back(*element.string());
    }
    return all;
}

} // namespace

ControlSession::ControlSession(Control& control, Socket socket, std::uint32_t user)
    : control_{control}
    , user_{user}
    , connection_{std::make_unique<Connection>(control.shard_, std::move(socket), *this)}
{}

void ControlSession::refuse(ExitCode exit, std::string text)
{
    Json error = Json::object();
    error.set("text", text);
    Json result = Json::object();
    result.set("error", std::move(error));
    write_end({exit, text + '\n', std::move(result)});
    finish();
}

Task<void> ControlSession::conclude(const CommandOutcome& outcome)
{
    write_end(outcome);
    Task<void> settling = settle();
    co_await settling;
}

void ControlSession::resume()
{
    running_ = false;
    listen();
}

void ControlSession::listen()
{
    if (connection_ && !connection_->finishing()) {
        connection_->reading(true);
        take_lines();
    }
}

void ControlSession::hurry()
{
    on_drained();
    if (answer_ != nullptr) {
        std::exchange(answer_, nullptr)->accept(stopping());
    }
}

void ControlSession::write_end(const CommandOutcome& outcome)
{
    Json line;
    line.set("exit", static_cast<std::int64_t>(outcome.exit))
        .set("text", outcome.text)
        .set("result", outcome.result);
    write(line);
}

void ControlSession::finish()
{
    if (connection_ && !connection_->finishing()) {
        connection_->finish(1s);
    }
}

void ControlSession::on_bytes(std::string_view bytes)
{
    if (connection_ && !connection_->finishing()) {
        input_.append(bytes);
        take_lines();
    }
}

// A command that ends at once comes back here: the loop goes on then, not the recursion.
void ControlSession::take_lines()
{
    if (std::exchange(taking_, true)) {
        return;
    }
    while ((!running_ || answer_ != nullptr) && take_line()) {
    }
    taking_ = false;
    if (connection_ && running_ && answer_ == nullptr &&
        input_.size() > *control_.options_.max_line) {
        connection_->reading(false); // until it is listened to again
    }
}

// False when there is none, or none is wanted any more.
bool ControlSession::take_line()
{
    if (!connection_ || connection_->finishing()) {
        return false;
    }
    const std::size_t end = input_.find('\n');
    if (std::min(end, input_.size()) > *control_.options_.max_line) {
        refuse(ExitCode::usage, "this line is too long");
        return false;
    }
    if (end == input_.npos) {
        return false;
    }
    const Result<Json> line = Json::parse(std::string_view{input_}.substr(0, end));
    // It may hold a password.
    wipe(std::span{reinterpret_cast<std::uint8_t*>(input_.data()), end});
    input_.erase(0, end + 1);
    if (!line) {
        refuse(ExitCode::usage, "this is not what sarangctl says");
        return false;
    }
    take(*line);
    return true;
}

void ControlSession::take(const Json& line)
{
    if (answer_ == nullptr) {
        begin(line);
        return;
    }
    Oneshot<Result<Json>>& answer = *std::exchange(answer_, nullptr);
    answer.accept(line);
}

void ControlSession::begin(const Json& request)
{
    std::optional<std::vector<std::string>> words = strings(request.find("argv"));
    if (!words) {
        refuse(ExitCode::usage, "this is not what sarangctl says");
        return;
    }
    if (control_.stopping()) {
        refuse(ExitCode::failed, "the server is stopping");
        return;
    }
    const Json* folder = request.find("cwd");
    const bool named = folder != nullptr && folder->string() != nullptr;
    running_ = true;
    control_.serve(*this, std::move(*words), named ? *folder->string() : "/");
}

void ControlSession::write(const Json& line)
{
    if (connection_ && !connection_->finishing()) {
        connection_->append(line.dump() + '\n');
    }
}

void ControlSession::on_drained()
{
    if (drained_ != nullptr) {
        std::exchange(drained_, nullptr)->accept(true);
    }
}

void ControlSession::on_closed(CloseReason, std::string_view)
{
    connection_.reset();
    on_drained();
    if (answer_ != nullptr) {
        std::exchange(answer_, nullptr)->accept(caller_gone());
    }
    if (!running_) {
        control_.remove(*this);
    }
}

std::string ControlSession::name() const
{
    return fmt::format("uid {}", user_);
}

bool ControlSession::may(Permission) const
{
    return true;
}

Task<Result<void>> ControlSession::send(Json row)
{
    Json line;
    line.set("row", row).set("text", line_of(row));
    write(line);
    Task<void> settling = settle();
    co_await settling;
    if (control_.stopping()) {
        co_return stopping();
    }
    if (!connection_) {
        co_return caller_gone();
    }
    co_return Result<void>{};
}

// What still waits past the end of this turn waits for the peer, and on_drained() follows.
Task<void> ControlSession::settle()
{
    if (connection_ && connection_->queued() > max_queued) {
        co_await control_.shard_.sleep(1ms);
    }
    if (connection_ && connection_->queued() > max_queued && !control_.stopping()) {
        Oneshot<bool> drained;
        drained_ = &drained;
        static_cast<void>(co_await drained);
    }
}

Task<Result<Secret>> ControlSession::password(std::string prompt, bool fresh)
{
    Json question;
    question.set("ask", "password").set("prompt", std::move(prompt)).set("fresh", fresh);
    Task<Result<Json>> asked = ask(std::move(question), "password");
    const Result<Json> answer = co_await asked;
    if (!answer) {
        co_return fail(answer.error());
    }
    if (answer->string() == nullptr) {
        co_return fail(Condition::bad_request, "a password is a string");
    }
    co_return Secret{*answer->string()};
}

Task<Result<std::vector<std::string>>> ControlSession::lines(std::string file)
{
    Json question;
    question.set("ask", "lines").set("file", std::move(file));
    Task<Result<Json>> asked = ask(std::move(question), "lines");
    const Result<Json> answer = co_await asked;
    if (!answer) {
        co_return fail(answer.error());
    }
    std::optional<std::vector<std::string>> all = strings(&*answer);
    if (!all) {
        co_return fail(Condition::bad_request, "lines are strings");
    }
    co_return std::move(*all);
}

Task<Result<Json>> ControlSession::ask(Json question, std::string_view wanted)
{
    if (!connection_) {
        co_return caller_gone();
    }
    if (control_.stopping()) {
        co_return stopping();
    }
    Oneshot<Result<Json>> reply;
    answer_ = &reply;
    write(question);
    listen();
    const Result<Json> answer = co_await reply;
    if (!answer) {
        co_return fail(answer.error());
    }
    if (const Json* error = answer->find("error"); error != nullptr && error->string() != nullptr) {
        co_return fail(Condition::bad_request, *error->string());
    }
    const Json* value = answer->find(wanted);
    if (value == nullptr) {
        co_return fail(Condition::bad_request, "this is not what was asked for");
    }
    co_return *value;
}

} // namespace sarang
