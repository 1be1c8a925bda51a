// SPDX-License-Identifier: Apache-2.0
// Element::read against Expat: what Expat takes as one element becomes the same tree, which is
// the same again when it was written and read; on all other bytes it fails or does not, safely.

#include "xml/element.h"

#include <expat.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using sarang::Element;

constexpr char separator = '\x01';

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

struct Name {
    explicit Name(std::string_view text)
    {
        const auto at = text.find(separator);
        ns = at == std::string_view::npos ? std::string_view{} : text.substr(0, at);
        name = at == std::string_view::npos ? text : text.substr(at + 1);
    }

    std::string_view ns;
    std::string_view name;
};

/// Builds a tree of what Expat tells.
class Builder {
public:
    Builder()
        : parser_{XML_ParserCreateNS("UTF-8", separator)}
    {
        XML_SetUserData(parser_, this);
        XML_SetElementHandler(parser_, start, end);
        XML_SetCharacterDataHandler(parser_, text);
        XML_SetCommentHandler(parser_, [](void* user, const char*) { self(user).give_up(); });
        XML_SetProcessingInstructionHandler(
            parser_, [](void* user, const char*, const char*) { self(user).give_up(); });
    }

    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;

    ~Builder() { XML_ParserFree(parser_); }

    /// The only thing in the bytes, if it is an element.
    std::optional<Element> build(std::string_view bytes)
    {
        const std::string whole = "<w xmlns='jabber:client'>" + std::string{bytes} + "</w>";
        const auto size = static_cast<int>(whole.size());
        const bool good = XML_Parse(parser_, whole.data(), size, XML_TRUE) == XML_STATUS_OK;
        if (!good || !usable_ || root_.nodes().size() != 1 || root_.child() == nullptr) {
            return std::nullopt;
        }
        return *root_.child();
    }

private:
    static Builder& self(void* user) { return *static_cast<Builder*>(user); }

    static void start(void* user, const char* name, const char** attributes)
    {
        Builder& builder = self(user);
        if (++builder.depth_ == 1) {
            return;
        }
        // A tree is as deep as it may be: that is none of this target's business.
        if (builder.depth_ > 500) {
            builder.give_up();
            return;
        }
        Element element{Name{name}.ns, Name{name}.name};
        for (; *attributes != nullptr; attributes += 2) {
            element.set(Name{attributes[0]}.ns, Name{attributes[0]}.name, attributes[1]);
        }
        builder.open_.push_back(&builder.open_.back()->add(std::move(element)));
    }

    static void end(void* user, const char* /*name*/)
    {
        Builder& builder = self(user);
        if (--builder.depth_ > 0 && builder.usable_) {
            builder.open_.pop_back();
        }
    }

    static void text(void* user, const char* text, int size)
    {
        self(user).open_.back()->text({text, static_cast<std::size_t>(size)});
    }

    void give_up()
    {
        usable_ = false;
        XML_StopParser(parser_, XML_FALSE);
    }

    XML_Parser parser_;
    Element root_{"", "w"};
    std::vector<Element*> open_{&root_};
    int depth_ = 0;
    bool usable_ = true;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(bytes), size};
    const auto read = Element::read(text);
    const auto expected = Builder{}.build(text);
    if (!expected) {
        return 0;
    }
    require(read.has_value());
    require(*read == *expected);

    const auto alone = Element::read(read->str(), "");
    require(alone.has_value() && *alone == *read);
    const auto inside = Element::read(read->str("jabber:client"));
    require(inside.has_value() && *inside == *read);
    return 0;
}
