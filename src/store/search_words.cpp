// SPDX-License-Identifier: Apache-2.0
#include "store/search_words.h"

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <stdexcept>

namespace sarang {
namespace {

constexpr std::size_t longest_term = 64;
constexpr std::size_t most_terms = 4096;

/// A part of a text: a word, or characters that are found by themselves and in pairs.
struct Piece {
    icu::UnicodeString text;
    bool paired;
};

bool is_paired(UChar32 character)
{
    UErrorCode status = U_ZERO_ERROR;
    switch (uscript_getScript(character, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HANGUL:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_YI:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
        return true;
    default:
        return character == 0x30FC; // the mark that makes a vowel of Katakana long is of no script
    }
}

// Letters and numbers; and emoji, which people look for as well.
bool is_sought(UChar32 character)
{
    return u_isalnum(character) != 0 || u_charType(character) == U_NON_SPACING_MARK ||
           u_charType(character) == U_COMBINING_SPACING_MARK ||
           u_hasBinaryProperty(character, UCHAR_EXTENDED_PICTOGRAPHIC) != 0;
}

// What stands between words wherever it stands.
bool is_separator(UChar32 character)
{
    switch (character) {
    case ' ':
    case '\n':
    case '\t':
    case ',':
    case '!':
    case '?':
    case '~':
        return true;
    default:
        return false;
    }
}

// Paired characters and what parts them, so that words need not be looked for: most of what is
// said in Korean. A full stop is in the midst of a word when letters follow.
bool is_simple(const icu::UnicodeString& text)
{
    for (int32_t at = 0; at < text.length();) {
        const UChar32 character = text.char32At(at);
        at = text.moveIndex32(at, 1);
        const bool stop =
            character == '.' && (at == text.length() || is_separator(text.char32At(at)));
        if (!stop && !is_separator(character) && !is_paired(character)) {
            return false;
        }
    }
    return true;
}

std::string utf8(const icu::UnicodeString& text)
{
    std::string bytes;
    text.toUTF8String(bytes);
    return bytes;
}

void add_term(std::vector<std::string>& terms, const icu::UnicodeString& text)
{
    std::string term = utf8(text);
    if (!term.empty() && term.size() <= longest_term && terms.size() < most_terms) {
        terms.push_back(std::move(term));
    }
}

struct Parts {
    bool singles;
    bool pairs;
};

// The characters of a run one by one, its pairs, or both.
void add_run(std::vector<std::string>& terms, const icu::UnicodeString& run, Parts parts)
{
    for (int32_t at = 0; at < run.length();) {
        const int32_t next = run.moveIndex32(at, 1);
        if (parts.singles) {
            add_term(terms, run.tempSubStringBetween(at, next));
        }
        if (parts.pairs && next < run.length()) {
            add_term(terms, run.tempSubStringBetween(at, run.moveIndex32(next, 1)));
        }
        at = next;
    }
}

void make_set(std::vector<std::string>& terms)
{
    std::sort(terms.begin(), terms.end());
    terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
}

} // namespace

namespace {

// ICU has words of Chinese, Japanese and Thai by dictionaries, and lets Korean and Latin letters
// stand in one word: here the runs of paired characters are put together, and apart from others.
class Gathering {
public:
    explicit Gathering(const icu::UnicodeString& text)
        : text_{text}
    {}

    /// Takes the next segment.
    void take(int32_t from, int32_t to)
    {
        word_open_ = false;
        if (!has_sought(from, to)) {
            run_open_ = false;
            return;
        }
        for (int32_t at = from; at < to; at = text_.moveIndex32(at, 1)) {
            take(text_.char32At(at));
        }
    }

    std::vector<Piece> pieces() && { return std::move(pieces_); }

private:
    bool has_sought(int32_t from, int32_t to) const
    {
        for (int32_t at = from; at < to; at = text_.moveIndex32(at, 1)) {
            if (is_sought(text_.char32At(at)) || is_paired(text_.char32At(at))) {
                return true;
            }
        }
        return false;
    }

