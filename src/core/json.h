// SPDX-License-Identifier: Apache-2.0
// Json: a value that keeps the order of its members, so that a table made of it keeps the order of
// its columns. Parsing and writing are in the .cpp, so that this header stays light.
#pragma once

#include "base/api.h"
#include "base/result.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sarang {

class SARANG_API Json {
public:
    struct Member;
    using Array = std::vector<Json>;
    using Object = std::vector<Member>;

    /// How deep parse() goes.
    static constexpr std::size_t max_depth = 64;

    /// null
    Json();
    Json(bool value);
    Json(double value);
    Json(std::string value);
    Json(std::string_view value);
    Json(const char* value);
    Json(const Json& other);
    Json(Json&& other) noexcept;
    Json& operator=(const Json& other);
    Json& operator=(Json&& other) noexcept;
    ~Json();

    /// An unsigned one beyond int64 becomes the greatest that fits.
    template <std::integral Integer>

    requires(!std::same_as<Integer, bool>) Json(Integer value)
        : value_{std::in_range<std::int64_t>(value) ? static_cast<std::int64_t>(value) : INT64_MAX}
    {}

    static Json array();
    static Json object();

    /// Sets a member, as the last one unless it is there; a null becomes an object. Chains.
    Json& set(std::string_view name, Json value);
    /// Appends to an array; a null becomes one. Chains.
    Json& add(Json value);

    bool is_null() const { return value_.index() == 0; }

    const bool* boolean() const { return std::get_if<bool>(&value_); }

    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }

    const double* number() const { return std::get_if<double>(&value_); }

    const std::string* string() const { return std::get_if<std::string>(&value_); }

    const Array* elements() const { return std::get_if<Array>(&value_); }

    const Object* members() const { return std::get_if<Object>(&value_); }

    /// The member of this name; nullptr when there is none, also when this is no object.
    const Json* find(std::string_view name) const;

    /// On one line. Bytes that are no UTF-8 become U+FFFD.
    std::string dump() const;
    static Result<Json> parse(std::string_view text);

    bool operator==(const Json& other) const;

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

struct Json::Member {
    std::string name;
    Json value;

    bool operator==(const Member&) const = default;
};

} // namespace sarang
