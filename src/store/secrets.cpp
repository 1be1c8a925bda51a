// SPDX-License-Identifier: Apache-2.0
#include "store/secrets.h"

#include <array>
#include <string>

namespace sarang {
namespace {

constexpr std::size_t secret_size = 32;
constexpr char codec_version = 1;

// No JID: none has an empty domain.
constexpr std::string_view server = "/server";

std::string make_secret()
{
    std::array<std::uint8_t, secret_size> octets;
    random_bytes(octets);
    std::string value{codec_version};
    value += view(octets);
    wipe(octets);
    return value;
}

} // namespace

Task<Result<Secret>> secret(KeyedStore& values, std::string_view name)
{
    const std::string row = "secret " + std::string{name};
    auto found = co_await ok(values.get(server, row));
    if (!found) {
        found = co_await ok(values.put_first(server, row, make_secret()));
    }
    if (found->size() != 1 + secret_size || found->front() != codec_version) {
        wipe(*found);
        co_return fail(Condition::internal_server_error, {}, "a stored secret is damaged: " + row);
    }
    Secret kept{std::string_view{*found}.substr(1)};
    wipe(*found);
    co_return std::move(kept);
}

} // namespace sarang
