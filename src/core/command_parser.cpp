// SPDX-License-Identifier: Apache-2.0
#include "core/command_parser.h"

#include "core/nearest.h"

#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

namespace sarang {

Result<void> CommandParser::parse(const std::vector<std::string>& words)
{
    bool options_end = false;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string& word = words[at];
        if (!options_end && word == "--") {
            options_end = true;
            continue;
        }
        const bool is_option = !options_end && word.starts_with("--");
        if (Result<void> taken = is_option ? option(words, at) : positional(word); !taken) {
            return taken;
        }
    }
    return complete();
}

Result<void> CommandParser::option(const std::vector<std::string>& words, std::size_t& at)
{
    const std::string_view word = words[at];
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(2, equals == word.npos ? word.npos : equals - 2);
    const Parameter* parameter = spec_.find(name);
    if (parameter == nullptr || parameter->place != Parameter::Place::option) {
        std::vector<std::string> known;
        for (const Parameter& one : spec_.parameters) {
            if (one.place == Parameter::Place::option) {
                known.push_back(one.name);
            }
        }
        const std::string meant = nearest(name, known);
        return usage(fmt::format(
            "unknown option {}{}",
            in_quotes(word),
            meant.empty() ? meant : fmt::format("; did you mean --{}?", meant)));
    }
    if (parameter->kind == Parameter::Kind::flag) {
        return equals == word.npos ? take(*parameter, {})
                                   : usage(fmt::format("--{} takes no value", name));
    }
    if (equals != word.npos) {
        return take(*parameter, std::string{word.substr(equals + 1)});
    }
    if (++at == words.size()) {
        return usage(fmt::format("--{} needs a value", name));
    }
    return take(*parameter, words[at]);
}

Result<void> CommandParser::positional(const std::string& word)
{
    const Parameter* parameter = next_positional();
    if (parameter == nullptr) {
        return usage(fmt::format("{} is one argument too many", in_quotes(word)));
    }
    return take(*parameter, word);
}

const Parameter* CommandParser::next_positional()
{
    for (const Parameter& parameter : spec_.parameters) {
        if (parameter.place == Parameter::Place::rest) {
            return &parameter;
        }
        if (parameter.place != Parameter::Place::option && !call_.has(parameter.name)) {
            return &parameter;
        }
    }
    return nullptr;
}

Result<void> CommandParser::take(const Parameter& parameter, const std::string& word)
{
    CommandCall::Argument& argument = call_.arguments_[parameter.name];
    if (!argument.texts.empty() && parameter.place == Parameter::Place::option) {
        return usage(fmt::format("--{} is given twice", parameter.name));
    }
    argument.texts.push_back(word);
    if (Result<void> converted = convert(parameter, argument); !converted) {
        return converted;
    }
    if (parameter.kind == Parameter::Kind::input) {
        call_.input_ = word;
    }
    return {};
}

Result<void>
CommandParser::convert(const Parameter& parameter, CommandCall::Argument& argument) const
{
    std::string& text = argument.texts.back();
    switch (parameter.kind) {
    case Parameter::Kind::jid:
    case Parameter::Kind::host: {
        Result<Jid> jid = Jid::parse(text);
        if (!jid) {
            return usage(fmt::format("{} is no address", in_quotes(text)));
        }
        if (parameter.kind == Parameter::Kind::host && !jid->is_domain()) {
            return usage(fmt::format("{} is no host: only a domain is", in_quotes(text)));
        }
        argument.jid = std::move(jid).value();
        text = argument.jid.str();
        return {};
    }
    case Parameter::Kind::integer: {
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, argument.integer);
        if (error != std::errc{} || stop != end) {
            return usage(fmt::format("{} is no number", in_quotes(text)));
        }
        return {};
    }
    case Parameter::Kind::path:
        if (text.empty()) {
            return usage("an empty path names no file");
        }
        text = (std::filesystem::path{folder_} / text).lexically_normal().string();
        return {};
    case Parameter::Kind::string:
    case Parameter::Kind::input:
    case Parameter::Kind::flag:
        break;
    }
    return {};
}

Result<void> CommandParser::complete() const
{
    for (const Parameter& parameter : spec_.parameters) {
        if (parameter.place == Parameter::Place::required && !call_.has(parameter.name)) {
            return usage(fmt::format("{} is missing", parameter.name));
        }
    }
    return {};
}

Failure CommandParser::usage(std::string what) const
{
    return fail(
        Condition::bad_request,
        fmt::format("{}: {}\nusage: sarangctl {}", spec_.words, what, spec_.usage()));
}

} // namespace sarang
