// SPDX-License-Identifier: Apache-2.0
// Jid: an address, normalised by the stringprep profiles of RFC 6122 when it is made, and
// immutable from then on. Copies share one block, so a copy is a pointer; the empty Jid is none.
#pragma once

#include "base/api.h"
#include "base/refcount.h"
#include "base/result.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace sarang {

class SARANG_API Jid {
public:
    /// The longest a part may be, in bytes (RFC 6122 §2).
    static constexpr std::size_t max_part = 1023;

    Jid() = default;

    /// Takes an address apart and normalises it: jid-malformed if it is none.
    static Result<Jid> parse(std::string_view text);

    /// From parts that are not normalised yet; `local` and `resource` may be empty.
    static Result<Jid>
    make(std::string_view local, std::string_view domain, std::string_view resource = {});

    bool empty() const { return !block_; }

    explicit operator bool() const { return !empty(); }

    // All views live as long as any copy of this Jid. All are empty for the empty Jid.
    std::string_view local() const;
    std::string_view domain() const;
    std::string_view resource() const;
    /// The whole address.
    std::string_view str() const;
    /// The address without its resource: a prefix of str().
    std::string_view bare_str() const;

    bool is_bare() const { return resource().empty(); }

    bool is_domain() const { return local().empty() && resource().empty(); }

    /// This address without its resource; itself when it has none.
    Jid bare() const;
    /// The domain alone.
    Jid host() const;
    /// With another resource, which is normalised here.
    Result<Jid> with_resource(std::string_view resource) const;

    bool same_bare(const Jid& other) const { return bare_str() == other.bare_str(); }

    /// Of str(); stable within a process only.
    std::size_t hash() const;

    bool operator==(const Jid& other) const
    {
        return block_ == other.block_ || (hash() == other.hash() && str() == other.str());
    }

    std::strong_ordering operator<=>(const Jid& other) const { return str() <=> other.str(); }

private:
    class Block;

    static Jid join(std::string_view local, std::string_view domain, std::string_view resource);

    Ref<Block> block_;
};

/// Header and characters of an address, in one allocation.
class Jid::Block final : public Refcounted {
public:
    static Ref<Block>
    make(std::string_view local, std::string_view domain, std::string_view resource);
    static void dispose(const Block* block);

    std::string_view str() const { return {reinterpret_cast<const char*>(this + 1), size_}; }

    std::string_view bare() const { return str().substr(0, bare_); }

    std::string_view local() const { return str().substr(0, domain_ == 0 ? 0 : domain_ - 1U); }

    std::string_view domain() const { return bare().substr(domain_); }

    std::string_view resource() const
    {
        return bare_ == size_ ? std::string_view{} : str().substr(bare_ + 1U);
    }

    std::size_t hash() const { return hash_; }

private:
    Block() = default;
    ~Block() = default;

    std::uint16_t domain_ = 0; ///< where it begins
    std::uint16_t bare_ = 0;   ///< where the resource's slash stands, or the end
    std::uint16_t size_ = 0;
    std::size_t hash_ = 0;
};

// Short, and called many times for each stanza: not worth a call into the library.

inline std::string_view Jid::local() const
{
    return block_ ? block_->local() : std::string_view{};
}

inline std::string_view Jid::domain() const
{
    return block_ ? block_->domain() : std::string_view{};
}

inline std::string_view Jid::resource() const
{
    return block_ ? block_->resource() : std::string_view{};
}

inline std::string_view Jid::str() const
{
    return block_ ? block_->str() : std::string_view{};
}

inline std::string_view Jid::bare_str() const
{
    return block_ ? block_->bare() : std::string_view{};
}

inline std::size_t Jid::hash() const
{
    return block_ ? block_->hash() : 0;
}

/// Remembers the addresses that a shard met lately, so that meeting one again costs a look and
/// they are stored once. Of fixed size, with two places for an address; used by one thread.
class SARANG_API JidCache {
public:
    JidCache();
    ~JidCache();
    JidCache(const JidCache&) = delete;
    JidCache& operator=(const JidCache&) = delete;

    /// As Jid::parse(), by way of the cache.
    Result<Jid> parse(std::string_view text);

private:
    using Places = std::array<Jid, 2>; ///< the one that came last first

    static constexpr std::size_t size = 2048;

    std::unique_ptr<Places[]> entries_;
};

} // namespace sarang

template <>
struct std::hash<sarang::Jid> {
    std::size_t operator()(const sarang::Jid& jid) const noexcept { return jid.hash(); }
};
