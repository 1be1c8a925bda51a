// SPDX-License-Identifier: Apache-2.0
// Data forms (XEP-0004) whose fields a FORM_TYPE names (XEP-0068): what a client has filled in,
// read by type, and forms to be filled in or shown.
#pragma once

#include "base/api.h"
#include "base/result.h"
#include "xml/element.h"
#include "xml/jid.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarang {

inline constexpr std::string_view data_form_ns = "jabber:x:data";

struct FormField {
    struct Choice {
        std::string label;
        std::string value;
        bool operator==(const Choice&) const = default;
    };

    std::string type; ///< such as "text-single"; a submitted form need not tell
    std::string var;
    std::string label = {};
    std::vector<std::string> values = {};
    std::vector<Choice> choices = {}; ///< of a list-single or list-multi
    bool open = false;                ///< a list takes other values too (XEP-0122 §3.2.2)
    /// Whole numbers are wanted, from the first to the second (XEP-0122 §3.2.3). Told, not read.
    std::optional<std::pair<std::uint64_t, std::uint64_t>> range = {};

    bool operator==(const FormField&) const = default;
};

class SARANG_API DataForm {
public:
    /// More would serve nobody; it bounds what a hostile form costs.
    static constexpr std::size_t max_fields = 256;

    /// `type` is form, submit, cancel or result.
    DataForm(std::string type, std::string form_type)
        : type_{std::move(type)}
        , form_type_{std::move(form_type)}
    {}

    /// bad-request for what is no form: no such element, a field without a name in a form that was
    /// submitted, two of one name, too many.
    static Result<DataForm> read(const Element& x);

    const std::string& type() const { return type_; }

    const std::string& form_type() const { return form_type_; }

    /// Without FORM_TYPE.
    const std::vector<FormField>& fields() const { return fields_; }

    const FormField* find(std::string_view var) const;

    // The value of a field, nothing where there is none; bad-request for one of another kind, or
    // for several.

    Result<std::optional<std::string>> text(std::string_view var) const;
    Result<std::optional<bool>> boolean(std::string_view var) const;
    Result<std::optional<Jid>> jid(std::string_view var) const;

    /// All values of a field.
    std::vector<std::string> texts(std::string_view var) const;

    DataForm& title(std::string text);
    DataForm& add(FormField field);

    Element element() const;

private:
    std::string type_;
    std::string form_type_;
    std::string title_;
    std::vector<FormField> fields_;
};

} // namespace sarang
