// SPDX-License-Identifier: Apache-2.0
#include "transport/control.h"

#include "base/clock.h"
#include "core/registration.h"
#include "net/address.h"
#include "net/shards.h"
#include "transport/control_client.h"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sarang {
namespace {

// What a test calls over the socket. Lives on shard 0.
class Commands {
public:
    explicit Commands(CommandRegistry& registry)
    {
        using Kind = Parameter::Kind;
        add(registry, CommandSpec{"echo", "", Permission::read}.rest("words", ""), &Commands::echo);
        add(registry,
            CommandSpec{"lock", "", Permission::write}.password("Key", true),
            &Commands::lock);
        add(registry,
            CommandSpec{"count", "", Permission::read}.required(Kind::integer, "to", ""),
            &Commands::count);
        add(registry,
            CommandSpec{"read", "", Permission::write}.required(Kind::input, "file", ""),
            &Commands::read);
        add(registry,
            CommandSpec{"where", "", Permission::read}.required(Kind::path, "file", ""),
            &Commands::where);
        add(registry, CommandSpec{"wait", "", Permission::read}, &Commands::wait);
        add(registry, CommandSpec{"go", "", Permission::read}, &Commands::go);
    }

    unsigned waited = 0;

    void release()
    {
        if (signal_ != nullptr) {
            std::exchange(signal_, nullptr)->accept(true);
        }
    }

private:
    void
    add(CommandRegistry& registry,
        CommandSpec spec,
        Task<Result<Json>> (Commands::*deed)(CommandCall&))
    {
        registered_.push_back(registry.add(std::move(spec), *this, deed));
    }

    Task<Result<Json>> echo(CommandCall& call)
    {
        Json words = Json::array();
        for (const std::string& word : call.list("words")) {
            words.add(word);
        }
        co_return words;
    }

    Task<Result<Json>> lock(CommandCall& call) { co_return Json{call.password().reveal()}; }

    Task<Result<Json>> count(CommandCall& call)
    {
        for (std::int64_t i = 0; i < call.integer("to"); ++i) {
            Json row;
            row.set("number", i).set("padding", std::string(100, 'x'));
            co_await ok(call.caller().send(std::move(row)));
        }
        co_return Json{};
    }

    Task<Result<Json>> read(CommandCall& call)
    {
        std::size_t lines = 0;
        std::size_t bytes = 0;
        while (true) {
            const std::vector<std::string> piece = co_await ok(call.lines());
            if (piece.empty()) {
                break;
            }
            lines += piece.size();
            for (const std::string& line : piece) {
                bytes += line.size();
            }
        }
        Json result;
        result.set("lines", lines).set("bytes", bytes);
        co_return result;
    }

    Task<Result<Json>> where(CommandCall& call) { co_return Json{call.text("file")}; }

    Task<Result<Json>> wait(CommandCall&)
    {
        Oneshot<bool> signal;
        signal_ = &signal;
        static_cast<void>(co_await signal);
        ++waited;
        co_return Json{"waited"};
    }

    Task<Result<Json>> go(CommandCall&)
    {
        release();
        co_return Json{};
    }

