// SPDX-License-Identifier: Apache-2.0
#include "xml/jid_list.h"

#include <utility>

namespace sarang {

void write_jids(BytesWriter& out, const std::vector<Jid>& list)
{
    out.varint(list.size());
    for (const Jid& jid : list) {
        out.string(jid.str());
    }
}

bool read_jids(BytesReader& in, std::vector<Jid>& list)
{
    for (std::size_t left = in.count(); left > 0; --left) {
        Result<Jid> jid = Jid::parse(in.string());
        if (!jid) {
            return false;
        }
        list.push_back(std::move(*jid));
    }
    return in.ok();
}

} // namespace sarang
