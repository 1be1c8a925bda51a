// SPDX-License-Identifier: Apache-2.0
// What comes out of Expat, and what becomes of it.

#include "xml/element_reader.h"
#include "xml/ns.h"
#include "xml/parser_pool.h"
#include "xml/scanner.h"

#include <expat.h>

#include <algorithm>
#include <utility>

namespace sarang {
namespace {

/// What all tags of one root may declare; real ones take about a tenth.
constexpr std::size_t max_root = 2048;

/// The longest language of a stream that is remembered (RFC 5646 has room for 35).
constexpr std::size_t max_lang = 64;

bool is_space(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::size_t count_attributes(const char** attributes)
{
    std::size_t count = 0;
    while (attributes[count] != nullptr) {
        count += 2;
    }
    return count / 2;
}

} // namespace

/// The functions that Expat calls. No exception may pass through its frames.
struct ScannerHandlers {
    template <class Deed>
    static void run(void* user, Deed deed)
    {
        auto& scanner = *static_cast<Scanner*>(user);
        // A halted parser may still tell of the end of an empty element.
        if (scanner.stream_ == nullptr || scanner.expat_.halted()) {
            return;
        }
        try {
            deed(scanner);
        } catch (...) {
            scanner.exception_ = std::current_exception();
            scanner.expat_.halt();
        }
    }

    static void start(void* user, const char* name, const char** attributes)
    {
        run(user, [&](Scanner& scanner) { scanner.start(name, attributes); });
    }

    static void end(void* user, const char* /*name*/)
    {
        run(user, [](Scanner& scanner) { scanner.end(); });
    }

    static void text(void* user, const char* text, int size)
    {
        run(user, [&](Scanner& scanner) { scanner.text({text, static_cast<std::size_t>(size)}); });
    }

    static void declare(void* user, const char* prefix, const char* uri)
    {
        run(user, [&](Scanner& scanner) { scanner.declare(prefix, uri); });
    }

    static void withdraw(void* user, const char* prefix)
    {
        run(user, [&](Scanner& scanner) { scanner.withdraw(prefix); });
    }

    static void comment(void* user, const char* /*text*/)
    {
        run(user,
            [](Scanner& scanner) { scanner.refuse(StreamCondition::restricted_xml, "A comment"); });
    }

