// SPDX-License-Identifier: Apache-2.0
#include "core/credentials.h"

#include "base/scram.h"
#include "net/worker.h"
#include "xml/saslprep.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace sarang {
namespace {

ScramKeys derive(Hash hash, std::string_view password, std::uint32_t iterations)
{
    std::array<std::uint8_t, salt_size> salt;
    random_bytes(salt);
    const scram::Keys keys = scram::derive(hash, password, view(salt), iterations);
    return {hash, iterations, std::string{view(salt)}, keys};
}

/// Goes to a worker with all that it needs.
class Derivation {
public:
    Derivation(Secret password, std::uint32_t iterations)
        : password_{std::move(password)}
        , iterations_{iterations}
    {}

    Result<Credentials> operator()() { return derive_credentials(password_, iterations_); }

private:
    Secret password_;
    std::uint32_t iterations_;
};

} // namespace

Task<Result<Credentials>>
make_credentials(WorkerPool& workers, Secret password, std::uint32_t iterations)
{
    Derivation derivation{std::move(password), iterations};
    Task<Result<Credentials>> running = workers.run(std::move(derivation));
    Result<Credentials> credentials = co_await running;
    co_return std::move(credentials);
}

Result<Credentials> derive_credentials(const Secret& password, std::uint32_t iterations)
{
    Result<std::string> text = saslprep(password.reveal());
    if (!text) {
        return fail(text.error().condition, "The password " + text.error().text);
    }
    const Secret prepared = Secret::take(*text);
    if (prepared.empty()) {
        return fail(Condition::not_acceptable, "The password is empty");
    }
    return Credentials{
        derive(Hash::sha256, prepared.reveal(), iterations),
        derive(Hash::sha1, prepared.reveal(), iterations)};
}

const ScramKeys* find_keys(const Credentials& credentials, Hash hash)
{
    constexpr std::uint32_t most = std::numeric_limits<std::int32_t>::max();
    const auto found = std::find_if(credentials.begin(), credentials.end(), [&](const auto& kept) {
        return kept.hash == hash && kept.iterations > 0 && kept.iterations <= most;
    });
    return found == credentials.end() ? nullptr : &*found;
}

} // namespace sarang
