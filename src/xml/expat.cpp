// SPDX-License-Identifier: Apache-2.0
#include "xml/expat.h"

#include <expat.h>

#include <cstdlib>
#include <malloc.h>
#include <new>
#include <utility>

namespace sarang {
namespace {

/// Between the parts of a triplet. No XML document can hold this character, so none can forge
/// another name with it.
constexpr char separator = '\x01';

} // namespace

TripletName::TripletName(const char* triplet)
    : name{triplet}
    , size{name.size()}
{
    const auto first = name.find(separator);
    if (first == std::string_view::npos) {
        return;
    }
    ns = name.substr(0, first);
    name.remove_prefix(first + 1);
    const auto second = name.find(separator);
    if (second != std::string_view::npos) {
        prefix = name.substr(second + 1);
        name = name.substr(0, second);
    }
}

/// What Expat calls to allocate. It passes no context, so the account of the parser that is
/// running stands in a variable of the thread.
struct CountedMemory {
    using Account = Expat::Account;

    class Charge {
    public:
        explicit Charge(Account& account)
            : before_{std::exchange(current, &account)}
        {}

        Charge(const Charge&) = delete;
        Charge& operator=(const Charge&) = delete;

        ~Charge() { current = before_; }

    private:
        Account* before_;
    };

    static void* allocate(std::size_t size) { return resize(nullptr, size); }

    static void* resize(void* old, std::size_t size)
    {
        const std::size_t had = old == nullptr ? 0 : malloc_usable_size(old);
        if (current->used - had + size > current->limit) {
            current->refused = true;
            return nullptr;
        }
        void* const block = std::realloc(old, size);
        if (block != nullptr) {
            count(malloc_usable_size(block) - had);
        }
        return block;
    }

    static void release(void* block)
    {
        if (block != nullptr) {
            count(0 - malloc_usable_size(block));
            std::free(block);
        }
    }

    static const XML_Memory_Handling_Suite& suite()
    {
        static constexpr XML_Memory_Handling_Suite functions{allocate, resize, release};
        return functions;
    }

private:
    // Unsigned numbers wrap, so this counts down as well.
    static void count(std::size_t change)
    {
        current->used += change;
        *current->total += change;
    }

    static thread_local constinit Account* current;
};

thread_local constinit CountedMemory::Account* CountedMemory::current = nullptr;

Expat::Expat(std::size_t& total)
    : account_{&total}
{
    const CountedMemory::Charge charge{account_};
    constexpr char separators[] = {separator, '\0'};
    handle_ = XML_ParserCreate_MM("UTF-8", &CountedMemory::suite(), separators);
    if (handle_ == nullptr) {
        throw std::bad_alloc{};
    }
    XML_SetReturnNSTriplet(handle_, 1);
#ifdef HAVE_XML_SETREPARSEDEFERRALENABLED
    XML_SetReparseDeferralEnabled(handle_, XML_FALSE);
#endif
}

Expat::~Expat()
{
    const CountedMemory::Charge charge{account_};
    XML_ParserFree(handle_);
}

bool Expat::give(std::string_view bytes)
{
    const CountedMemory::Charge charge{account_};
    given_ += bytes.size();
    return XML_Parse(handle_, bytes.data(), static_cast<int>(bytes.size()), XML_FALSE) ==
           XML_STATUS_OK;
}

void Expat::halt()
{
    if (!halted_) {
        halted_ = true;
        XML_StopParser(handle_, XML_FALSE);
    }
}

std::size_t Expat::place() const
{
    // Negative when nothing was ever given.
    const XML_Index index = XML_GetCurrentByteIndex(handle_);
    return index < 0 ? given_ : static_cast<std::size_t>(index);
}

std::size_t Expat::event_size() const
{
    return static_cast<std::size_t>(XML_GetCurrentByteCount(handle_));
}

} // namespace sarang
