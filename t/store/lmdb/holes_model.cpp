// SPDX-License-Identifier: Apache-2.0
// Random deeds, done to an environment and to a model of it in memory, while its free pages are
// punched out: what anybody can see, now or after a crash, is what the model has.
#include "store/lmdb/environment.h"
#include "store/lmdb/group.h"
#include "store/lmdb/holes.h"
#include "store/lmdb/reader.h"
#include "store/lmdb/transaction.h"

#include <boost/test/unit_test.hpp>
#include <lmdb.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "../files.h"
#include "../temporary.h"
#include "holed.h"
#include "rows.h"

namespace sarang::lmdb {
namespace {

using Values = std::map<std::uint64_t, std::string>;

constexpr std::size_t page_size = 4096;
constexpr std::size_t transaction_at = 144; // in a root, its number

Values values_of(ReadTransaction& transaction)
{
    Values values;
    Cursor cursor{transaction, Table::values, Key{}};
    while (cursor.next()) {
        values.emplace(BytesReader{cursor.key()}.u64(), cursor.value());
    }
    BOOST_TEST_REQUIRE(transaction.code() == 0);
    return values;
}

Values values_of(const Environment& environment)
{
    Values values;
    auto work = [&values](ReadTransaction& transaction) -> Result<void> {
        values = values_of(transaction);
        return {};
    };
    Reader once{environment};
    BOOST_TEST_REQUIRE(once.read(work).has_value());
    return values;
}

/// Somebody who began to read at some time, and what there was then.
class LongReader {
public:
    LongReader(const Environment& environment, Values expected)
        : environment_{environment}
        , env_{environment.share()}
        , expected_{std::move(expected)}
    {
        MDB_txn* begun = nullptr;
        BOOST_TEST_REQUIRE(mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &begun) == 0);
        handle_.reset(begun);
    }

    void check()
    {
        ReadTransaction transaction{environment_, handle_.get()};
        BOOST_TEST_REQUIRE((values_of(transaction) == expected_));
    }

private:
    const Environment& environment_;
    std::shared_ptr<MDB_env> env_;
    Owned<MDB_txn, mdb_txn_abort> handle_;
    Values expected_;
};

class HoleModel {
public:
    explicit HoleModel(unsigned seed)
        : random_{seed}
    {
        open();
    }

    void step()
    {
        switch (below(16)) {
        case 0:
        case 1:
        case 2:
            return commit([this](WriteTransaction& transaction) { put_some(transaction, 40); });
        case 3:
        case 4:
        case 5:
            return commit([this](WriteTransaction& transaction) { erase_some(transaction, 60); });
        case 6:
            return commit([this](WriteTransaction& transaction) { expire(transaction); });
        case 7:
            return give_up_a_transaction();
        case 8:
        case 9:
        case 10:
            return punch(place_, HoleBounds{1 + below(40), std::chrono::milliseconds{0}});
        case 11:
            return punch_all();
        case 12:
            readers_.push_back(std::make_unique<LongReader>(*environment_, now_));
            return;
        case 13:
            return end_a_reader();
        case 14:
            return crash();
        default:
            return check();
        }
    }

    void check()
    {
        BOOST_TEST_REQUIRE((values_of(*environment_) == now_));
        for (const auto& reader : readers_) {
            reader->check();
        }
    }

    std::uint64_t given_back() const { return given_back_; }

    /// How often a crash left the root before the last one.
    unsigned older_roots() const { return older_roots_; }

private:
    std::size_t below(std::size_t bound) { return random_() % bound; }

    void open()
    {
        auto opened = Environment::open(small_options(directory_.path()));
        BOOST_TEST_REQUIRE(opened.has_value());
        environment_ = *opened;
        place_ = {};
    }

    template <class Deed>
    void commit(Deed deed)
    {
        const Values before = now_;
        const auto work = [&deed, this](WriteTransaction& transaction) {
            deed(transaction);
            put(transaction, 0); // there is always something to commit
        };
        BOOST_TEST_REQUIRE(commit_deed(*environment_, work) == 0);
        before_ = before;
    }

