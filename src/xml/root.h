// SPDX-License-Identifier: Apache-2.0
// Root: what the opening tag of a stream declares. Parsers that have read tags of equal roots
// are interchangeable.
#pragma once

#include "base/refcount.h"
#include "xml/element_reader.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class Root final : public Refcounted {
public:
    /// `prefix` is that of the tag itself, `stream:stream` as a rule.
    static Ref<Root> make(std::string_view prefix, std::vector<Declaration> declarations);
    static void dispose(const Root* root);

    /// A tag with the same declarations, and the one that closes it.
    const std::string& opening() const { return opening_; }

    const std::string& closing() const { return closing_; }

    const std::vector<Declaration>& declarations() const { return declarations_; }

    std::string_view default_ns() const { return uri_of({}); }

    /// Empty when the tag does not tell.
    const std::string& content_ns() const { return content_ns_; }

    /// True for a namespace that stanzas of this stream may be in.
    bool holds_stanzas_in(std::string_view ns) const;

    /// Elements without a prefix are in a content namespace: stanzas, most of the time.
    bool plain() const { return plain_; }

    std::uint64_t hash() const { return hash_; }

    bool operator==(const Root& other) const { return opening_ == other.opening_; }

private:
    Root(std::string_view prefix, std::vector<Declaration> declarations);
    ~Root() = default;

    std::string_view uri_of(std::string_view prefix) const;
    std::string find_content_ns() const;

    std::vector<Declaration> declarations_;
    std::string opening_;
    std::string closing_;
    std::string content_ns_;
    bool plain_;
    std::uint64_t hash_;
};

} // namespace sarang
