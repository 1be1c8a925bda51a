// SPDX-License-Identifier: Apache-2.0
#include "xml/payload.h"

#include <cassert>
#include <functional>
#include <limits>
#include <new>
#include <string>
#include <vector>

namespace sarang {
namespace {

/// True when `part` lies within `whole`, not merely equals a part of it.
bool lies_in(std::string_view part, std::string_view whole)
{
    const std::less_equal<const char*> before;
    return before(whole.data(), part.data()) &&
           before(part.data() + part.size(), whole.data() + whole.size());
}

std::uint32_t narrow(std::size_t size)
{
    assert(size <= std::numeric_limits<std::uint32_t>::max());
    return static_cast<std::uint32_t>(size);
}

} // namespace

/// Offsets are from text().
struct Payload::Entry {
    std::uint32_t offset;
    std::uint32_t size;
    std::uint32_t ns_offset;
    std::uint32_t ns_size;
    std::uint32_t name_offset;
    std::uint32_t name_size;

    bool is(const char* text, std::string_view ns, std::string_view name) const
    {
        return std::string_view{text + name_offset, name_size} == name &&
               std::string_view{text + ns_offset, ns_size} == ns;
    }
};

Payload::Entry* Payload::entries()
{
    return reinterpret_cast<Entry*>(this + 1);
}

const Payload::Entry* Payload::entries() const
{
    return reinterpret_cast<const Entry*>(this + 1);
}

const char* Payload::text() const
{
    return reinterpret_cast<const char*>(entries() + children_);
}

Ref<Payload> Payload::make(std::string_view bytes, std::span<const ChildSpan> children)
{
    std::size_t extra = 0;
    for (const ChildSpan& child : children) {
        extra += lies_in(child.ns, bytes) ? 0 : child.ns.size();
        extra += lies_in(child.name, bytes) ? 0 : child.name.size();
    }
    const std::size_t text_size = bytes.size() + extra;
    narrow(text_size);
    static_assert(alignof(Entry) <= alignof(Payload));

    void* room = ::operator new(sizeof(Payload) + children.size() * sizeof(Entry) + text_size);
    auto* payload = ::new (room) Payload;
    payload->bytes_ = narrow(bytes.size());
    payload->children_ = narrow(children.size());
    char* const text = reinterpret_cast<char*>(payload->entries() + children.size());
    bytes.copy(text, bytes.size());

    std::size_t end = bytes.size();
    const auto place = [&](std::string_view part) {
        if (lies_in(part, bytes)) {
            return static_cast<std::uint32_t>(part.data() - bytes.data());
        }
        part.copy(text + end, part.size());
        end += part.size();
        return narrow(end - part.size());
    };
    Entry* entry = payload->entries();
    for (const ChildSpan& child : children) {
        assert(child.offset <= bytes.size() && child.size <= bytes.size() - child.offset);
        ::new (entry++) Entry{
            narrow(child.offset),
            narrow(child.size),
            place(child.ns),
            narrow(child.ns.size()),
            place(child.name),
            narrow(child.name.size()),
        };
    }
    return Ref<Payload>::adopt(payload);
}

Ref<Payload> Payload::make(std::span<const Element> children)
{
    std::string bytes;
    std::vector<ChildSpan> spans;
    spans.reserve(children.size());
    for (const Element& child : children) {
        const std::size_t offset = bytes.size();
        child.write(bytes, ns::client);
        std::string_view ns = child.ns();
        if (ns == ns::client) {
            ns = {};
        } else if (ns.empty()) {
            ns = no_namespace;
        }
        spans.push_back({offset, bytes.size() - offset, ns, child.name()});
    }
    return make(bytes, spans);
}

Ref<Payload> Payload::make(const Element& child)
{
    return make(std::span{&child, 1});
}

void Payload::dispose(const Payload* payload)
{
    payload->~Payload();
    ::operator delete(const_cast<Payload*>(payload));
}

std::string_view Payload::bytes() const
{
    return {text(), bytes_};
}

std::size_t Payload::size() const
{
    return children_;
}

Payload::Child Payload::child(std::size_t index) const
{
    const Entry& entry = entries()[index];
    return {
        {text() + entry.ns_offset, entry.ns_size},
        {text() + entry.name_offset, entry.name_size},
        {text() + entry.offset, entry.size},
    };
}

std::optional<std::size_t>
Payload::find(std::string_view ns, std::string_view name, std::size_t from) const
{
    if (ns == ns::client) {
        ns = {};
    }
    for (std::size_t i = from; i < children_; ++i) {
        if (entries()[i].is(text(), ns, name)) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<Element> Payload::element(std::string_view ns, std::string_view name) const
{
    const auto index = find(ns, name);
    return index ? std::optional{element(*index)} : std::nullopt;
}

Element Payload::element(std::size_t index) const
{
    const Child found = child(index);
    auto element = Element::read(found.bytes);
    return element ? std::move(*element) : Element{found.ns, found.name};
}

} // namespace sarang
