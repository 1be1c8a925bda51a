// SPDX-License-Identifier: Apache-2.0
#include "modules/mam/request.h"

#include "core/date_time.h"

#include <algorithm>
#include <utility>

namespace sarang {
namespace {

using namespace std::string_view_literals;

constexpr auto fold_field = "{urn:sarang:archive:0}fold"sv;
constexpr auto fulltext_field = "{urn:xmpp:fulltext:0}fulltext"sv;

Result<void> known_fields(const DataForm& form)
{
    const DataForm all = archive_form();
    if (form.type() != "submit" || form.form_type() != mam_ns) {
        return fail(Condition::bad_request, "No form of this query was submitted");
    }
    for (const FormField& field : form.fields()) {
        if (all.find(field.var) == nullptr) {
            return fail(Condition::feature_not_implemented, "Unknown field: " + field.var);
        }
    }
    return {};
}

Result<std::optional<Clock::Wall>> moment(const DataForm& form, std::string_view var)
{
    auto text = form.text(var);
    if (!text) {
        return std::move(text).failure();
    }
    if (!*text) {
        return std::optional<Clock::Wall>{};
    }
    auto time = parse_date_time(**text);
    if (!time) {
        return fail(Condition::bad_request, "No moment: " + std::string{var});
    }
    return time;
}

// Puts a value into its place, or tells why there is none.
template <class T>
std::optional<Failure> fill(T& place, Result<T> value)
{
    if (!value) {
        return std::move(value).failure();
    }
    place = std::move(*value);
    return std::nullopt;
}

Result<void> read_filters(const Element& query, ArchiveRequest& request)
{
    const Element* const x = query.child(data_form_ns, "x");
    if (x == nullptr) {
        return {};
    }
    const Result<DataForm> form = DataForm::read(*x);
    if (!form) {
        return fail(form.error());
    }
    if (auto known = known_fields(*form); !known) {
        return known;
    }
    std::optional<bool> fold;
    std::optional<bool> groupchat; // there is none in here, whoever asks
    for (auto& failure :
         {fill(request.with, form->jid("with")),
          fill(request.start, moment(*form, "start")),
          fill(request.end, moment(*form, "end")),
          fill(request.before_id, form->text("before-id")),
          fill(request.after_id, form->text("after-id")),
          fill(groupchat, form->boolean("include-groupchat")),
          fill(request.words, form->text(fulltext_field)),
          fill(fold, form->boolean(fold_field))}) {
        if (failure) {
            return *failure;
        }
    }
    request.ids = form->texts("ids");
    request.fold = fold.value_or(false);
    if (request.ids.size() > ArchiveRequest::max_ids) {
        return fail(Condition::resource_constraint, "Too many ids");
    }
    if (request.words && !request.ids.empty()) {
        return fail(Condition::feature_not_implemented, "Either ids or words");
    }
    return {};
}

// XEP-0413 §3.3: what is ordered by here is when it came; nothing shares its place with another,
// so that further orders say nothing.
Result<void> read_order(const Element& query, ArchiveRequest& request)
{
    const Element* const order = query.child(order_ns, "order");
    if (order == nullptr) {
        return {};
    }
    if (order->attribute("by") != "creation") {
        return fail(Condition::feature_not_implemented, "Results are ordered by creation alone");
    }
    const std::string_view descending = order->attribute("desc");
    request.descending = descending == "true" || descending == "1";
    return {};
}

} // namespace

Result<ArchiveRequest> ArchiveRequest::read(const Element& query)
{
    constexpr std::size_t longest_query_id = 1024; // it stands in each result
    if (query.attribute("queryid").size() > longest_query_id) {
        return fail(Condition::bad_request, "The queryid is too long");
    }
    if (query.has("node")) {
        return fail(Condition::feature_not_implemented, "This archive has no nodes");
    }
    auto page = ResultSetRequest::read(query);
    if (!page) {
        return std::move(page).failure();
    }
    if (page->index) {
        return fail(Condition::feature_not_implemented, "Pages have no numbers here");
    }
    ArchiveRequest request;
    request.page = std::move(*page);
    for (const auto read : {read_filters, read_order}) {
        if (auto outcome = read(query, request); !outcome) {
            return std::move(outcome).failure();
        }
    }
    if (query.has("queryid")) {
        request.query_id = query.attribute("queryid");
    }
    request.flip = query.child(mam_ns, "flip-page") != nullptr;
    return request;
}

DataForm archive_form()
{
    DataForm form{"form", std::string{mam_ns}};
    form.add({"jid-single", "with"}).add({"text-single", "start"}).add({"text-single", "end"});
    form.add({"text-single", "before-id"}).add({"text-single", "after-id"});
    form.add({"list-multi", "ids", {}, {}, {}, true});
    form.add({"text-single", std::string{fulltext_field}});
    form.add({"boolean", "include-groupchat"}).add({"boolean", std::string{fold_field}});
    return form;
}

} // namespace sarang
