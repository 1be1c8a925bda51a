// SPDX-License-Identifier: Apache-2.0
// Opening the search index. It can be made anew at any time, so what is wrong with it stops nobody:
// a damaged one, or one of another format, is put aside, and an empty one takes its place.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "store/lmdb/environment.h"
#include "store/lmdb/storage.h"

#include <string>

namespace sarang::lmdb {

/// Where the index of a database is, what tells that it is damaged, and where it is put then.
SARANG_API std::string search_directory(const LmdbOptions& options);
SARANG_API std::string search_damage_mark(const LmdbOptions& options);
SARANG_API std::string search_aside(const LmdbOptions& options);

struct SearchEnvironment {
    Environment::Ptr environment;
    bool anew = false; ///< there was one, and it was put aside
};

/// `options`: of the database. Requires that its directory is ours.
Result<SearchEnvironment> open_search(const LmdbOptions& options);

} // namespace sarang::lmdb
