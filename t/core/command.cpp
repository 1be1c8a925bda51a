// SPDX-License-Identifier: Apache-2.0
#include "core/command.h"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include "command_stage.h"

namespace sarang {

static std::ostream& operator<<(std::ostream& out, ExitCode exit)
{
    return out << static_cast<int>(exit);
}

namespace {

using Kind = Parameter::Kind;

// Says what it was given.
class Echo {
public:
    explicit Echo(CommandRegistry& registry)
    {
        CommandSpec spec{"thing make", "Makes a thing.", Permission::write};
        spec.required(Kind::jid, "jid", "whose")
            .required(Kind::integer, "size", "how large")
            .optional(Kind::path, "file", "where")
            .rest("names", "what else")
            .option(Kind::host, "at", "the host")
            .option(Kind::string, "colour", "of the thing")
            .flag("force", "whatever happens");
        registrations_.push_back(registry.add(std::move(spec), *this, &Echo::make));
        CommandSpec secret{"thing lock", "Locks it.", Permission::write};
        secret.required(Kind::string, "name", "of the thing").password("Password of {name}", true);
        registrations_.push_back(registry.add(std::move(secret), *this, &Echo::lock));
        CommandSpec look{"look", "Looks.", Permission::read};
        registrations_.push_back(registry.add(std::move(look), *this, &Echo::look));
        CommandSpec trip{"trip", "Throws.", Permission::operate};
        registrations_.push_back(registry.add(std::move(trip), *this, &Echo::trip));
    }

private:
    Task<Result<Json>> make(CommandCall& call)
    {
        co_await yield();
        Json result;
        result.set("jid", call.jid("jid").str()).set("size", call.integer("size"));
        for (const char* name : {"file", "at", "colour"}) {
            if (call.has(name)) {
                result.set(name, call.text(name));
            }
        }
        Json names = Json::array();
        for (const std::string& name : call.list("names")) {
            names.add(name);
        }
        result.set("names", std::move(names)).set("force", call.flag("force"));
        co_return result;
    }

    Task<Result<Json>> lock(CommandCall& call)
    {
        co_await yield();
        co_return Json{call.password().reveal()};
    }

    Task<Result<Json>> look(CommandCall&) { co_return Json{"seen"}; }

    Task<Result<Json>> trip(CommandCall& call)
    {
        co_await yield();
        co_return Json{call.text("nothing")};
    }

