// SPDX-License-Identifier: Apache-2.0
#include "core/schema.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "config_stage.h"

namespace sarang {
namespace {

// All that is wrong with a file, a line each.
std::string complaints(std::string_view text)
{
    Schema schema;
    declare_sample(schema);
    std::string lines;
    for (const ConfigError& error : schema.check(*config_of(text))) {
        lines += error.str() + '\n';
    }
    return lines;
}

BOOST_AUTO_TEST_SUITE(schema)

BOOST_AUTO_TEST_CASE(a_file_of_known_options_is_fine)
{
    BOOST_TEST(complaints("") == "");
    BOOST_TEST(
        complaints("data = \"x\"\n"
                   "[c2s]\n"
                   "listen = [\"127.0.0.1:5222\"]\n"
                   "idle = \"90s\"\n"
                   "stanza = \"1MiB\"\n"
                   "[offline]\n"
                   "max_messages = 0\n"
                   "deliver = \"at_once\"\n"
                   "[host.\"example.org\"]\n"
                   "certificate = \"a.crt\"\n"
                   "[host.\"other.org\".offline]\n"
                   "max_messages = 100_000\n") == "");
}

struct Complaint {
    const char* text;
    const char* complaint;
};

// Each line of the file is wrong in one way.
const Complaint unknown[] = {
    {"[offline]\nmax_mesages = 1\n",
     "sarangd.toml:2: unknown key \"max_mesages\" in [offline]; did you mean \"max_messages\"?\n"},
    {"dta = \"x\"\n", "sarangd.toml:1: unknown key \"dta\" at the top; did you mean \"data\"?\n"},
    {"[offline]\nzzzzzzzz = 1\n", "sarangd.toml:2: unknown key \"zzzzzzzz\" in [offline]\n"},
    {"\n[ofline]\nmax_messages = 1\n",
     "sarangd.toml:2: unknown table [ofline]; did you mean [offline]?\n"},
    {"[frobnicate]\n", "sarangd.toml:1: unknown table [frobnicate]\n"},
    {"[c2s]\nmax_messages = 1\n",
     "sarangd.toml:2: unknown key \"max_messages\" in [c2s]; it belongs in [offline]\n"},
    {"[c2s]\ndata = \"x\"\n",
     "sarangd.toml:2: unknown key \"data\" in [c2s]; it belongs at the top, above all tables\n"},
    {"certificate = \"x\"\n",
     "sarangd.toml:1: unknown key \"certificate\" at the top; it belongs in [host.\"…\"]\n"},
    {"offline = 3\n", "sarangd.toml:1: \"offline\" is a table: write [offline]\n"},
    {"[[offline]]\nmax_messages = 1\n",
     "sarangd.toml:1: \"offline\" is a table: write [offline]\n"},
    {"[host.\"a\"]\ncertificat = \"x\"\n",
     "sarangd.toml:2: unknown key \"certificat\" in [host.\"a\"]; did you mean "
     "\"certificate\"?\n"},
    {"[host.\"a\".ofline]\n",
     "sarangd.toml:1: unknown table [host.\"a\".ofline]; did you mean "
     "[host.\"a\".offline]?\n"},
    {"[host.\"a\".offline]\nmax = 1\n",
     "sarangd.toml:2: unknown key \"max\" in [host.\"a\".offline]\n"},
    {"[host.\"a\".c2s]\ntls = true\n",
     "sarangd.toml:1: [host.\"a\".c2s]: [c2s] is the server's, a host cannot change it\n"},
    {"[host.\"a\".host]\ncertificate = \"x\"\n",
     "sarangd.toml:1: unknown table [host.\"a\".host.host]\n"},
    {"[host]\ncertificate = \"x\"\n",
     "sarangd.toml:2: [host] holds only hosts: write [host.\"example.org\"] above "
     "\"certificate\"\n"},
};

BOOST_AUTO_TEST_CASE(what_nobody_declared_is_told_with_its_line_and_the_nearest_known_name)
{
    for (const Complaint& one : unknown) {
        BOOST_TEST(complaints(one.text) == one.complaint);
    }
}

const Complaint values[] = {
    {"[offline]\nmax_messages = 1000000\n",
     "sarangd.toml:2: offline.max_messages: 1000000 is more than 100000\n"},
    {"[offline]\nmax_messages = -1\n", "sarangd.toml:2: offline.max_messages: -1 is less than 0\n"},
    {"[offline]\nmax_messages = \"many\"\n",
     "sarangd.toml:2: offline.max_messages: \"many\" is a string, not an integer\n"},
    {"[offline]\nmax_messages = 1.5\n",
     "sarangd.toml:2: offline.max_messages: this is a fraction, not an integer\n"},
    {"[offline]\nmax_messages = 2026-01-01\n",
     "sarangd.toml:2: offline.max_messages: this is a date or a time, not an integer\n"},
    {"[offline.max_messages]\n", "sarangd.toml:1: unknown table [offline.max_messages]\n"},
    {"[host.\"a\".offline]\nmax_messages = true\n",
     "sarangd.toml:2: host.\"a\".offline.max_messages: true is a boolean, not an integer\n"},
    {"[offline]\ndeliver = \"later\"\n",
     "sarangd.toml:2: offline.deliver: \"later\" is none of \"durable\", \"at_once\"\n"},
    {"[offline]\ndeliver = 1\n",
     "sarangd.toml:2: offline.deliver: 1 is an integer, not a string\n"},
    {"[c2s]\nidle = 30\n",
     "sarangd.toml:2: c2s.idle: 30 has no unit; write \"30s\", \"30m\" or the like\n"},
    {"[c2s]\nidle = \"5x\"\n",
     "sarangd.toml:2: c2s.idle: \"5x\" is no duration; \"500ms\", \"30s\", \"5m\", \"2h\" and "
     "\"10d\" are\n"},
    {"[c2s]\nidle = \"2d\"\n", "sarangd.toml:2: c2s.idle: 2d is more than 1d\n"},
    {"[c2s]\nidle = true\n",
     "sarangd.toml:2: c2s.idle: true is a boolean, not a duration such as \"30s\"\n"},
    {"[c2s]\nstanza = \"5KB\"\n",
     "sarangd.toml:2: c2s.stanza: \"5KB\" is no size; 10240, \"512KiB\", \"10MiB\" and \"1GiB\" "
     "are\n"},
    {"[c2s]\nstanza = 1023\n", "sarangd.toml:2: c2s.stanza: 1023 is less than 1KiB\n"},
    {"[c2s]\nstanza = [\"1\"]\n",
     "sarangd.toml:2: c2s.stanza: this is a list of strings, not a size such as \"512KiB\"\n"},
    {"[c2s]\nlisten = [5222]\n",
     "sarangd.toml:2: c2s.listen: this is a list with more in it than strings, not a list of "
     "strings\n"},
    {"[c2s]\nlisten = \"::\"\n",
     "sarangd.toml:2: c2s.listen: \"::\" is a string, not a list of strings\n"},
    {"[c2s]\ntls = \"yes\"\n", "sarangd.toml:2: c2s.tls: \"yes\" is a string, not true or false\n"},
    {"data = 1\n", "sarangd.toml:1: data: 1 is an integer, not a string\n"},
};

BOOST_AUTO_TEST_CASE(a_value_of_the_wrong_kind_or_out_of_bounds_is_told_with_what_was_wanted)
{
    for (const Complaint& one : values) {
        BOOST_TEST(complaints(one.text) == one.complaint);
    }
}

BOOST_AUTO_TEST_CASE(all_that_is_wrong_is_told_at_once_in_the_order_of_the_lines)
{
    BOOST_TEST(
        complaints("shard = 1\n"
                   "[offline]\n"
                   "max_messages = -1\n"
                   "[ofline]\n"
                   "[c2s]\n"
                   "tls = 1\n") ==
        "sarangd.toml:1: unknown key \"shard\" at the top\n"
        "sarangd.toml:3: offline.max_messages: -1 is less than 0\n"
        "sarangd.toml:4: unknown table [ofline]; did you mean [offline]?\n"
        "sarangd.toml:6: c2s.tls: 1 is an integer, not true or false\n");
}

BOOST_AUTO_TEST_CASE(a_table_may_stand_above_others_that_are_known)
{
    Schema schema;
    Options inner{schema, config_of(""), "store.maria"};
    const auto url = inner.string("url", "", "where");
    BOOST_TEST(schema.check(*config_of("[store.maria]\nurl = \"x\"\n")).empty());
}

BOOST_AUTO_TEST_CASE(a_module_s_table_stays_known_after_its_unload)
{
    Schema schema;
    {
        Options gone{schema, config_of(""), "gone", "a"};
        const auto number = gone.integer("number", 1, {}, "a number");
    }
    BOOST_TEST(schema.check(*config_of("[gone]\nnumber = 2\n")).empty());
    BOOST_TEST(schema.check(*config_of("[gone]\nnumber = -2\n")).size() == 1);
}

BOOST_AUTO_TEST_CASE(a_new_declaration_takes_the_place_of_an_older_one)
{
    Schema schema;
    Options options{schema, config_of("[a]\nb = 7\n"), "a"};
    {
        const auto number = options.integer("b", 1, {0, 5}, "a number");
        BOOST_TEST(*number == 1);
    }
    const auto number = options.integer("b", 1, {0, 10}, "a number");
    BOOST_TEST(*number == 7);
    BOOST_TEST(schema.specs().size() == 1);
    BOOST_TEST(schema.check(options.config()).empty());
}

BOOST_AUTO_TEST_CASE(the_schema_is_told_as_one_line_an_option)
{
    Schema schema;
    declare_sample(schema);
    BOOST_TEST(
        schema.str() == "data\tstring\t/var/lib/sarang\t-\trestart\tfolder\n"
                        "c2s.idle\tduration\t5m\t1s..1d\tlive\tsilence\n"
                        "c2s.listen\tlist\t[::]:5222\t-\trestart\taddresses\n"
                        "c2s.stanza\tsize\t512KiB\t1KiB..1MiB\tlive\tlargest\n"
                        "c2s.tls\tboolean\ttrue\t-\tnew connections\twhether\n"
                        "host.certificate\tstring\t-\t-\tlive\tfile\n"
                        "offline.deliver\tchoice\tdurable\tdurable, at_once\tlive\twhen\n"
                        "offline.max_messages\tinteger\t100\t0..100000\tlive\tmessages kept\n");
}

BOOST_AUTO_TEST_CASE(bounds_are_told_only_where_there_are_some)
{
    Schema schema;
    Options options{schema, config_of(""), "a"};
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    BOOST_TEST(options.integer("any", 0, {lowest}, "").spec().bounds() == "-");
    BOOST_TEST(options.integer("least", 0, {1}, "").spec().bounds() == "1..");
    BOOST_TEST(options.integer("most", 0, {lowest, 9}, "").spec().bounds() == "..9");
    BOOST_TEST(options.duration("time", {}, {}, "").spec().bounds() == "-");
    BOOST_TEST(options.size("size", 0, {}, "").spec().bounds() == "-");
    BOOST_TEST(options.size("some", 0, {0, 1024}, "").spec().bounds() == "0..1KiB");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace sarang
