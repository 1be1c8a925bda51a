// SPDX-License-Identifier: Apache-2.0
#include "transport/control_client.h"

#include "xml/utf8.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <utility>

namespace sarang {
namespace {

// A third of what the server takes as a line: in JSON some bytes grow.
constexpr std::size_t piece = 64 * 1024 / 3;
constexpr std::size_t longest_line = 8 * 1024;

bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t size = first_code_point(text).size;
        if (size == 0) {
            return false;
        }
        text.remove_prefix(size);
    }
    return true;
}

Json refusal(const std::string& text)
{
    Json answer;
    answer.set("error", text);
    return answer;
}

Failure lost()
{
    return fail(
        Condition::remote_server_timeout,
        "the server went away before it answered: look whether it was done");
}

Failure not_connected(const std::string& path, int reason)
{
    const bool forbidden = reason == EACCES || reason == EPERM;
    return fail(
        forbidden ? Condition::forbidden : Condition::item_not_found,
        fmt::format("cannot reach sarangd at {}: {}", path, std::strerror(reason)));
}

} // namespace

// A file that is sent a piece at a time.
class ControlClient::Lines {
public:
    Lines(const std::string& file, std::istream& standard)
        : name_{file}
        , stream_{file == "-" ? &standard : &file_}
    {
        if (file != "-") {
            file_.open(file, std::ios::binary);
            opened_ = file_.is_open();
        }
    }

    Json next()
    {
        if (!opened_) {
            return refusal(fmt::format("{}: {}", name_, std::strerror(errno)));
        }
        Json lines = Json::array();
        std::string line;
        std::size_t size = 0;
        while (size < piece && std::getline(*stream_, line)) {
            ++number_;
            if (line.ends_with('\r')) {
                line.pop_back();
            }
            if (line.size() > longest_line || !is_utf8(line)) {
                return refusal(fmt::format("{}:{}: too long, or not UTF-8", name_, number_));
            }
            size += line.size() + 16;
            lines.add(line);
        }
        if (stream_->bad()) {
            return refusal(fmt::format("{}: cannot be read on", name_));
        }
        Json answer;
        answer.set("lines", std::move(lines));
        return answer;
    }

private:
    std::string name_;
    std::ifstream file_;
    std::istream* stream_;
    bool opened_ = true;
    std::uint64_t number_ = 0;
};

Result<ControlClient> ControlClient::connect(const std::string& path)
{
    sockaddr_un address{};
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return not_connected(path, ENAMETOOLONG);
    }
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    Socket socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket ||
        ::connect(
            socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0) {
        return not_connected(path, errno);
    }
    return ControlClient{std::move(socket)};
}

Result<CommandOutcome> ControlClient::run(
    const std::vector<std::string>& words, const std::string& folder, const Person& person)
{
    Json argv = Json::array();
    for (const std::string& word : words) {
        argv.add(word);
    }
    Json request;
    request.set("argv", std::move(argv)).set("cwd", folder);
    say(request);
    std::unique_ptr<Lines> lines;
    while (true) {
        Result<Json> heard = hear();
        if (!heard) {
            return fail(heard.error());
        }
        const Json* text = heard->find("text");
        const std::string shown =
            text == nullptr || text->string() == nullptr ? std::string{} : *text->string();
        if (const Json* row = heard->find("row")) {
            person.row(*row, shown);
        } else if (const Json* exit = heard->find("exit"); exit != nullptr && exit->integer()) {
            const Json* result = heard->find("result");
            return CommandOutcome{
                static_cast<ExitCode>(*exit->integer()),
                shown,
                result == nullptr ? Json{} : *result};
        } else {
            Result<Json> reply = answer(*heard, person, lines);
            if (!reply) {
                return fail(reply.error());
            }
            say(*reply);
        }
    }
}

Result<Json>
ControlClient::answer(const Json& question, const Person& person, std::unique_ptr<Lines>& lines)
{
    const Json* ask = question.find("ask");
    const auto text = [&question](std::string_view name) {
        const Json* value = question.find(name);
        return value == nullptr || value->string() == nullptr ? std::string{} : *value->string();
    };
    if (ask != nullptr && *ask == Json{"lines"}) {
        if (!lines) {
            lines = std::make_unique<Lines>(text("file"), person.input);
        }
        return lines->next();
    }
    if (ask == nullptr || *ask != Json{"password"}) {
        return fail(
            Condition::bad_request, "the server says what this sarangctl does not understand");
    }
    const Json* fresh = question.find("fresh");
    const Result<Secret> password =
        person.password(text("prompt"), fresh != nullptr && *fresh == Json{true});
    if (!password) {
        return fail(password.error());
    }
    if (!is_utf8(password->reveal())) {
        return fail(Condition::bad_request, "the password is not UTF-8");
    }
    Json reply;
    reply.set("password", password->reveal());
    return reply;
}

void ControlClient::say(const Json& line)
{
    const std::string bytes = line.dump() + '\n';
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const ssize_t sent = ::send(socket_.descriptor(), rest.data(), rest.size(), MSG_NOSIGNAL);
        // It may have said why before it closed: that is to be heard.
        if (sent < 0 && errno != EINTR) {
            return;
        }
        rest.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
}

Result<Json> ControlClient::hear()
{
    char buffer[64 * 1024];
    std::size_t end = input_.find('\n');
    while (end == input_.npos) {
        const ssize_t size = ::recv(socket_.descriptor(), buffer, sizeof buffer, 0);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return lost();
        }
        const std::size_t before = input_.size();
        input_.append(buffer, static_cast<std::size_t>(size));
        end = input_.find('\n', before);
    }
    Result<Json> line = Json::parse(std::string_view{input_}.substr(0, end));
    input_.erase(0, end + 1);
    return line;
}

} // namespace sarang