    std::vector<Registration> registrations_;
};

struct EchoStage : CommandStage {
    Echo echo{registry};
};

BOOST_FIXTURE_TEST_SUITE(command, EchoStage)

BOOST_AUTO_TEST_CASE(arguments_reach_the_command_converted)
{
    struct Case {
        std::vector<std::string> words;
        const char* result;
    };

    const Case cases[] = {
        {{"juliet@example.org", "3"},
         R"({"jid":"juliet@example.org","size":3,"names":[],"force":false})"},
        {{"--force", "JULIET@Example.org", "-3"},
         R"({"jid":"juliet@example.org","size":-3,"names":[],"force":true})"},
        {{"a@b", "3", "x/../y", "n1", "n2", "--colour", "red"},
         R"({"jid":"a@b","size":3,"file":"/home/tester/y","colour":"red","names":["n1","n2"],"force":false})"},
        {{"a@b", "3", "/abs", "--colour=re=d", "--at=Example.ORG"},
         R"({"jid":"a@b","size":3,"file":"/abs","at":"example.org","colour":"re=d","names":[],"force":false})"},
        {{"a@b", "3", "--colour", "--force", "--", "--file", "--force"},
         R"({"jid":"a@b","size":3,"file":"/home/tester/--file","colour":"--force","names":["--force"],"force":false})"},
    };
    for (const Case& one : cases) {
        std::vector<std::string> words{"thing", "make"};
        words.insert(words.end(), one.words.begin(), one.words.end());
        const CommandOutcome outcome = run(words);
        BOOST_TEST(outcome.exit == ExitCode::ok, outcome.text);
        BOOST_TEST(outcome.result.dump() == one.result);
    }
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_told_with_the_usage)
{
    struct Case {
        std::vector<std::string> words;
        const char* complaint;
    };

    const Case cases[] = {
        {{}, "jid is missing"},
        {{"a@b"}, "size is missing"},
        {{"@", "3"}, "\"@\" is no address"},
        {{"a@b", "three"}, "\"three\" is no number"},
        {{"a@b", "3x"}, "\"3x\" is no number"},
        {{"a@b", "99999999999999999999"}, "\"99999999999999999999\" is no number"},
        {{"a@b", "3", ""}, "an empty path names no file"},
        {{"a@b", "3", "--colur", "red"}, "unknown option \"--colur\"; did you mean --colour?"},
        {{"a@b", "3", "--jid", "x"}, "unknown option \"--jid\""},
        {{"a@b", "3", "--colour"}, "--colour needs a value"},
        {{"a@b", "3", "--colour=a", "--colour=b"}, "--colour is given twice"},
        {{"a@b", "3", "--force=yes"}, "--force takes no value"},
        {{"a@b", "3", "--at", "c@d"}, "\"c@d\" is no host: only a domain is"},
    };
    for (const Case& one : cases) {
        std::vector<std::string> words{"thing", "make"};
        words.insert(words.end(), one.words.begin(), one.words.end());
        const CommandOutcome outcome = run(words);
        BOOST_TEST(outcome.exit == ExitCode::usage);
        BOOST_TEST(
            outcome.text ==
            "thing make: " + std::string{one.complaint} +
                "\nusage: sarangctl thing make [--at HOST] [--colour TEXT] [--force] JID SIZE "
                "[FILE] [NAMES...]\n");
    }
    BOOST_TEST(
        text({"look", "here"}) ==
        "look: \"here\" is one argument too many\nusage: sarangctl look\n");
}

BOOST_AUTO_TEST_CASE(an_unknown_command_is_told_with_the_nearest_one)
{
    struct Case {
        std::vector<std::string> words;
        const char* complaint;
    };

    const Case cases[] = {
        {{"thing", "mak", "a@b"}, "unknown command \"thing mak\"; did you mean \"thing make\"?\n"},
        {{"thng", "lock"}, "unknown command \"thng lock\"; did you mean \"thing lock\"?\n"},
        {{"lok"}, "unknown command \"lok\"; did you mean \"look\"?\n"},
        {{"lok", "here", "or", "there"}, "unknown command \"lok\"; did you mean \"look\"?\n"},
        {{"thing"}, "\"thing\" is not whole: there is thing lock, thing make\n"},
        {{"frobnicate"},
         "unknown command \"frobnicate\"; \"sarangctl help\" lists those that there are\n"},
    };
    for (const Case& one : cases) {
        const CommandOutcome outcome = run(one.words);
        BOOST_TEST(outcome.exit == ExitCode::usage);
        BOOST_TEST(outcome.text == one.complaint);
    }
}

BOOST_AUTO_TEST_CASE(no_command_at_all_is_answered_with_the_list)
{
    const CommandOutcome outcome = run({});
    BOOST_TEST(outcome.exit == ExitCode::usage);
    BOOST_TEST(outcome.text.starts_with("usage: sarangctl "));
}

BOOST_AUTO_TEST_CASE(a_password_is_asked_for_and_never_an_argument)
{
    caller.secret = "s3cret";
    BOOST_TEST(text({"thing", "lock", "door"}) == "s3cret\n");
    BOOST_TEST(
        caller.prompts == std::vector<std::string>{"Password of door, twice"},
        boost::test_tools::per_element());
    caller.gone = true;
    BOOST_TEST(run({"thing", "lock", "door"}).exit == ExitCode::failed);
}

BOOST_AUTO_TEST_CASE(who_may_not_is_refused_before_anything_is_looked_at)
{
    caller.allowed = false;
    const CommandOutcome outcome = run({"thing", "make", "@"});
    BOOST_TEST(outcome.exit == ExitCode::refused);
    BOOST_TEST(outcome.text == "tester may not do this\n");
    BOOST_TEST(run({"look"}).exit == ExitCode::ok);
}

BOOST_AUTO_TEST_CASE(a_command_that_throws_fails_alone)
{
    const CommandOutcome outcome = run({"trip"});
    BOOST_TEST(outcome.exit == ExitCode::failed);
    BOOST_TEST(outcome.text == "a command asks for nothing, which was not given\n");
    BOOST_TEST(loop.thrown().empty());
}

BOOST_AUTO_TEST_CASE(an_error_is_a_result_for_programs_too)
{
    BOOST_TEST(
        run({"trip"}).result.dump() ==
        R"({"error":{"condition":"internal-server-error","text":"a command asks for nothing, which was not given"}})");
}

BOOST_AUTO_TEST_CASE(help_lists_all_commands)
{
    BOOST_TEST(
        text({"help"}) == "usage: sarangctl [--json] [--socket PATH] COMMAND [ARGUMENT...]\n"
                          "\n"
                          "  help        Lists the commands, or explains one.\n"
                          "  look        Looks.\n"
                          "  thing lock  Locks it.\n"
                          "  thing make  Makes a thing.\n"
                          "  trip        Throws.\n"
                          "\n"
                          "\"sarangctl help COMMAND\" says more of each.\n");
    BOOST_TEST(
        run({"help", "thing"}).result.dump() ==
        R"([{"command":"thing lock","description":"Locks it."},{"command":"thing make","description":"Makes a thing."}])");
}

BOOST_AUTO_TEST_CASE(help_explains_one_command)
{
    BOOST_TEST(
        text({"help", "thing", "lock"}) ==
        "usage: sarangctl thing lock NAME\n"
        "\n"
        "Locks it.\n"
        "\n"
        "  NAME  of the thing\n"
        "\n"
        "The password is asked for on a terminal; --password-stdin reads it from there.\n");
    const CommandOutcome unknown = run({"help", "lok"});
    BOOST_TEST(unknown.exit == ExitCode::failed);
    BOOST_TEST(unknown.text == "unknown command \"lok\"; did you mean \"look\"?\n");
}

BOOST_AUTO_TEST_CASE(help_gives_a_shell_what_it_completes_from)
{
    BOOST_TEST(
        text({"help", "--complete"}) ==
        "help\tstring\t--complete\n"
        "look\n"
        "thing lock\tstring\n"
        "thing make\tjid\tinteger\tpath\tstring\t--at\t--colour\t--force\n"
        "trip\n");
}

BOOST_AUTO_TEST_SUITE_END()

// One command, as each host's module has it.
class Room {
public:
    Room(CommandRegistry& registry, std::string host, bool with_address)
        : host_{host}
    {
        CommandSpec spec{"room list", "Lists rooms.", Permission::read};
        if (with_address) {
            spec.optional(Kind::host, "of", "which");
        }
        registration_ = registry.add(std::move(spec), *this, &Room::list, host);
    }

private:
    Task<Result<Json>> list(CommandCall&) { co_return Json{host_}; }

