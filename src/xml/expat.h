// SPDX-License-Identifier: Apache-2.0
// Expat: one Expat parser whose memory is counted and bounded. Names that its handlers get are
// triplets (namespace, name, prefix), which TripletName takes apart.
#pragma once

#include <cstddef>
#include <string_view>

struct XML_ParserStruct;

namespace sarang {

/// A name as the parser's handlers get it.
struct TripletName {
    explicit TripletName(const char* triplet);

    std::string_view ns;
    std::string_view name;
    std::string_view prefix;
    std::size_t size; ///< of the whole triplet
};

class Expat {
public:
    /// `total` is kept at the sum of what all parsers that share it have allocated.
    explicit Expat(std::size_t& total);
    ~Expat();
    Expat(const Expat&) = delete;
    Expat& operator=(const Expat&) = delete;

    XML_ParserStruct* handle() const { return handle_; }

    /// Parses; false when that failed or was halted.
    bool give(std::string_view bytes);
    /// From inside a handler: ends the parsing, for good.
    void halt();

    bool halted() const { return halted_; }

    // Places are counted in bytes since the parser was made.
    /// The place after the last byte that was given.
    std::size_t given() const { return given_; }

    /// In a handler: of the first byte of the event. After give(): of the first byte that is not
    /// used up; of the error, when it failed.
    std::size_t place() const;
    /// In a handler: the size of the event in bytes.
    std::size_t event_size() const;

    /// What may be allocated in all from now on; with more, give() fails and is starved().
    void allow(std::size_t bytes) { account_.limit = bytes; }

    bool starved() const { return account_.refused; }

    std::size_t bytes() const { return account_.used; }

private:
    friend struct CountedMemory;

    struct Account {
        std::size_t* total;
        std::size_t used = 0;
        std::size_t limit = static_cast<std::size_t>(-1);
        bool refused = false;
    };

    Account account_;
    XML_ParserStruct* handle_ = nullptr;
    std::size_t given_ = 0;
    bool halted_ = false;
};

} // namespace sarang
