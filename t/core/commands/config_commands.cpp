// SPDX-License-Identifier: Apache-2.0
#include "core/commands/config_commands.h"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "../command_stage.h"
#include "../config_stage.h"

namespace sarang {
namespace {

class Stage : public CommandStage, public ConfigOwner {
public:
    Stage() { declare_sample(schema_); }

    ~Stage() override { std::filesystem::remove(path_); }

    std::string path() const { return path_; }

    void write(std::string_view text) { std::ofstream{path_} << text; }

    /// Takes the file over, as a start does.
    void start()
    {
        config_ = Config::load(path_).value();
        first_ = config_;
        sample_.emplace(schema_, config_, "a");
        commands_.emplace(registry, *this);
    }

private:
    const Schema& schema() const override { return schema_; }

    std::shared_ptr<const Config> config() const override { return config_; }

    std::shared_ptr<const Config> first_config() const override { return first_; }

    std::vector<ConfigError> check(const Config& config) const override
    {
        return schema_.check(config);
    }

    Task<Result<std::vector<OptionChange>>> reload_config() override
    {
        co_await yield();
        const auto config = co_await ok(Config::load(path_));
        const std::vector<ConfigError> errors = check(*config);
        if (!errors.empty()) {
            co_return fail(Condition::not_acceptable, lines_of(errors));
        }
        config_ = config;
        co_return sample_->apply(config_);
    }

    std::string path_ = (std::filesystem::temp_directory_path() /
                         ("sarangd-" + std::to_string(::getpid()) + ".toml"))
                            .string();
    Schema schema_;
    std::shared_ptr<const Config> config_;
    std::shared_ptr<const Config> first_;
    std::optional<SampleOptions> sample_;
    std::optional<ConfigCommands> commands_;
};

BOOST_FIXTURE_TEST_SUITE(config_commands, Stage)

BOOST_AUTO_TEST_CASE(a_check_tells_all_that_is_wrong)
{
    write("");
    start();
    BOOST_TEST(text({"config", "check"}) == path() + " is fine\n");
    write("[offline]\nmax_messages = -1\nmax = 2\n");
    const CommandOutcome outcome = run({"config", "check"});
    BOOST_TEST((outcome.exit == ExitCode::failed));
    BOOST_TEST(
        outcome.text == path() + ":2: offline.max_messages: -1 is less than 0\n" + path() +
                            ":3: unknown key \"max\" in [offline]\n");
    BOOST_TEST(text({"config", "check", "/nowhere"}) == "/nowhere: No such file or directory\n");
}

BOOST_AUTO_TEST_CASE(a_reload_tells_what_changed_and_what_became_of_it)
{
    write("");
    start();
    BOOST_TEST(text({"config", "reload"}) == "nothing has changed\n");
    write("data = \"/srv\"\n[host.\"a\".offline]\nmax_messages = 5\n");
    BOOST_TEST(
        text({"config", "reload"}) == "data: /var/lib/sarang -> /srv, waits for a restart\n"
                                      "host.\"a\".offline.max_messages: 100 -> 5, took effect\n");
    write("data = 5\n");
    BOOST_TEST((run({"config", "reload"}).exit == ExitCode::failed));
}

BOOST_AUTO_TEST_CASE(the_options_are_shown_with_where_their_values_are_from)
{
    write("[offline]\nmax_messages = 4\n"
          "[host.\"a\"]\ncertificate = \"a.crt\"\n"
          "[host.\"b\".offline]\nmax_messages = 5\n");
    start();
    BOOST_TEST(
        text({"config", "show", "offline"}) ==
        "option                         value    default  from\n"
        "offline.deliver                durable  durable  default\n"
        "offline.max_messages           4        100      " +
            path() +
            ":2\n"
            "host.\"b\".offline.max_messages  5        100      " +
            path() + ":6\n");
    BOOST_TEST(
        text({"config", "show", "host"}) ==
        "option                value  default  from\n"
        "host.\"a\".certificate  a.crt  -        " +
            path() +
            ":4\n"
            "host.\"b\".certificate  -      -        default\n");
    BOOST_TEST(text({"config", "show", "offlin"}) == "there is no option \"offlin\"\n");
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_restart_is_shown_as_it_still_is)
{
    write("");
    start();
    write("data = \"/srv\"\n");
    run({"config", "reload"});
    BOOST_TEST(
        run({"config", "show", "data"}).result.dump() ==
        R"([{"option":"data","value":"/var/lib/sarang","default":"/var/lib/sarang","from":"default"}])");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
