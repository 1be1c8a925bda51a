// SPDX-License-Identifier: Apache-2.0
// A module for tests: watches over what is said in rooms, and tells the log all that it is told.
// The word "hag" becomes "***"; what names "treason" is refused, and "silence" is dropped.
#include "core/module.h"
#include "core/utterance.h"

#include <algorithm>
#include <string>

namespace sarang {

class Censor final : public Module {
public:
    explicit Censor(Host& host)
        : Module{host}
    {
        on(hooks().said_in_room, &Censor::hear, priority::screen);
    }

private:
    static const char* name(Utterance::Kind kind)
    {
        switch (kind) {
        case Utterance::Kind::message:
            return "message";
        case Utterance::Kind::subject:
            return "subject";
        case Utterance::Kind::private_message:
            return "private";
        default:
            return "nickname";
        }
    }

    static bool names(const Utterance& what, std::string_view word)
    {
        return what.wanted.find(word) != std::string_view::npos ||
               std::ranges::any_of(what.texts, [word](const SpokenText& one) {
                   return one.text.find(word) != std::string::npos;
               });
    }

    Verdict hear(Utterance& what)
    {
        log().info(
            "heard {} {} {} {} '{}' {} {} '{}'",
            name(what.kind),
            what.room.str(),
            what.session.str(),
            what.affiliation,
            what.nick,
            what.encrypted ? "encrypted" : "plain",
            what.texts.size(),
            what.wanted);
        if (names(what, "treason")) {
            return Verdict::bounce(
                Error{Condition::policy_violation, "Not in this room", {}, ErrorType::modify});
        }
        if (names(what, "silence")) {
            return Verdict::done();
        }
        for (SpokenText& one : what.texts) {
            replace_all(one.text);
        }
        return Verdict::pass();
    }

    static void replace_all(std::string& text)
    {
        for (std::size_t at = text.find("hag"); at != std::string::npos;
             at = text.find("hag", at)) {
            text.replace(at, 3, "***");
        }
    }
};

} // namespace sarang

SARANG_MODULE(sarang::Censor)
