// SPDX-License-Identifier: Apache-2.0
// Result sets: any request is read, or refused, and an answer reads as what it was made of.

#include "core/result_set.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace sarang;

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const auto request = Element::read({reinterpret_cast<const char*>(bytes), size});
    if (!request) {
        return 0;
    }
    const auto set = ResultSetRequest::read(*request);
    if (!set) {
        require(set.error().condition == Condition::bad_request);
        return 0;
    }
    ResultSetAnswer answer;
    answer.first = set->after.value_or("");
    answer.last = set->before.value_or("");
    answer.count = set->max;
    const Element element = answer.element();
    require((element.child(result_set_ns, "first") != nullptr) == !answer.first.empty());
    require((element.child(result_set_ns, "count") != nullptr) == set->max.has_value());
    return 0;
}
