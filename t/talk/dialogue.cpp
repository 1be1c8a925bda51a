// SPDX-License-Identifier: Apache-2.0
#include "dialogue.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace sarang {
namespace {

struct Phrase {
    std::string_view words; ///< behind the name; what ends in a blank takes one more word
    Deed deed;
    bool block; ///< XML follows, indented
};

constexpr std::array phrases{
    Phrase{"connects", Deed::connect, false},
    Phrase{"disconnects", Deed::disconnect, false},
    Phrase{"is cut off", Deed::be_cut_off, false},
    Phrase{"is dismissed with ", Deed::be_dismissed, false},
    Phrase{"sends:", Deed::send, true},
    Phrase{"receives:", Deed::receive, true},
    Phrase{"receives in any order:", Deed::receive_in_any_order, true},
    Phrase{"receives nothing", Deed::receive_nothing, false},
    Phrase{"ignores ", Deed::ignore, false},
    Phrase{"opens ", Deed::open_room, true},
    Phrase{"enters ", Deed::enter_room, true},
};

std::string trimmed(const std::string& text)
{
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

class Reader {
public:
    explicit Reader(const std::string& path)
        : file_{path}
    {
        dialogue_.path = path;
        if (!file_) {
            throw TalkFailure{0, "cannot be read"};
        }
    }

    Dialogue read()
    {
        for (std::string line; std::getline(file_, line);) {
            ++line_;
            if (in_block_ && (line.empty() || line.front() == ' ')) {
                dialogue_.steps.back().text += line + '\n';
                continue;
            }
            in_block_ = false;
            if (line.starts_with("#")) {
                comment(line.substr(1));
            } else if (line.starts_with("[")) {
                part(line);
            } else if (!trimmed(line).empty()) {
                step(trimmed(line));
            }
        }
        if (dialogue_.title.empty() || dialogue_.steps.empty()) {
            throw TalkFailure{line_, "there is no title, or nothing is said"};
        }
        return std::move(dialogue_);
    }

private:
    // The first comment that is not the licence is the title.
    void comment(const std::string& text)
    {
        if (dialogue_.title.empty() && text.find("SPDX-") == std::string::npos) {
            dialogue_.title = trimmed(text);
        }
    }

    void part(const std::string& line)
    {
        const std::size_t end = line.find("] ");
        const std::size_t password = line.find_last_of(' ');
        if (end == std::string::npos || password <= end + 1) {
            throw TalkFailure{line_, "expected: [name] account@host/resource password"};
        }
        const std::string address = trimmed(line.substr(end + 2, password - end - 2));
        const std::size_t slash = std::min(address.find('/'), address.size());
        Part part;
        part.name = line.substr(1, end - 1);
        part.account = address.substr(0, slash);
        part.resource = slash < address.size() ? address.substr(slash + 1) : "";
        part.password = line.substr(password + 1);
        dialogue_.cast.push_back(std::move(part));
    }

    void step(const std::string& line)
    {
        const std::size_t blank = std::min(line.find(' '), line.size());
        const std::string who = line.substr(0, blank);
        const std::string rest = trimmed(line.substr(blank));
        require(who);
        if (rest == "comes online") {
            come_online(who);
            return;
        }
        if (rest.starts_with("and ") && rest.ends_with(" are contacts")) {
            const std::string other = rest.substr(4, rest.size() - 4 - 13);
            require(other);
            add(Deed::befriend, who, other);
            return;
        }
        for (const Phrase& phrase : phrases) {
            const bool takes_word = phrase.words.ends_with(' ');
            if (takes_word ? rest.starts_with(phrase.words) : rest == phrase.words) {
                const std::string_view end_of_word = takes_word && phrase.block ? "\n" : "";
                add(phrase.deed, who, rest.substr(phrase.words.size()).append(end_of_word));
                in_block_ = phrase.block;
                return;
            }
        }
        throw TalkFailure{line_, "nobody knows how one \"" + rest + '"'};
    }

    // RFC 6121 §4.2.2: the server sends a client its own presence too.
    void come_online(const std::string& who)
    {
        add(Deed::connect, who, {});
        add(Deed::send, who, "<presence/>");
        add(Deed::receive, who, "<presence from='{" + who + "}'/>");
    }

    void add(Deed deed, const std::string& who, const std::string& text)
    {
        dialogue_.steps.push_back({line_, deed, who, text});
    }

    void require(const std::string& name) const
    {
        const auto& cast = dialogue_.cast;
        if (std::none_of(
                cast.begin(), cast.end(), [&](const Part& part) { return part.name == name; })) {
            throw TalkFailure{line_, '"' + name + "\" is none of those who take part"};
        }
    }

    std::ifstream file_;
    Dialogue dialogue_;
    std::size_t line_ = 0;
    bool in_block_ = false;
};

} // namespace

Dialogue Dialogue::read(const std::string& path)
{
    return Reader{path}.read();
}

} // namespace sarang
