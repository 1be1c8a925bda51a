// SPDX-License-Identifier: Apache-2.0
#include "core/searched_text.h"

#include "xml/element.h"
#include "xml/ns.h"

namespace sarang {

std::string searched_text(std::string_view stanza)
{
    const Result<Element> message = Element::read(stanza);
    std::string text;
    if (message) {
        for (const Element* child : message->children()) {
            if (child->is(ns::client, "body")) {
                text += child->text();
                text += '\n'; // bodies in several languages are no phrase
            }
        }
    }
    return text;
}

} // namespace sarang
