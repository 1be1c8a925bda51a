// SPDX-License-Identifier: Apache-2.0
#include "xml/root.h"

#include "xml/ns.h"
#include "xml/writer.h"

#include <algorithm>
#include <functional>
#include <new>
#include <tuple>
#include <utility>

namespace sarang {

Ref<Root> Root::make(std::string_view prefix, std::vector<Declaration> declarations)
{
    void* const room = ::operator new(sizeof(Root));
    return Ref<Root>::adopt(::new (room) Root{prefix, std::move(declarations)});
}

void Root::dispose(const Root* root)
{
    root->~Root();
    ::operator delete(const_cast<Root*>(root));
}

Root::Root(std::string_view prefix, std::vector<Declaration> declarations)
    : declarations_{std::move(declarations)}
{
    // One order for all, so that clients that differ in nothing else share parsers.
    std::sort(declarations_.begin(), declarations_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.prefix, a.uri) < std::tie(b.prefix, b.uri);
    });
    const std::string name = prefix.empty() ? "stream" : std::string{prefix} + ":stream";
    opening_ = '<' + name;
    for (const auto& [declared, uri] : declarations_) {
        write_attribute(opening_, declared.empty() ? "xmlns" : "xmlns:" + declared, uri);
    }
    opening_ += '>';
    closing_ = "</" + name + '>';
    content_ns_ = find_content_ns();
    plain_ = ns::is_content(default_ns());
    hash_ = std::hash<std::string>{}(opening_);
}

std::string_view Root::uri_of(std::string_view prefix) const
{
    for (const Declaration& each : declarations_) {
        if (each.prefix == prefix) {
            return each.uri;
        }
    }
    return {};
}

std::string Root::find_content_ns() const
{
    const std::string_view common = default_ns();
    if (!common.empty() && common != ns::stream) {
        return std::string{common};
    }
    const auto found =
        std::find_if(declarations_.begin(), declarations_.end(), [](const Declaration& each) {
            return ns::is_content(each.uri);
        });
    return found == declarations_.end() ? std::string{} : found->uri;
}

bool Root::holds_stanzas_in(std::string_view ns) const
{
    return content_ns_.empty() ? ns::is_content(ns) : ns == content_ns_;
}

} // namespace sarang