    static void instruction(void* user, const char* /*target*/, const char* /*text*/)
    {
        run(user, [](Scanner& scanner) {
            scanner.refuse(StreamCondition::restricted_xml, "A processing instruction");
        });
    }
};

Scanner::Scanner(std::size_t& total)
    : expat_{total}
{
    XML_Parser expat = expat_.handle();
    XML_SetUserData(expat, this);
    XML_SetElementHandler(expat, ScannerHandlers::start, ScannerHandlers::end);
    XML_SetCharacterDataHandler(expat, ScannerHandlers::text);
    XML_SetNamespaceDeclHandler(expat, ScannerHandlers::declare, ScannerHandlers::withdraw);
    XML_SetCommentHandler(expat, ScannerHandlers::comment);
    XML_SetProcessingInstructionHandler(expat, ScannerHandlers::instruction);
    if (!expat_.give("<lobby>")) {
        throw std::bad_alloc{};
    }
}

void Scanner::start(const char* name, const char** attributes)
{
    ++depth_;
    if (depth_ == 1) {
        open_root(TripletName{name}, attributes);
    } else if (depth_ == 2) {
        open_element(TripletName{name}, attributes);
    } else {
        open_inner(TripletName{name}, attributes);
    }
}

void Scanner::end()
{
    if (depth_ == 0) {
        // The peer has guessed the name of the lobby.
        refuse(StreamCondition::not_well_formed, "A closing tag without an opening one");
        return;
    }
    --depth_;
    if (depth_ == 0) {
        close_root();
    } else if (depth_ == 1) {
        close_element();
    } else {
        close_inner();
    }
}

void Scanner::text(std::string_view text)
{
    // A reference to white space is text, too.
    const bool reference = view_.substr(expat_.place() - origin_).starts_with('&');
    if (is_space(text) && !reference) {
        return;
    }
    if (depth_ == 0) {
        refuse(StreamCondition::not_well_formed, "An XML stream begins with a tag");
    } else {
        refuse(StreamCondition::bad_format, "Text between stanzas");
    }
}

void Scanner::declare(const char* prefix, const char* uri)
{
    if (depth_ == 0) {
        declarations_.push_back({prefix == nullptr ? "" : prefix, uri == nullptr ? "" : uri});
    } else if (depth_ > 1) {
        draft_.declare(prefix);
        if (draft_.declarations() > limits_->attributes) {
            refuse(StreamCondition::policy_violation, "Too many namespaces");
        }
    }
}

void Scanner::withdraw(const char* prefix)
{
    if (depth_ > 1) {
        draft_.withdraw(prefix);
    }
}

void Scanner::open_root(const TripletName& name, const char** attributes)
{
    auto root = Root::make(name.prefix, std::exchange(declarations_, {}));
    if (name.ns != ns::stream) {
        refuse(StreamCondition::invalid_namespace, "This is no XMPP stream");
        return;
    }
    if (name.name != "stream") {
        refuse(StreamCondition::bad_format, "The root element is no stream");
        return;
    }
    if (root->opening().size() > max_root || expat_.event_size() > limits().stanza_bytes ||
        count_attributes(attributes) > limits().attributes) {
        refuse(StreamCondition::policy_violation, "The stream header is too big");
        return;
    }
    root_ = stream_->pool_->state_->share(std::move(root));
    stream_->root_ = root_;

    StreamHeader header;
    header.content_ns = root_->content_ns();
    for (; *attributes != nullptr; attributes += 2) {
        const TripletName key{attributes[0]};
        const std::string_view value = attributes[1];
        if (key.ns == ns::xml && key.name == "lang") {
            header.lang = value;
        } else if (!key.ns.empty()) {
            continue;
        } else if (key.name == "to") {
            header.to = value;
        } else if (key.name == "from") {
            header.from = value;
        } else if (key.name == "id") {
            header.id = value;
        } else if (key.name == "version") {
            header.version = value;
        }
    }
    if (header.lang.size() <= max_lang) {
        stream_->lang_ = header.lang;
    }
    const std::size_t end = end_of_event();
    rescanned_ = 0;
    stream_->events_->stream_opened(header);
    pause(end);
}

void Scanner::close_root()
{
    const std::size_t end = end_of_event();
    root_ = {};
    declared_ = false;
    stream_->closed_ = true;
    stream_->events_->stream_closed();
    pause(end);
}

void Scanner::open_element(const TripletName& name, const char** attributes)
{
    begin_ = expat_.place();
    limits_ = stream_->limits_;
    elements_ = 0;
    names_ = 0;
    draft_.begin(*root_, name, attributes);
    draft_.begin_payload(expat_.event_size());
    if (within_limits(name, attributes)) {
        // Text is kept as it came; only between two elements somebody has to look at it.
        XML_SetCharacterDataHandler(expat_.handle(), nullptr);
    }
}

void Scanner::close_element()
{
    const std::size_t place = expat_.place();
    const std::size_t end = end_of_event();
    const std::string_view bytes = view_.substr(begin_ - origin_, end - begin_);
    if (bytes.size() > limits_->stanza_bytes) {
        refuse(StreamCondition::policy_violation, "The stanza is too big");
        return;
    }
    XML_SetCharacterDataHandler(expat_.handle(), ScannerHandlers::text);
    rescanned_ = 0;
    if (draft_.is_stanza()) {
        deliver_stanza(bytes, place - begin_);
    } else {
        deliver_element(bytes);
    }
    pause(end);
}

void Scanner::open_inner(const TripletName& name, const char** attributes)
{
    ++elements_;
    if (!within_limits(name, attributes) || !draft_.is_stanza()) {
        return;
    }
    draft_.open(depth_ - 2, name, attributes);
    if (depth_ == 3) {
        const std::size_t place = expat_.place();
        draft_.open_child(place - begin_, view_.substr(place - origin_, expat_.event_size()), name);
    }
}

void Scanner::close_inner()
{
    if (!draft_.is_stanza()) {
        return;
    }
    if (depth_ == 2) {
        draft_.close_child(end_of_event() - begin_);
    }
    draft_.close(depth_ - 1);
}

bool Scanner::within_limits(const TripletName& name, const char** attributes)
{
    std::size_t count = 0;
    names_ += name.size;
    for (; *attributes != nullptr; attributes += 2) {
        names_ += std::string_view{attributes[0]}.size();
        ++count;
    }
    const char* excess = nullptr;
    if (count > limits_->attributes) {
        excess = "Too many attributes";
    } else if (depth_ > std::min(limits_->depth, ElementReader::max_depth)) {
        excess = "Too many elements within each other";
    } else if (elements_ > limits_->children) {
        excess = "Too many elements in a stanza";
    } else if (names_ > std::min(4 * limits_->stanza_bytes, ElementReader::max_names)) {
        excess = "Too long names";
    }
    if (excess != nullptr) {
        refuse(StreamCondition::policy_violation, excess);
    }
    return excess == nullptr;
}

void Scanner::deliver_stanza(std::string_view bytes, std::size_t payload_end)
{
    using Part = StanzaDraft::Part;
    ParsedStanza stanza;
    stanza.kind = draft_.kind();
    stanza.type = type_of(stanza.kind, draft_.part(Part::type).value_or(std::string_view{}));
    stanza.id = draft_.part(Part::id).value_or(std::string_view{});
    stanza.lang = draft_.part(Part::lang).value_or(stream_->lang_);
    stanza.from = draft_.part(Part::from);
    stanza.to = draft_.part(Part::to);
    stanza.payload = draft_.portable() ? draft_.payload(bytes, payload_end) : rewrite(bytes);
    if (!error_) {
        stream_->events_->stanza_parsed(std::move(stanza));
    }
}

void Scanner::deliver_element(std::string_view bytes)
{
    auto element = ElementReader{bytes, root_->declarations()}.read();
    if (!element) {
        refuse(StreamCondition::policy_violation, "The element is too big");
        return;
    }
    stream_->events_->element_parsed(std::move(*element));
}

/// The payload of a stanza that leans on declarations outside of it, or that names its content
/// namespace: read as a tree and written anew, with what it needs declared inside.
Ref<Payload> Scanner::rewrite(std::string_view bytes)
{
    std::vector<Declaration> scope = root_->declarations();
    for (Declaration& each : scope) {
        if (ns::is_content(each.uri)) {
            each.uri = ns::client;
        }
    }
    ElementReader reader{bytes, scope};
    reader.merge_content();
    const auto stanza = reader.read();
    std::vector<Element> children;
    if (stanza) {
        for (const Element* child : stanza->children()) {
            children.push_back(*child);
        }
    }
    auto payload = Payload::make(children);
    if (!stanza || payload->bytes().size() > limits_->stanza_bytes) {
        refuse(StreamCondition::policy_violation, "The stanza is too big");
        return {};
    }
    return payload;
}

void Scanner::pause(std::size_t place)
{
    const bool asked = stream_->stopping_ || stream_->restarting_ || stream_->closed_;
    const bool finished = yields_ && place == expat_.given();
    if (!error_ && (asked || worn() || finished)) {
        stop_ = place;
        if (place != expat_.given()) {
            expat_.halt();
        }
    }
}

} // namespace sarang
