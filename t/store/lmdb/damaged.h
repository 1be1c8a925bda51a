// SPDX-License-Identifier: Apache-2.0
// Archives whose rows are damaged on the disk, and ways to look at what is left of them.
#pragma once

#include "store/archive_store.h"
#include "store/lmdb/owners.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../archives.h"
#include "changed.h"

namespace sarang {

using Damaged = Archives<ChangedBackend>;

inline const std::string juliet = "juliet@capulet.example";
inline const std::string nurse = "nurse@capulet.example";
inline const std::string romeo = "romeo@montague.example";

/// Has a deed done to the rows of a table that are an owner's, between two runs.
template <class Deed>
void change_rows(Damaged& kept, const std::string& owner, lmdb::Table table, Deed deed)
{
    ChangedBackend::before_open = [&](lmdb::WriteTransaction& transaction) {
        const auto id = lmdb::find_owner(transaction, owner);
        BOOST_TEST_REQUIRE(id.has_value());
        const auto rows = keys(transaction, table, lmdb::Key{*id});
        BOOST_TEST_REQUIRE(!rows.empty());
        deed(transaction, rows);
    };
    kept.reopen();
}

/// Damages that one.
inline void damage(Damaged& kept, const std::string& owner, lmdb::Table table, std::size_t number)
{
    change_rows(kept, owner, table, [table, number](auto& transaction, const auto& rows) {
        BOOST_TEST_REQUIRE(number < rows.size());
        transaction.put(table, rows[number], "damaged");
    });
}

inline std::string noise(std::size_t size, unsigned seed)
{
    std::mt19937 random{seed};
    std::string text(size, ' ');
    for (char& c : text) {
        c = static_cast<char>('!' + random() % 90);
    }
    return text;
}

/// Enough of them for a few blocks and chunks, with two parties.
inline void append(Damaged& kept, const std::string& owner, unsigned first, unsigned count)
{
    std::vector<Draft> drafts;
    for (unsigned i = first; i < first + count; ++i) {
        Draft one{owner};
        one.with = i % 2 == 0 ? romeo : "tybalt@capulet.example";
        one.message_id = "m" + std::to_string(i);
        one.refers_to = i % 5 == 0 ? "m" + std::to_string(i / 2) : "";
        one.role = EntryRole::received;
        one.stanza = std::to_string(i) + ' ' + noise(200, i);
        drafts.push_back(one);
    }
    kept.append(drafts);
}

inline std::vector<std::string> numbers(const std::vector<ArchiveEntry>& entries)
{
    std::vector<std::string> numbers;
    for (const ArchiveEntry& entry : entries) {
        numbers.push_back(entry.stanza.substr(0, entry.stanza.find(' ')));
    }
    return numbers;
}

inline ArchiveQuery query(const std::string& owner, const std::string& with = {})
{
    ArchiveQuery query;
    query.owner = owner;
    query.with = with;
    query.limit = 70;
    return query;
}

/// The same backwards, page by page.
inline std::vector<ArchiveEntry> backwards(Damaged& kept, ArchiveQuery query)
{
    query.backwards = true;
    std::vector<ArchiveEntry> all;
    for (bool complete = false; !complete;) {
        const ArchivePage page = kept.page(query);
        all.insert(all.begin(), page.entries.begin(), page.entries.end());
        complete = page.complete;
        query.before = page.through;
    }
    return all;
}

inline std::vector<std::string> faults(Damaged& kept, const std::string& owner)
{
    std::vector<std::string> faults;
    ArchiveCheck found;
    do {
        found = kept.get(owner, kept.archive().check(owner, found.through));
        faults.insert(faults.end(), found.faults.begin(), found.faults.end());
    } while (!found.complete);
    return faults;
}

inline bool tells(const std::vector<std::string>& faults, const std::string& words)
{
    return std::ranges::any_of(faults, [&words](const std::string& fault) {
        return fault.find(words) != std::string::npos;
    });
}

inline std::uint64_t expire(Damaged& kept, Clock::Wall before)
{
    std::uint64_t removed = 0;
    for (std::uint64_t step = 1; step > 0; removed += step) {
        step = kept.get(juliet, kept.archive().expire("capulet.example", before));
    }
    return removed;
}

/// Of juliet's and of the nurse's, in blocks, an hour later.
inline void prepare(Damaged& kept)
{
    for (const std::string& owner : {juliet, nurse}) {
        append(kept, owner, 0, 400);
        kept.fold(owner);
        BOOST_TEST(faults(kept, owner).empty());
    }
    kept.time().advance(std::chrono::hours{1});
}

inline void expect_whole(Damaged& kept, const std::string& owner)
{
    BOOST_TEST(kept.all(query(owner)).size() == 400U);
    BOOST_TEST(kept.all(query(owner, romeo)).size() == 200U);
    BOOST_TEST(faults(kept, owner).empty());
}

} // namespace sarang
