// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>

namespace sarang {
namespace {

Result<int> half(int number)
{
    if (number % 2 != 0) {
        return fail(Condition::not_acceptable, "Odd", "asked for half of an odd number");
    }
    return number / 2;
}

Result<void> check(int number)
{
    auto result = half(number);
    if (!result) {
        return std::move(result).failure();
    }
    return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(result)

BOOST_AUTO_TEST_CASE(a_result_holds_a_value)
{
    const auto result = half(6);
    BOOST_TEST(result.has_value());
    BOOST_TEST(*result == 3);
    BOOST_TEST(result.value_or(7) == 3);
}

BOOST_AUTO_TEST_CASE(a_result_holds_an_error)
{
    const auto result = half(5);
    BOOST_TEST(!result);
    BOOST_TEST(
        (result.error() ==
         Error{Condition::not_acceptable, "Odd", "asked for half of an odd number", {}}));
    BOOST_TEST(result.value_or(7) == 7);
}

BOOST_AUTO_TEST_CASE(a_result_of_nothing_is_there_or_has_an_error)
{
    BOOST_TEST(check(6).has_value());
    const auto result = check(5);
    BOOST_TEST(!result.has_value());
    BOOST_TEST(result.error().text == "Odd");
}

BOOST_AUTO_TEST_CASE(a_value_that_cannot_be_copied_is_moved_out)
{
    Result<std::unique_ptr<std::string>> result{std::make_unique<std::string>("here")};
    BOOST_TEST(**result == "here");
    BOOST_TEST((*result)->size() == 4);
    const auto taken = std::move(result).value();
    BOOST_TEST(*taken == "here");
}

BOOST_AUTO_TEST_CASE(a_value_that_is_false_is_still_a_value)
{
    const Result<std::string> text{std::string{"text"}};
    BOOST_TEST(text->size() == 4);
    const Result<bool> no{false};
    BOOST_TEST(no.has_value());
    BOOST_TEST(!*no);
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_failure_has_an_error_of_its_own)
{
    const auto result = half(5);
    auto copy = result;
    copy.error().text = "Other";
    BOOST_TEST(result.error().text == "Odd");
    copy = result;
    BOOST_TEST(copy.error().text == "Odd");
    copy = half(6);
    BOOST_TEST(copy.value() == 3);
}

BOOST_AUTO_TEST_CASE(a_result_without_an_error_is_small)
{
    BOOST_TEST(sizeof(Result<void>) == sizeof(void*));
    BOOST_TEST(sizeof(Result<int>) <= 2 * sizeof(void*));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
