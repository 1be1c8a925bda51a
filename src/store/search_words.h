// SPDX-License-Identifier: Apache-2.0
// SearchWords: what a text is found by (XEP-0431). Words as UAX #29 has them; where a script is
// written without spaces, or with endings behind each word as Korean is, every character and every
// pair of neighbours. Upper and lower case, and forms of a character that look alike, are the same
// (NFKC_Casefold). One thread at a time.
#pragma once

#include "base/api.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sarang {

/// What is looked for.
struct SearchRequest {
    std::vector<std::string> terms; ///< all of them; sorted, each once
    /// Parts that stand in the text as they are, which the pairs alone do not tell.
    std::vector<std::string> runs;
    bool words = false; ///< some terms are words, of which the runs tell nothing

    bool empty() const { return terms.empty(); }
};

class SARANG_API SearchWords {
public:
    SearchWords();
    ~SearchWords();
    SearchWords(const SearchWords&) = delete;
    SearchWords& operator=(const SearchWords&) = delete;

    /// The terms of a text: sorted, each once, none longer than 64 bytes, at most 4,096 of them.
    /// What is not UTF-8 is left out.
    std::vector<std::string> terms(std::string_view text);

    SearchRequest request(std::string_view text);

    /// Whether a text has all that is looked for.
    bool matches(const SearchRequest& request, std::string_view text);

private:
    class Cutter;

    std::unique_ptr<Cutter> cutter_;
};

} // namespace sarang
