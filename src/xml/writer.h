// SPDX-License-Identifier: Apache-2.0
// How values become bytes on the wire.
#pragma once

#include "base/api.h"
#include "base/error.h"
#include "xml/stanza.h"

#include <string>
#include <string_view>

namespace sarang {

/// Appends text with & < > escaped, or with quotes escaped too for an attribute in '…'.
SARANG_API void escape_text(std::string& out, std::string_view text);
SARANG_API void escape_attribute(std::string& out, std::string_view text);

/// Appends ` name='value'`.
SARANG_API void write_attribute(std::string& out, std::string_view name, std::string_view value);

/// Appends a whole stanza. `xmlns` is written on its tag when not empty (WebSocket frames, copies
/// inside other stanzas); `lang` is left out when it equals `stream_lang`.
SARANG_API void write_stanza(
    std::string& out,
    const Stanza& stanza,
    std::string_view xmlns = {},
    std::string_view stream_lang = {});

/// The same in three parts, for a writer that refers to a large payload rather than copies it:
/// opening tag, visible_payload(), closing tag (with what was added per recipient before it).
/// Nothing hidden: the payload's own bytes; else they are put together in `scratch`.
SARANG_API void write_open(
    std::string& out,
    const Stanza& stanza,
    std::string_view xmlns = {},
    std::string_view stream_lang = {});
SARANG_API std::string_view visible_payload(const Stanza& stanza, std::string& scratch);
SARANG_API void write_close(std::string& out, const Stanza& stanza);

/// Appends <stream:error/> for a stream error.
SARANG_API void write_stream_error(std::string& out, const StreamError& error);

} // namespace sarang