    std::vector<Registration> registered_;
    Oneshot<bool>* signal_ = nullptr;
};

// A connection that says what it wants.
class Raw {
public:
    explicit Raw(const std::string& path)
        : socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}
    {
        sockaddr_storage address{};
        const unsigned size = SocketAddress::local(path)->to(address);
        BOOST_REQUIRE(
            ::connect(socket_.descriptor(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    }

    void say(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent =
                ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// The next line; empty at the end.
    std::string hear()
    {
        while (input_.find('\n') == input_.npos) {
            char buffer[4096];
            const ssize_t size = ::recv(socket_.descriptor(), buffer, sizeof buffer, 0);
            if (size <= 0) {
                return {};
            }
            input_.append(buffer, static_cast<std::size_t>(size));
        }
        const std::size_t end = input_.find('\n');
        std::string line = input_.substr(0, end);
        input_.erase(0, end + 1);
        return line;
    }

    void close() { socket_.close(); }

private:
    Socket socket_;
    std::string input_;
};

class Stage {
public:
    Stage()
    {
        shards_.start();
        open({::geteuid()}, "");
    }

    ~Stage()
    {
        close();
        shards_.stop();
    }

    std::string secret = "s3cret";
    std::istringstream input;
    std::vector<std::string> rows;
    std::vector<std::string> prompts;

    const std::string& path() const { return path_; }

    unsigned waited()
    {
        return shards_.call(0, [this] { return commands_->waited; });
    }

    std::size_t connections()
    {
        return shards_.call(0, [this] { return control_->connections(); });
    }

    /// Opens anew, for other users or with another configuration.
    void open(std::vector<std::uint32_t> users, std::string_view config)
    {
        close();
        const auto parsed = Config::parse(config, "sarangd.toml").value();
        shards_.call(0, [&] {
            registry_.emplace();
            commands_.emplace(*registry_);
            schema_ = std::make_unique<Schema>();
            options_.emplace(*schema_, parsed);
            control_.emplace(shards_.shard(0), *registry_, *options_, std::move(users));
            BOOST_REQUIRE(control_->listen(path_));
        });
    }

    void close()
    {
        if (!control_) {
            return;
        }
        begin_close();
        until([this] { return closed_; });
        shards_.call(0, [this] {
            closing_.reset();
            control_.reset();
            options_.reset();
            commands_.reset();
            registry_.reset();
        });
    }

    void begin_close()
    {
        shards_.call(0, [this] {
            if (!closing_) {
                closed_ = false;
                closing_.emplace(close_control());
            }
        });
    }

    /// Lets `wait` go on.
    void release()
    {
        shards_.call(0, [this] { commands_->release(); });
    }

    template <class Condition>
    void until(Condition condition)
    {
        while (!shards_.call(0, [&] { return condition(); })) {
            std::this_thread::yield();
        }
    }

    Result<CommandOutcome> run(const std::vector<std::string>& words)
    {
        Result<ControlClient> client = ControlClient::connect(path_);
        if (!client) {
            return fail(client.error());
        }
        const ControlClient::Person person{
            [this](const std::string& prompt, bool fresh) {
                prompts.push_back(prompt + (fresh ? ", twice" : ""));
                return Result<Secret>{Secret{secret}};
            },
            input,
            [this](const Json&, const std::string& text) { rows.push_back(text); }};
        return client->run(words, "/home/tester", person);
    }

    std::string text(const std::vector<std::string>& words)
    {
        const Result<CommandOutcome> outcome = run(words);
        return outcome ? outcome->text : outcome.error().text;
    }

    /// A file beside the socket.
    std::string file(const std::string& content)
    {
        const std::string name = path_ + ".txt";
        std::ofstream{name, std::ios::binary} << content;
        return name;
    }

private:
    Task<void> close_control()
    {
        Task<void> closing = control_->close();
        co_await closing;
        closed_ = true;
    }

    struct Folder {
        Folder()
        {
            std::string name = std::filesystem::temp_directory_path() / "sarang-XXXXXX";
            path = ::mkdtemp(name.data());
        }

        Folder(const Folder&) = delete;
        Folder& operator=(const Folder&) = delete;

        ~Folder() { std::filesystem::remove_all(path); }

        std::string path;
    };

    Folder folder_;
    std::string path_ = folder_.path + "/control.sock";
    SystemClock clock_;
    Shards shards_{clock_, {1, 64}};
    std::optional<CommandRegistry> registry_;
    std::optional<Commands> commands_;
    std::unique_ptr<Schema> schema_;
    std::optional<ControlOptions> options_;
    std::optional<Control> control_;
    std::optional<Running> closing_;
    bool closed_ = false;
};

bool ends_with_refusal(Raw& raw, const std::string& text)
{
    const std::string line = raw.hear();
    const Result<Json> end = Json::parse(line);
    return end && end->find("text") != nullptr && *end->find("text") == Json{text + '\n'} &&
           raw.hear().empty();
}

BOOST_FIXTURE_TEST_SUITE(control, Stage)

BOOST_AUTO_TEST_CASE(a_command_is_run_and_answered)
{
    const Result<CommandOutcome> outcome = run({"echo", "a", "b \"c\"\n"});
    BOOST_REQUIRE(outcome);
    BOOST_TEST((outcome->exit == ExitCode::ok));
    BOOST_TEST(outcome->result.dump() == R"(["a","b \"c\"\n"])");
    BOOST_TEST(text({"where", "x"}) == "/home/tester/x\n");
    BOOST_TEST((run({"ecko"})->exit == ExitCode::usage));
}

BOOST_AUTO_TEST_CASE(the_socket_is_its_user_s_alone)
{
    struct stat status {};

    BOOST_REQUIRE(::stat(path().c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777) == 0600U);
}

BOOST_AUTO_TEST_CASE(another_user_is_refused)
{
    open({::geteuid() + 1}, "");
    const Result<CommandOutcome> outcome = run({"echo"});
    BOOST_REQUIRE(outcome);
    BOOST_TEST((outcome->exit == ExitCode::refused));
    BOOST_TEST(
        outcome->text == "uid " + std::to_string(::geteuid()) + " may not command this server\n");
}

BOOST_AUTO_TEST_CASE(where_nobody_listens_is_told)
{
    const std::string name = path();
    close();
    BOOST_TEST(!std::filesystem::exists(name));
    const Result<CommandOutcome> outcome = run({"echo"});
    BOOST_REQUIRE(!outcome);
    BOOST_TEST((outcome.error().condition == Condition::item_not_found));
    BOOST_TEST(
        outcome.error().text == "cannot reach sarangd at " + name + ": No such file or directory");
}

BOOST_AUTO_TEST_CASE(a_password_is_asked_for_when_it_is_wanted)
{
    BOOST_TEST(text({"lock"}) == "s3cret\n");
    BOOST_TEST(prompts.size() == 1);
    BOOST_TEST(prompts.front() == "Key, twice");
    secret = "\xff";
    BOOST_TEST(text({"lock"}) == "the password is not UTF-8");
}

BOOST_AUTO_TEST_CASE(a_file_is_sent_in_pieces)
{
    std::string content;
    for (int i = 0; i < 20'000; ++i) {
        content += "line " + std::to_string(i) + (i % 2 == 0 ? "\r\n" : "\n");
    }
    BOOST_TEST(run({"read", file(content)})->result.dump() == R"({"lines":20000,"bytes":188890})");
    BOOST_TEST(run({"read", file("no end")})->result.dump() == R"({"lines":1,"bytes":6})");
    BOOST_TEST(run({"read", file("")})->result.dump() == R"({"lines":0,"bytes":0})");
    input.str("from\nstandard\ninput\n");
    BOOST_TEST(run({"read", "-"})->result.dump() == R"({"lines":3,"bytes":17})");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_sent_is_told)
{
    BOOST_TEST(text({"read", "/nowhere"}) == "/nowhere: No such file or directory\n");
    const std::string name = file("a\n\xff\n");
    BOOST_TEST(text({"read", name}) == name + ":2: too long, or not UTF-8\n");
    file("a\n" + std::string(10'000, 'x'));
    BOOST_TEST(text({"read", name}) == name + ":2: too long, or not UTF-8\n");
}

BOOST_AUTO_TEST_CASE(a_long_answer_comes_a_row_at_a_time)
{
    BOOST_TEST(text({"count", "20000"}) == "");
    BOOST_TEST(rows.size() == 20'000);
    BOOST_TEST(rows.back() == "19999\t" + std::string(100, 'x') + "\n");
}

BOOST_AUTO_TEST_CASE(a_reader_who_is_slow_or_leaves_holds_nobody_up)
{
    Raw slow{path()};
    slow.say("{\"argv\":[\"count\",\"100000\"]}\n");
    BOOST_TEST(slow.hear().starts_with("{\"row\""));
    BOOST_TEST(text({"echo", "x"}) == "x\n");
    slow.close();
    while (connections() > 0) {
        std::this_thread::yield();
    }
}

BOOST_AUTO_TEST_CASE(requests_of_one_connection_are_answered_in_order)
{
    Raw raw{path()};
    std::string requests;
    for (int i = 0; i < 5000; ++i) {
        requests += "{\"argv\":[\"echo\",\"" + std::to_string(i) + "\"]}\n";
    }
    std::thread writer{[&] { raw.say(requests); }};
    for (int i = 0; i < 5000; ++i) {
        const Result<Json> line = Json::parse(raw.hear());
        BOOST_REQUIRE(line);
        BOOST_REQUIRE(line->find("result")->dump() == "[\"" + std::to_string(i) + "\"]");
    }
    writer.join();
}

BOOST_AUTO_TEST_CASE(what_is_no_request_ends_the_connection)
{
    for (const char* garbage :
         {"hello\n",
          "\n",
          "{}\n",
          "[]\n",
          "{\"argv\":3}\n",
          "{\"argv\":[3]}\n",
          "\xff\xfe\n",
          "GET / HTTP/1.1\r\n\r\n"}) {
        Raw raw{path()};
        raw.say(garbage);
        BOOST_TEST(ends_with_refusal(raw, "this is not what sarangctl says"), garbage);
    }
    Raw deep{path()};
    deep.say(std::string(100'000, '[') + '\n');
    BOOST_TEST(ends_with_refusal(deep, "this is not what sarangctl says"));
    BOOST_TEST(text({"echo", "x"}) == "x\n");
}

BOOST_AUTO_TEST_CASE(a_line_without_end_ends_the_connection)
{
    Raw raw{path()};
    raw.say(std::string(300 * 1024, 'a'));
    BOOST_TEST(ends_with_refusal(raw, "this line is too long"));
}

BOOST_AUTO_TEST_CASE(what_comes_while_a_command_runs_waits_for_its_end)
{
    Raw raw{path()};
    raw.say("{\"argv\":[\"wait\"]}\n");
    std::thread writer{[&] { raw.say(std::string(1024 * 1024, 'a')); }};
    while (connections() == 0) {
        std::this_thread::yield();
    }
    BOOST_TEST(text({"go"}) == "");
    BOOST_TEST(*Json::parse(raw.hear())->find("text")->string() == "waited\n");
    BOOST_TEST(ends_with_refusal(raw, "this line is too long"));
    writer.join();
}

BOOST_AUTO_TEST_CASE(a_command_goes_on_when_its_caller_leaves)
{
    Raw raw{path()};
    raw.say("{\"argv\":[\"wait\"]}\n");
    while (connections() == 0) {
        std::this_thread::yield();
    }
    raw.close();
    BOOST_TEST(text({"go"}) == "");
    while (waited() == 0 || connections() > 0) {
        std::this_thread::yield();
    }
}

BOOST_AUTO_TEST_CASE(who_leaves_while_he_is_asked_ends_the_question)
{
    Raw raw{path()};
    raw.say("{\"argv\":[\"lock\"]}\n");
    BOOST_TEST(raw.hear() == R"({"ask":"password","prompt":"Key","fresh":true})");
    raw.close();
    while (connections() > 0) {
        std::this_thread::yield();
    }
}

BOOST_AUTO_TEST_CASE(an_answer_that_was_not_asked_for_fails_the_command)
{
    for (const char* answer : {"{}\n", "{\"password\":3}\n", "{\"lines\":[]}\n", "[1]\n"}) {
        Raw raw{path()};
        raw.say("{\"argv\":[\"lock\"]}\n");
        raw.hear();
        raw.say(answer);
        const Result<Json> end = Json::parse(raw.hear());
        BOOST_REQUIRE(end);
        BOOST_TEST(*end->find("exit")->integer() == 1);
    }
}

BOOST_AUTO_TEST_CASE(an_answer_may_be_sent_ahead_of_the_question)
{
    Raw raw{path()};
    raw.say("{\"argv\":[\"lock\"]}\n{\"password\":\"early\"}\n{\"argv\":[\"echo\"]}\n");
    raw.hear();
    BOOST_TEST(*Json::parse(raw.hear())->find("text")->string() == "early\n");
    BOOST_TEST(*Json::parse(raw.hear())->find("exit")->integer() == 0);
}

BOOST_AUTO_TEST_CASE(one_too_many_is_told_so)
{
    open({::geteuid()}, "[control]\nmax_connections = 2\n");
    Raw first{path()};
    Raw second{path()};
    Raw third{path()};
    BOOST_TEST(ends_with_refusal(third, "too many are connected, see control.max_connections"));
    first.say("{\"argv\":[\"echo\"]}\n");
    BOOST_TEST(!first.hear().empty());
}

BOOST_AUTO_TEST_CASE(closing_waits_for_the_command_that_runs_and_lets_its_caller_hear)
{
    Raw raw{path()};
    raw.say("{\"argv\":[\"wait\"]}\n");
    Raw idle{path()};
    Raw stopper{path()};
    while (connections() < 3) {
        std::this_thread::yield();
    }
    stopper.say("{\"argv\":[\"echo\",\"here\"]}\n");
    BOOST_TEST(!stopper.hear().empty());
    begin_close();
    stopper.say("{\"argv\":[\"echo\"]}\n");
    BOOST_TEST(ends_with_refusal(stopper, "the server is stopping"));
    BOOST_TEST(waited() == 0);
    // Nobody can connect any more to say "go".
    release();
    BOOST_TEST(*Json::parse(raw.hear())->find("text")->string() == "waited\n");
    BOOST_TEST(raw.hear().empty());
    BOOST_TEST(idle.hear().empty());
    close();
}

BOOST_AUTO_TEST_CASE(closing_waits_for_no_person_and_no_slow_reader)
{
    Raw asked{path()};
    asked.say("{\"argv\":[\"lock\"]}\n");
    asked.hear();
    Raw slow{path()};
    slow.say("{\"argv\":[\"count\",\"1000000\"]}\n");
    slow.hear();
    begin_close();
    BOOST_TEST(*Json::parse(asked.hear())->find("text")->string() == "the server is stopping\n");
    BOOST_TEST(asked.hear().empty());
    close();
}

BOOST_AUTO_TEST_CASE(who_asks_without_listening_is_not_listened_to)
{
    Raw raw{path()};
    const std::string request = "{\"argv\":[\"echo\",\"" + std::string(1000, 'x') + "\"]}\n";
    std::thread writer{[&] {
        for (int i = 0; i < 20'000; ++i) {
            raw.say(request);
        }
    }};
    BOOST_TEST(text({"echo", "x"}) == "x\n");
    for (int i = 0; i < 20'000; ++i) {
        BOOST_REQUIRE(!raw.hear().empty());
    }
    writer.join();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(control_path)

BOOST_AUTO_TEST_CASE(the_socket_is_in_the_data_folder_unless_the_file_says_otherwise)
{
    struct Case {
        const char* text;
        const char* path;
    };

    const Case cases[] = {
        {"", "/run/sarang/control.sock"},
        {"data = \"/srv\"\n", "/srv/control.sock"},
        {"data = \"var\"\n", "/etc/sarang/var/control.sock"},
        {"data = \"/srv\"\n[control]\nsocket = \"/run/x\"\n", "/run/x"},
        {"[control]\nsocket = \"x\"\n", "/etc/sarang/x"},
        {"data = 3\n[control]\nsocket = 3\n", "/run/sarang/control.sock"},
    };
    for (const Case& one : cases) {
        const auto config = Config::parse(one.text, "/etc/sarang/sarangd.toml").value();
        BOOST_TEST(control_socket(*config) == one.path);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
