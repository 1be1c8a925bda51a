// SPDX-License-Identifier: Apache-2.0

#include "pages.h"

#include <stdexcept>

#include "probe.h"

namespace sarang::bench {
namespace {

constexpr Nanoseconds page_limit = 60 * per_second;

} // namespace

Pages::Pages(Crowd& crowd, Session& session, pid_t server)
    : crowd_{crowd}
    , session_{session}
    , server_{server}
{
    crowd.listen(*this);
}

Pages::Outcome
Pages::fetch(std::string_view form, std::string_view set, unsigned size, unsigned times)
{
    std::string request = "<iq type='set' id='page'><query xmlns='urn:xmpp:mam:2' queryid='q'>";
    request.append(form);
    request.append("<set xmlns='http://jabber.org/protocol/rsm'><max>");
    request.append(std::to_string(size)).append("</max>").append(set);
    request.append("</set></query></iq>");

    const Nanoseconds cpu = cpu_time(server_);
    const Nanoseconds start = now();
    for (unsigned time = 1; time <= times; ++time) {
        entries_ = 0;
        answers_ = 0;
        session_.send(request);
        const Nanoseconds until = now() + page_limit;
        while (answers_ == 0) {
            if (now() >= until) {
                throw std::runtime_error("a page never came");
            }
            crowd_.turn(until);
        }
        if (entries_ != size) {
            throw std::runtime_error("a page has " + std::to_string(entries_) + " entries");
        }
    }
    Outcome outcome;
    outcome.cpu_ms = static_cast<double>(cpu_time(server_) - cpu) / 1e6 / times;
    outcome.ms = static_cast<double>(now() - start) / 1e6 / times;
    return outcome;
}

void Pages::message(const Session&, std::string_view stanza)
{
    if (stanza.find("<result") == std::string_view::npos) {
        throw std::runtime_error("no entry of a page: " + std::string{stanza});
    }
    ++entries_;
}

void Pages::answer(const Session&, std::string_view stanza)
{
    if (stanza.find("<fin") == std::string_view::npos) {
        throw std::runtime_error("no end of a page: " + std::string{stanza});
    }
    ++answers_;
}

} // namespace sarang::bench
