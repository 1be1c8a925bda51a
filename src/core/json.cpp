// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace sarang {
namespace {

// Builds a Json while the text is read, so that depth is bounded before anything recurses.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return put(Json{}); }

    bool boolean(bool value) override { return put(value); }

    bool number_integer(number_integer_t value) override { return put(value); }

    bool number_unsigned(number_unsigned_t value) override { return put(value); }

    bool number_float(number_float_t value, const string_t&) override { return put(value); }

    bool string(string_t& value) override { return put(std::move(value)); }

    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(Json::object()); }

    bool start_array(std::size_t) override { return open(Json::array()); }

    bool end_object() override { return close(); }

    bool end_array() override { return close(); }

    bool key(string_t& name) override
    {
        open_.back().name = std::move(name);
        return true;
    }

    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override
    {
        return false;
    }

    Json take() { return std::move(root_); }

private:
    struct Level {
        Json value;
        std::string name; ///< of the member that comes next
    };

    bool open(Json value)
    {
        open_.push_back({std::move(value), {}});
        return open_.size() <= Json::max_depth;
    }

    bool close()
    {
        Json value = std::move(open_.back().value);
        open_.pop_back();
        return put(std::move(value));
    }

    bool put(Json value)
    {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (Level& level = open_.back(); level.value.elements() != nullptr) {
            level.value.add(std::move(value));
        } else {
            level.value.set(level.name, std::move(value));
        }
        return true;
    }

    Json root_;
    std::vector<Level> open_;
};

nlohmann::ordered_json convert(const Json& value)
{
    using Other = nlohmann::ordered_json;
    if (const auto* elements = value.elements()) {
        Other array = Other::array();
        for (const Json& element : *elements) {
            array.push_back(convert(element));
        }
        return array;
    }
    if (const auto* members = value.members()) {
        Other object = Other::object();
        for (const Json::Member& member : *members) {
            object.emplace(member.name, convert(member.value));
        }
        return object;
    }
    if (const auto* string = value.string()) {
        return Other(*string);
    }
    if (const auto* integer = value.integer()) {
        return Other(*integer);
    }
    if (const auto* number = value.number()) {
        return Other(*number);
    }
    return value.boolean() == nullptr ? Other(nullptr) : Other(*value.boolean());
}

} // namespace

Json::Json() = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json::Json(bool value)
    : value_{value}
{}

Json::Json(double value)
    : value_{value}
{}

Json::Json(std::string value)
    : value_{std::move(value)}
{}

Json::Json(std::string_view value)
    : value_{std::string{value}}
{}

Json::Json(const char* value)
    : value_{std::string{value}}
{}

Json Json::array()
{
    Json value;
    value.value_ = Array{};
    return value;
}

Json Json::object()
{
    Json value;
    value.value_ = Object{};
    return value;
}

Json& Json::set(std::string_view name, Json value)
{
    if (is_null()) {
        value_ = Object{};
    }
    auto& members = std::get<Object>(value_);
    const auto member = std::find_if(
        members.begin(), members.end(), [name](const Member& one) { return one.name == name; });
    if (member == members.end()) {
        members.push_back({std::string{name}, std::move(value)});
    } else {
        member->value = std::move(value);
    }
    return *this;
}

Json& Json::add(Json value)
{
    if (is_null()) {
        value_ = Array{};
    }
    std::get<Array>(value_).push_back(std::move(value));
    return *this;
}

const Json* Json::find(std::string_view name) const
{
    if (const Object* object = members()) {
        for (const Member& member : *object) {
            if (member.name == name) {
                return &member.value;
            }
        }
    }
    return nullptr;
}

bool Json::operator==(const Json& other) const
{
    return value_ == other.value_;
}

std::string Json::dump() const
{
    return convert(*this).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<Json> Json::parse(std::string_view text)
{
    Builder builder;
    if (!nlohmann::json::sax_parse(text, &builder)) {
        return fail(Condition::bad_request, "This is no JSON, or it is nested too deeply.");
    }
    return builder.take();
}

} // namespace sarang