    std::string host_;
    Registration registration_;
};

BOOST_FIXTURE_TEST_SUITE(command_of_hosts, CommandStage)

BOOST_AUTO_TEST_CASE(a_command_of_several_hosts_runs_on_the_one_that_is_named)
{
    const Room a{registry, "a", false};
    BOOST_TEST(text({"room", "list"}) == "a\n");
    const Room b{registry, "b", false};
    BOOST_TEST(text({"room", "list", "--host", "b"}) == "b\n");
    BOOST_TEST(text({"room", "list", "--host", "c"}) == "c has no such command\n");
    BOOST_TEST(text({"room", "list"}) == "several hosts have this: say --host\n");
}

BOOST_AUTO_TEST_CASE(its_first_address_names_the_host)
{
    const Room a{registry, "a", true};
    const Room b{registry, "b", true};
    BOOST_TEST(text({"room", "list", "b"}) == "b\n");
}

BOOST_AUTO_TEST_CASE(a_command_goes_with_its_registration)
{
    {
        const Room a{registry, "a", false};
        const Room b{registry, "b", false};
        BOOST_TEST(registry.specs().size() == 2);
    }
    BOOST_TEST(registry.specs().size() == 1);
    BOOST_TEST(run({"room", "list"}).exit == ExitCode::usage);
}

BOOST_AUTO_TEST_CASE(two_commands_of_the_same_words_are_a_fault_of_the_program)
{
    const Room a{registry, "a", false};
    BOOST_CHECK_THROW(Room(registry, "a", false), std::logic_error);
    BOOST_TEST(registry.specs().size() == 2);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
