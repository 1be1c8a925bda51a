// SPDX-License-Identifier: Apache-2.0
// Payload: what stands inside a stanza, as the bytes that came, shared and never changed. The
// bytes are self-contained and valid under any default content namespace: they may be written
// below a jabber:client, a jabber:server or a component's stanza tag as they are.
#pragma once

#include "base/api.h"
#include "base/refcount.h"
#include "xml/element.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sarang {

class SARANG_API Payload final : public Refcounted {
public:
    /// Stands for "in no namespace at all" (xmlns=''), which no name equals.
    static constexpr std::string_view no_namespace = " ";

    /// A direct child. `ns` is empty for the content namespace (jabber:client and its kin).
    struct Child {
        std::string_view ns;
        std::string_view name;
        std::string_view bytes;
    };

    /// What is told of a child to make(): views that need only live for the call. Those that
    /// point into the bytes cost nothing, others are copied.
    struct ChildSpan {
        std::size_t offset; ///< of the child in the bytes
        std::size_t size;
        std::string_view ns;
        std::string_view name;
    };

    static Ref<Payload> make(std::string_view bytes, std::span<const ChildSpan> children);
    /// From elements; those in ns::client are content-namespace children.
    static Ref<Payload> make(std::span<const Element> children);
    static Ref<Payload> make(const Element& child);

    std::string_view bytes() const;
    std::size_t size() const; ///< the number of children
    Child child(std::size_t index) const;

    /// The index of the first such child at or after `from`; `ns` empty or ns::client for the
    /// content namespace.
    std::optional<std::size_t>
    find(std::string_view ns, std::string_view name, std::size_t from = 0) const;

    bool has(std::string_view ns, std::string_view name) const
    {
        return find(ns, name).has_value();
    }

    /// The first such child as a tree.
    std::optional<Element> element(std::string_view ns, std::string_view name) const;
    /// Any child as a tree.
    Element element(std::size_t index) const;

    static void dispose(const Payload* payload);

private:
    struct Entry;
    Payload() = default;
    ~Payload() = default;

    // In the same allocation, behind this object: the entries, the bytes, and such namespaces
    // and names as do not occur in the bytes.
    Entry* entries();
    const Entry* entries() const;
    const char* text() const;

    std::uint32_t bytes_ = 0;
    std::uint32_t children_ = 0;
};

} // namespace sarang
