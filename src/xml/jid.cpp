// SPDX-License-Identifier: Apache-2.0
#include "xml/jid.h"

#include "xml/jid_profile.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace sarang {
namespace {

std::uint64_t word(const char* from, std::size_t size)
{
    std::uint64_t value = 0;
    std::memcpy(&value, from, size);
    return value;
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b)
{
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// A multiply-and-fold hash, eight bytes a step.
std::uint64_t hash_of(std::string_view text)
{
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;
    std::uint64_t state = fold(text.size() ^ 0xA0761D6478BD642FU, odd);
    while (text.size() > 8) {
        state = fold(state ^ word(text.data(), 8), odd);
        text.remove_prefix(8);
    }
    return fold(state ^ word(text.data(), text.size()), 0xE7037ED1A0B428DBU);
}

Failure malformed(const char* text)
{
    return fail(Condition::jid_malformed, text);
}

} // namespace

Ref<Jid::Block>
Jid::Block::make(std::string_view local, std::string_view domain, std::string_view resource)
{
    const std::size_t before = local.empty() ? 0 : local.size() + 1;
    const std::size_t after = resource.empty() ? 0 : resource.size() + 1;
    const std::size_t size = before + domain.size() + after;
    auto* block = ::new (::operator new(sizeof(Block) + size)) Block;
    block->domain_ = static_cast<std::uint16_t>(before);
    block->bare_ = static_cast<std::uint16_t>(before + domain.size());
    block->size_ = static_cast<std::uint16_t>(size);

    char* const out = reinterpret_cast<char*>(block + 1);
    if (before != 0) {
        local.copy(out, local.size());
        out[local.size()] = '@';
    }
    domain.copy(out + before, domain.size());
    if (after != 0) {
        out[block->bare_] = '/';
        resource.copy(out + block->bare_ + 1, resource.size());
    }
    block->hash_ = hash_of({out, size});
    return Ref<Block>::adopt(block);
}

void Jid::Block::dispose(const Block* block)
{
    block->~Block();
    ::operator delete(const_cast<Block*>(block));
}

Result<Jid> Jid::parse(std::string_view text)
{
    const auto slash = text.find('/');
    const std::string_view bare = text.substr(0, slash);
    const auto at = bare.find('@');

    std::string_view local;
    std::string_view resource;
    if (at != std::string_view::npos) {
        local = bare.substr(0, at);
        if (local.empty()) {
            return malformed("The local part is empty");
        }
    }
    if (slash != std::string_view::npos) {
        resource = text.substr(slash + 1);
        if (resource.empty()) {
            return malformed("The resource is empty");
        }
    }
    return make(local, at == std::string_view::npos ? bare : bare.substr(at + 1), resource);
}

Result<Jid> Jid::make(std::string_view local, std::string_view domain, std::string_view resource)
{
    std::array<std::string, 3> made;
    const auto prepared_local = local.empty() ? local : prepare_local(local, made[0]);
    if (!prepared_local) {
        return malformed("The local part is not allowed");
    }
    const auto prepared_domain = prepare_domain(domain, made[1]);
    if (!prepared_domain) {
        return malformed("The domain is not allowed");
    }
    const auto prepared_resource =
        resource.empty() ? resource : prepare_resource(resource, made[2]);
    if (!prepared_resource) {
        return malformed("The resource is not allowed");
    }
    return join(*prepared_local, *prepared_domain, *prepared_resource);
}

Jid Jid::join(std::string_view local, std::string_view domain, std::string_view resource)
{
    Jid jid;
    jid.block_ = Block::make(local, domain, resource);
    return jid;
}

Jid Jid::bare() const
{
    return is_bare() ? *this : join(local(), domain(), {});
}

Jid Jid::host() const
{
    return empty() || is_domain() ? *this : join({}, domain(), {});
}

Result<Jid> Jid::with_resource(std::string_view resource) const
{
    std::string made;
    const auto prepared = prepare_resource(resource, made);
    if (empty() || !prepared) {
        return malformed("The resource is not allowed");
    }
    return join(local(), domain(), *prepared);
}

JidCache::JidCache()
    : entries_{std::make_unique<Places[]>(size)}
{}

JidCache::~JidCache() = default;

Result<Jid> JidCache::parse(std::string_view text)
{
    // Longer ones are rare, and a cache full of them would hold megabytes.
    constexpr std::size_t longest = 256;
    if (text.size() > longest) {
        return Jid::parse(text);
    }
    const std::uint64_t hash = hash_of(text);
    for (const Jid& known : entries_[hash % size]) {
        if (known.hash() == hash && known.str() == text && !text.empty()) {
            return known;
        }
    }
    auto jid = Jid::parse(text);
    if (jid && jid->str().size() <= longest) {
        // Another spelling of an address that is kept shall share its block, too.
        Places& places = entries_[jid->hash() % size];
        const auto kept = std::find(places.begin(), places.end(), *jid);
        if (kept != places.end()) {
            return *kept;
        }
        places[1] = std::exchange(places[0], *jid);
    }
    return jid;
}

} // namespace sarang
