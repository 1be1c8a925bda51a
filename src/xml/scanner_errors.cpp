// SPDX-License-Identifier: Apache-2.0
// Why a stream has to end, in the words of RFC 6120 §4.9.3.

#include "xml/scanner.h"
#include "xml/utf8.h"

#include <expat.h>

#include <algorithm>

namespace sarang {

void Scanner::refuse(StreamCondition condition, std::string_view text)
{
    if (!error_) {
        error_ = StreamError{condition, std::string{text}};
    }
    expat_.halt();
}

/// Finds out why Expat gave up.
void Scanner::diagnose()
{
    const XML_Error code = XML_GetErrorCode(expat_.handle());
    switch (code) {
    case XML_ERROR_NO_MEMORY:
        if (expat_.starved()) {
            refuse(StreamCondition::policy_violation, "The stanza takes too much memory");
        } else {
            refuse(StreamCondition::resource_constraint, "Out of memory");
        }
        break;
    case XML_ERROR_UNDEFINED_ENTITY:
        refuse(StreamCondition::restricted_xml, "An entity that is not predefined");
        break;
    case XML_ERROR_MISPLACED_XML_PI:
        refuse(StreamCondition::restricted_xml, "An XML declaration within the stream");
        break;
    case XML_ERROR_INVALID_TOKEN:
        diagnose_token();
        break;
    default:
        refuse(StreamCondition::not_well_formed, XML_ErrorString(code));
    }
}

/// Expat has one word for what is not UTF-8 and what is not XML.
void Scanner::diagnose_token()
{
    const std::size_t offset = std::min(expat_.place() - origin_, view_.size());
    const std::string_view rest = view_.substr(offset);
    const std::string_view before = view_.substr(0, offset);
    const CodePoint first = first_code_point(rest);
    const bool broken = !rest.empty() && first.size == 0 && !first.cut;
    const bool wide = depth_ == 0 && before == "<" && rest.starts_with('\0');
    const bool letter = !rest.empty() && rest.front() >= 'A' && rest.front() <= 'Z';
    if (letter && before.ends_with("<!")) {
        refuse(StreamCondition::restricted_xml, "A document type declaration");
    } else if (broken || wide) {
        refuse(StreamCondition::unsupported_encoding, "Only UTF-8 is supported");
    } else {
        refuse(StreamCondition::not_well_formed, "A character that may not be here");
    }
}

} // namespace sarang