    void put(WriteTransaction& transaction, std::uint64_t number)
    {
        const std::size_t size = below(4) == 0 ? below(40'000) : below(900);
        std::string value(size, static_cast<char>('a' + below(26)));
        value += std::to_string(below(1'000'000));
        transaction.put(Table::values, Key{number}, value);
        now_[number] = std::move(value);
    }

    void put_some(WriteTransaction& transaction, std::size_t most)
    {
        for (std::size_t i = below(most); i > 0; --i) {
            put(transaction, next_number_++);
        }
    }

    void erase_some(WriteTransaction& transaction, std::size_t most)
    {
        for (std::size_t i = std::min(below(most), now_.size()); i > 0; --i) {
            const auto found =
                std::next(now_.begin(), static_cast<std::ptrdiff_t>(below(now_.size())));
            BOOST_TEST_REQUIRE(transaction.erase(Table::values, Key{found->first}));
            now_.erase(found);
        }
    }

    void expire(WriteTransaction& transaction)
    {
        const std::size_t count = now_.size() / (1 + below(3));
        for (std::size_t i = 0; i < count; ++i) {
            BOOST_TEST_REQUIRE(transaction.erase(Table::values, Key{now_.begin()->first}));
            now_.erase(now_.begin());
        }
    }

    // What it wrote is not seen, but may have taken pages.
    void give_up_a_transaction()
    {
        const Values before = now_;
        MDB_txn* begun = nullptr;
        BOOST_TEST_REQUIRE(mdb_txn_begin(environment_->handle(), nullptr, 0, &begun) == 0);
        WriteTransaction transaction{*environment_, begun};
        erase_some(transaction, 20);
        put_some(transaction, 60);
        mdb_txn_abort(begun);
        now_ = before;
    }

    void punch(const FreePlace& from, const HoleBounds& bounds)
    {
        const auto step = punch_some(*environment_, from, bounds);
        BOOST_TEST_REQUIRE(step.has_value(), (step ? std::string{} : step.error().cause));
        given_back_ += step->bytes;
        place_ = step->complete ? FreePlace{} : step->next;
    }

    void punch_all()
    {
        place_ = {};
        do {
            punch(place_, HoleBounds{});
        } while (place_.transaction != 0);
    }

    void end_a_reader()
    {
        if (!readers_.empty()) {
            const auto which =
                readers_.begin() + static_cast<std::ptrdiff_t>(below(readers_.size()));
            (*which)->check();
            readers_.erase(which);
        }
    }

    // All go; what is on the disk is found again, and so it is where the last root was lost.
    void crash()
    {
        readers_.clear();
        environment_.reset();
        check_older_root();
        open();
        check();
    }

    void check_older_root()
    {
        std::string bytes = read(directory_ / "data.mdb");
        BOOST_TEST_REQUIRE(bytes.size() > 2 * page_size);
        std::uint64_t first = 0;
        std::uint64_t second = 0;
        std::memcpy(&first, &bytes[transaction_at], sizeof first);
        std::memcpy(&second, &bytes[page_size + transaction_at], sizeof second);
        const std::size_t older = first < second ? 0 : page_size;
        bytes.replace(page_size - older, page_size, bytes.substr(older, page_size));
        const TemporaryDirectory aside;
        write(aside / "data.mdb", bytes);
        const auto opened = Environment::open(small_options(aside.path()));
        BOOST_TEST_REQUIRE(opened.has_value());
        if (before_) {
            BOOST_TEST_REQUIRE((values_of(**opened) == *before_));
            ++older_roots_;
        }
    }

    std::mt19937 random_;
    TemporaryDirectory directory_;
    Environment::Ptr environment_;
    std::vector<std::unique_ptr<LongReader>> readers_;
    FreePlace place_;
    Values now_;
    std::optional<Values> before_; ///< the last commit
    std::uint64_t next_number_ = 1;
    std::uint64_t given_back_ = 0;
    unsigned older_roots_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(lmdb_holes_model)

BOOST_AUTO_TEST_CASE(
    whoever_reads_sees_what_was_written, *boost::unit_test::precondition(has_holes))
{
    std::uint64_t given_back = 0;
    unsigned older_roots = 0;
    for (unsigned seed = 1; seed <= 8; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            HoleModel model{seed};
            for (int i = 0; i < 300; ++i) {
                BOOST_TEST_CONTEXT("step " << i)
                {
                    model.step();
                }
            }
            model.check();
            given_back += model.given_back();
            older_roots += model.older_roots();
        }
    }
    BOOST_TEST(given_back > 10'000'000U);
    BOOST_TEST(older_roots > 50U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang::lmdb
