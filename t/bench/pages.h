// SPDX-License-Identifier: Apache-2.0
// Pages of a personal archive (XEP-0313), fetched one after the other by one session.

#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

#include "crowd.h"

namespace sarang::bench {

class Pages final : public MessageListener {
public:
    struct Outcome {
        double cpu_ms = 0; // of the server, a page
        double ms = 0;     // a page
    };

    // The session's archive is asked; it has to be logged in.
    Pages(Crowd& crowd, Session& session, pid_t server);

    // Fetches the same page `times` times. `form` stands in the query, `set` in its
    // <set/>, beside the limit. Throws unless each page has `size` entries.
    Outcome fetch(std::string_view form, std::string_view set, unsigned size, unsigned times);

    void message(const Session& session, std::string_view stanza) override;
    void answer(const Session& session, std::string_view stanza) override;

private:
    Crowd& crowd_;
    Session& session_;
    pid_t server_;
    unsigned entries_ = 0;
    unsigned answers_ = 0;
};

} // namespace sarang::bench