    void take(UChar32 character)
    {
        const bool paired = is_paired(character);
        if (!paired && !word_open_ && !is_sought(character)) {
            return;
        }
        if (!(paired ? run_open_ : word_open_)) {
            pieces_.push_back({{}, paired});
        }
        pieces_.back().text.append(character);
        run_open_ = paired;
        word_open_ = !paired;
    }

    const icu::UnicodeString& text_;
    std::vector<Piece> pieces_;
    bool run_open_ = false;
    bool word_open_ = false;
};

} // namespace

/// Cuts texts into pieces; owns what ICU needs for that.
class SearchWords::Cutter {
public:
    Cutter()
    {
        UErrorCode status = U_ZERO_ERROR;
        folding_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
        check(status);
    }

    icu::UnicodeString fold(std::string_view text) const
    {
        UErrorCode status = U_ZERO_ERROR;
        const auto size = static_cast<int32_t>(text.size());
        return folding_->normalize(
            icu::UnicodeString::fromUTF8(icu::StringPiece{text.data(), size}), status);
    }

    std::vector<std::string> terms(const icu::UnicodeString& folded);

    std::vector<Piece> cut(const icu::UnicodeString& folded)
    {
        Gathering gathering{folded};
        if (is_simple(folded)) {
            for (int32_t at = 0; at < folded.length();) {
                const int32_t next = folded.moveIndex32(at, 1);
                gathering.take(at, next);
                at = next;
            }
            return std::move(gathering).pieces();
        }
        begin();
        words_->setText(folded);
        int32_t from = words_->first();
        for (int32_t to = words_->next(); to != icu::BreakIterator::DONE; to = words_->next()) {
            gathering.take(from, to);
            from = to;
        }
        return std::move(gathering).pieces();
    }

private:
    static void check(UErrorCode status)
    {
        if (U_FAILURE(status)) {
            throw std::runtime_error{std::string{"ICU has no data: "} + u_errorName(status)};
        }
    }

    // When first wanted, since it takes its time.
    void begin()
    {
        if (!words_) {
            UErrorCode status = U_ZERO_ERROR;
            words_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
            check(status);
        }
    }

    const icu::Normalizer2* folding_ = nullptr;
    std::unique_ptr<icu::BreakIterator> words_;
};

SearchWords::SearchWords()
    : cutter_{std::make_unique<Cutter>()}
{}

SearchWords::~SearchWords() = default;

std::vector<std::string> SearchWords::terms(std::string_view text)
{
    return cutter_->terms(cutter_->fold(text));
}

std::vector<std::string> SearchWords::Cutter::terms(const icu::UnicodeString& folded)
{
    std::vector<std::string> terms;
    for (const Piece& piece : cut(folded)) {
        if (piece.paired) {
            add_run(terms, piece.text, {.singles = true, .pairs = true});
        } else {
            add_term(terms, piece.text);
        }
    }
    make_set(terms);
    return terms;
}

SearchRequest SearchWords::request(std::string_view text)
{
    SearchRequest request;
    for (const Piece& piece : cutter_->cut(cutter_->fold(text))) {
        if (piece.paired) {
            const bool single = piece.text.countChar32() == 1;
            add_run(request.terms, piece.text, {.singles = single, .pairs = !single});
            request.runs.push_back(utf8(piece.text));
        } else {
            add_term(request.terms, piece.text);
            request.words = true;
        }
    }
    make_set(request.terms);
    return request;
}

bool SearchWords::matches(const SearchRequest& request, std::string_view text)
{
    const icu::UnicodeString folded = cutter_->fold(text);
    const std::string bytes = utf8(folded);
    const auto stands = [&bytes](const std::string& part) {
        return bytes.find(part) != std::string::npos;
    };
    if (!std::all_of(request.runs.begin(), request.runs.end(), stands)) {
        return false;
    }
    if (!request.words) {
        return true; // all pairs are in the runs
    }
    if (!std::all_of(request.terms.begin(), request.terms.end(), stands)) {
        return false;
    }
    const std::vector<std::string> terms = cutter_->terms(folded);
    return std::includes(terms.begin(), terms.end(), request.terms.begin(), request.terms.end());
}

} // namespace sarang
