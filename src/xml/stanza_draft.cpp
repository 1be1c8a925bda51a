// SPDX-License-Identifier: Apache-2.0
#include "xml/stanza_draft.h"

#include "xml/ns.h"

#include <algorithm>

namespace sarang {
namespace {

std::optional<StanzaDraft::Part> part_named(const TripletName& key)
{
    using Part = StanzaDraft::Part;
    if (!key.ns.empty()) {
        return key.ns == ns::xml && key.name == "lang" ? std::optional{Part::lang} : std::nullopt;
    }
    if (key.name == "from") {
        return Part::from;
    }
    if (key.name == "to") {
        return Part::to;
    }
    if (key.name == "id") {
        return Part::id;
    }
    return key.name == "type" ? std::optional{Part::type} : std::nullopt;
}

} // namespace

void StanzaDraft::begin(const Root& root, const TripletName& name, const char** attributes)
{
    root_ = &root;
    kind_ = root.holds_stanzas_in(name.ns) ? kind_named(name.name) : std::nullopt;
    head_.clear();
    parts_ = {};
    children_.clear();
    other_.clear();
    prefixes_.clear();
    defaults_ = 0;
    content_level_ = 0;
    portable_ = true;
    for (; kind_ && *attributes != nullptr; attributes += 2) {
        if (const auto part = part_named(TripletName{attributes[0]})) {
            keep(*part, attributes[1]);
        }
    }
}

void StanzaDraft::keep(Part part, std::string_view value)
{
    parts_[static_cast<std::size_t>(part)] = {head_.size(), value.size(), true};
    head_ += value;
}

std::optional<std::string_view> StanzaDraft::part(Part part) const
{
    const Span span = parts_[static_cast<std::size_t>(part)];
    if (!span.present) {
        return std::nullopt;
    }
    return std::string_view{head_}.substr(span.offset, span.size);
}

void StanzaDraft::declare(const char* prefix)
{
    if (prefix == nullptr) {
        ++defaults_;
    } else {
        prefixes_.emplace_back(prefix);
    }
}

void StanzaDraft::withdraw(const char* prefix)
{
    if (prefix == nullptr) {
        --defaults_;
        return;
    }
    const auto last = std::find(prefixes_.rbegin(), prefixes_.rend(), prefix);
    prefixes_.erase(std::next(last).base());
}

bool StanzaDraft::declares(std::string_view prefix) const
{
    return prefix.empty() || prefix == "xml" ||
           std::find(prefixes_.begin(), prefixes_.end(), prefix) != prefixes_.end();
}

bool StanzaDraft::is_content(std::string_view ns) const
{
    return ns::is_content(ns) || (!ns.empty() && ns == root_->content_ns());
}

void StanzaDraft::open(std::size_t level, const TripletName& name, const char** attributes)
{
    const bool inherits = name.prefix.empty() && defaults_ == 0;
    const bool content = is_content(name.ns);
    if (inherits) {
        portable_ = portable_ && content;
    } else {
        portable_ = portable_ && declares(name.prefix);
        // Below content elements, content elements have to be plain, or their namespace would
        // differ from that of their parents on a stream of another kind.
        portable_ = portable_ && !(content && content_level_ + 1 == level);
    }
    if (content && content_level_ + 1 == level) {
        content_level_ = level;
    }
    for (; portable_ && *attributes != nullptr; attributes += 2) {
        portable_ = declares(TripletName{attributes[0]}.prefix);
    }
}

void StanzaDraft::open_child(std::size_t place, std::string_view tag, const TripletName& name)
{
    const std::size_t before_name = name.prefix.empty() ? 1 : name.prefix.size() + 2;
    Child child{place, place, place + before_name, name.name.size(), 0, 0, true};
    if (!is_content(name.ns)) {
        const std::string_view ns = name.ns.empty() ? Payload::no_namespace : name.ns;
        const auto verbatim = tag.find(ns);
        child.ns_in_other = verbatim == std::string_view::npos;
        child.ns = child.ns_in_other ? other_.size() : place + verbatim;
        child.ns_size = ns.size();
        if (child.ns_in_other) {
            other_ += ns;
        }
    }
    children_.push_back(child);
}

void StanzaDraft::close(std::size_t level)
{
    content_level_ = std::min(content_level_, level - 1);
}

Ref<Payload> StanzaDraft::payload(std::string_view element, std::size_t payload_end)
{
    const std::string_view bytes = element.substr(payload_, payload_end - payload_);
    if (bytes.empty()) {
        return {};
    }
    spans_.clear();
    for (const Child& child : children_) {
        const std::string_view ns_text = child.ns_in_other ? std::string_view{other_} : element;
        spans_.push_back({
            child.begin - payload_,
            child.end - child.begin,
            ns_text.substr(child.ns, child.ns_size),
            element.substr(child.name, child.name_size),
        });
    }
    return Payload::make(bytes, spans_);
}

void StanzaDraft::shrink()
{
    constexpr std::size_t usual = 64;
    if (children_.capacity() > usual || spans_.capacity() > usual) {
        children_ = {};
        spans_ = {};
    }
    if (head_.capacity() + other_.capacity() > 16 * usual) {
        head_ = {};
        other_ = {};
    }
    if (prefixes_.capacity() > usual) {
        prefixes_ = {};
    }
}

} // namespace sarang
