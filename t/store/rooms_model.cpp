// SPDX-License-Identifier: Apache-2.0
// Random changes, after which a store and the fake one tell the same.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "../fake/room_store.h"
#include "backends.h"

namespace sarang {
namespace {

constexpr unsigned hosts = 2;
constexpr unsigned rooms_each = 6;
constexpr unsigned accounts = 8;

std::string host(unsigned number)
{
    return "chat" + std::to_string(number) + ".example";
}

std::string room(unsigned number)
{
    return "room" + std::to_string(number / hosts) + '@' + host(number % hosts);
}

std::string account(unsigned number)
{
    return "user" + std::to_string(number) + "@capulet.example";
}

template <class Backend>
class RoomModel {
public:
    explicit RoomModel(unsigned seed)
        : random_{seed}
    {}

    void change()
    {
        const unsigned number = any(hosts * rooms_each);
        switch (any(4)) {
        case 0:
            put(room(number), host(number % hosts));
            break;
        case 1:
            erase(room(number));
            break;
        default:
            put_affiliations(room(number));
        }
    }

    void reopen() { kept_.reopen(); }

    void compare()
    {
        for (unsigned i = 0; i < hosts * rooms_each; ++i) {
            compare_room(room(i));
        }
        for (unsigned i = 0; i < hosts; ++i) {
            compare_lists(host(i));
        }
    }

    std::size_t rooms() const { return model_.rooms.size(); }

private:
    unsigned any(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

    void put(const std::string& name, const std::string& host)
    {
        const RoomHead head{
            host,
            "title" + std::to_string(any(2)),
            any(2) == 0,
            "config" + std::to_string(any(9)),
            "state"};
        const auto changes = any(2) == 0 ? some_changes() : std::vector<StoredAffiliation>{};
        kept_.get(kept_.rooms().put(name, head, changes));
        kept_.get(model_.put(name, head, changes));
    }

    void erase(const std::string& name)
    {
        const bool erased = kept_.get(model_.erase(name));
        BOOST_TEST(kept_.get(kept_.rooms().erase(name)) == erased);
    }

    std::vector<StoredAffiliation> some_changes()
    {
        std::vector<StoredAffiliation> changes;
        for (unsigned i = any(4); i > 0; --i) {
            changes.push_back({account(any(accounts)), any(3) == 0 ? "" : std::to_string(any(4))});
        }
        return changes;
    }

    void put_affiliations(const std::string& name)
    {
        const std::vector<StoredAffiliation> changes = some_changes();
        const auto done = kept_.wait(kept_.rooms().put_affiliations(name, changes));
        const auto expected = kept_.wait(model_.put_affiliations(name, changes));
        BOOST_TEST(done.has_value() == expected.has_value());
    }

    void compare_room(const std::string& name)
    {
        auto stored = kept_.get(kept_.rooms().load(name));
        if (stored) {
            std::ranges::sort(stored->affiliations, {}, &StoredAffiliation::account);
        }
        BOOST_TEST((stored == kept_.get(model_.load(name))), name);
    }

    void compare_lists(const std::string& host)
    {
        const std::string after = any(2) == 0 ? "" : room(any(hosts * rooms_each));
        const std::size_t limit = 1 + any(8);
        for (const bool listed : {false, true}) {
            const auto page = kept_.wait(kept_.rooms().list(host, after, limit, listed));
            const auto expected = kept_.wait(model_.list(host, after, limit, listed));
            BOOST_TEST_REQUIRE(page.has_value() == expected.has_value(), after);
            BOOST_TEST((!page || page->rooms == expected->rooms));
            BOOST_TEST((!page || page->complete == expected->complete));
            const auto count = kept_.get(kept_.rooms().count(host, listed));
            BOOST_TEST(count == kept_.get(model_.count(host, listed)));
        }
        const std::string whose = account(any(accounts));
        const auto found = kept_.wait(kept_.rooms().affiliations_of(whose, host, after, limit));
        const auto expected = kept_.wait(model_.affiliations_of(whose, host, after, limit));
        BOOST_TEST_REQUIRE(found.has_value() == expected.has_value(), after);
        BOOST_TEST((!found || *found == *expected));
    }

    Kept<Backend> kept_;
    FakeRoomStore model_;
    std::mt19937 random_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(rooms_model)

BOOST_AUTO_TEST_CASE_TEMPLATE(rooms_are_as_the_model_has_them, Backend, Backends)
{
    RoomModel<Backend> model{7};
    std::size_t most = 0;
    for (int i = 0; i < 1000; ++i) {
        model.change();
        if (i % 5 == 0) {
            model.compare();
        }
        if (i % 100 == 99) {
            model.reopen();
        }
        most = std::max(most, model.rooms());
    }
    BOOST_TEST(most > 3U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
