// SPDX-License-Identifier: Apache-2.0
#include "store/lmdb/code.h"

#include <lmdb.h>

#include <cerrno>

namespace sarang::lmdb {

std::string code_text(int code, std::string_view deed)
{
    std::string text{deed};
    text += ": ";
    text += mdb_strerror(code);
    return text;
}

bool out_of_room(int code)
{
    switch (code) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case MDB_READERS_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM:
        return true;
    default:
        return false;
    }
}

bool is_damage(int code)
{
    switch (code) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
        return true;
    default:
        return false;
    }
}

Error code_error(int code, std::string_view deed)
{
    Error error;
    error.condition =
        out_of_room(code) ? Condition::resource_constraint : Condition::internal_server_error;
    error.cause = code_text(code, deed);
    return error;
}

Failure code_failure(int code, std::string_view deed)
{
    return fail(code_error(code, deed));
}

} // namespace sarang::lmdb
