// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.h"

#include <boost/test/unit_test.hpp>

#include <concepts>
#include <fmt/core.h>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace sarang {

using namespace std::string_view_literals;

namespace {

std::string unhex(std::string_view text)
{
    return hex_decode(text).value();
}

struct DigestRow {
    std::string bytes;
    std::string_view sha1;
    std::string_view sha256;
};

// FIPS 180-4's examples, and the empty one.
const std::vector<DigestRow> digests{
    {"",
     "da39a3ee5e6b4b0d3255bfef95601890afd80709",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc",
     "a9993e364706816aba3e25717850c26c9cd0d89d",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {std::string(1'000'000, 'a'),
     "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

struct HmacRow {
    Hash hash;
    std::string key;
    std::string bytes;
    std::string_view digest;
};

// RFC 2202 §3 and RFC 4231 §4; keys as long as a block, and a byte more, from a second library.
const std::vector<HmacRow> hmacs{
    {Hash::sha1, std::string(20, '\x0b'), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"},
    {Hash::sha1,
     "Jefe",
     "what do ya want for nothing?",
     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {Hash::sha1,
     std::string(80, '\xaa'),
     "Test Using Larger Than Block-Size Key - Hash Key First",
     "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
    {Hash::sha256,
     std::string(20, '\x0b'),
     "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {Hash::sha256,
     "Jefe",
     "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {Hash::sha256,
     std::string(131, '\xaa'),
     "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {Hash::sha1, "", "", "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"},
    {Hash::sha256,
     std::string(64, 'k'),
     "x",
     "f91c4c403625fb06910ef93999265bbd2d62baeaec6ff36455498cc124fe3e66"},
    {Hash::sha256,
     std::string(65, 'k'),
     "x",
     "75092ca3ee2b307470c227697b42b3e65376aa3bae98fb5a1f7b7536daa9588a"},
};

struct Pbkdf2Row {
    Hash hash;
    std::string_view password;
    std::string_view salt;
    std::uint32_t iterations;
    std::string_view derived; ///< or its beginning
};

// RFC 6070 §2 (without the one of 16 million iterations); RFC 7914 §11 and its kin for SHA-256.
const std::vector<Pbkdf2Row> derivations{
    {Hash::sha1, "password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"},
    {Hash::sha1, "password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"},
    {Hash::sha1, "password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"},
    {Hash::sha1,
     "passwordPASSWORDpassword",
     "saltSALTsaltSALTsaltSALTsaltSALTsalt",
     4096,
     "3d2eec4fe41c849b80c8d83662c0e44a8b291a96"},
    {Hash::sha1, "pass\0word"sv, "sa\0lt"sv, 4096, "56fa6aa75548099dcc37d7f03425e0c3"},
    {Hash::sha256,
     "password",
     "salt",
     1,
     "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"},
    {Hash::sha256,
     "password",
     "salt",
     2,
     "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"},
    {Hash::sha256,
     "password",
     "salt",
     4096,
     "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"},
    {Hash::sha256,
     "passwd",
     "salt",
     1,
     "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(crypto)

BOOST_AUTO_TEST_CASE(digests_are_those_of_fips_180)
{
    for (const DigestRow& row : digests) {
        BOOST_TEST(hex_encode(digest(Hash::sha1, row.bytes).view()) == row.sha1);
        BOOST_TEST(hex_encode(digest(Hash::sha256, row.bytes).view()) == row.sha256);
    }
}

BOOST_AUTO_TEST_CASE(keyed_digests_are_those_of_rfc_2202_and_rfc_4231)
{
    for (const HmacRow& row : hmacs) {
        BOOST_TEST(hex_encode(hmac(row.hash, row.key, row.bytes).view()) == row.digest);
    }
}

BOOST_AUTO_TEST_CASE(keys_from_passwords_are_those_of_rfc_6070_and_rfc_7914)
{
    for (const Pbkdf2Row& row : derivations) {
        const Digest derived = pbkdf2(row.hash, row.password, row.salt, row.iterations);
        BOOST_TEST(derived.size() == size(row.hash));
        BOOST_TEST(hex_encode(derived.view()).starts_with(row.derived));
    }
}

BOOST_AUTO_TEST_CASE(a_digest_of_other_length_or_bytes_is_another)
{
    const Digest sha1 = digest(Hash::sha1, "abc");
    BOOST_TEST((sha1 == Digest{sha1.view()}));
    BOOST_TEST(!(sha1 == digest(Hash::sha1, "abd")));
    BOOST_TEST(!(sha1 == digest(Hash::sha256, "abc")));
    BOOST_TEST(!(sha1 == Digest{}));
    BOOST_TEST(!(Digest{Hash::sha1} == Digest{Hash::sha256}));
}

BOOST_AUTO_TEST_CASE(hash128_is_the_beginning_of_sha_256)
{
    BOOST_TEST(hex_encode(view(hash128("abc"))) == "ba7816bf8f01cfea414140de5dae2223");
}

BOOST_AUTO_TEST_CASE(random_bytes_fill_all_and_differ)
{
    std::set<std::string> seen;
    std::array<bool, 32> was_set{};
    for (int i = 0; i < 100; ++i) {
        std::array<std::uint8_t, 32> octets{};
        random_bytes(octets);
        seen.emplace(view(octets));
        for (std::size_t at = 0; at < octets.size(); ++at) {
            was_set[at] |= octets[at] != 0;
        }
    }
    BOOST_TEST(seen.size() == 100);
    for (const bool each : was_set) {
        BOOST_TEST(each);
    }
    random_bytes({});
}

BOOST_AUTO_TEST_CASE(a_secret_is_moved_and_wiped_but_never_copied_or_logged)
{
    static_assert(!std::copyable<Secret>);
    static_assert(!std::is_copy_constructible_v<Secret>);
    static_assert(std::movable<Secret>);
    static_assert(!std::equality_comparable<Secret>);
    static_assert(!fmt::is_formattable<Secret>::value);

    std::string password = "correct horse battery staple";
    const char* const storage = password.data();
    Secret secret = Secret::take(password);
    BOOST_TEST(password.empty());
    BOOST_TEST(*storage == '\0');
    BOOST_TEST(secret.reveal() == "correct horse battery staple");

    const Secret moved = std::move(secret);
    BOOST_TEST(secret.empty());
    BOOST_TEST(secret.reveal().empty());
    BOOST_TEST(moved.reveal() == "correct horse battery staple");
    secret = Secret{"other"};
    BOOST_TEST(secret.reveal() == "other");
}

BOOST_AUTO_TEST_CASE(the_block_cipher_is_that_of_fips_197)
{
    BlockCipher::Block plain;
    const std::string bytes = unhex("00112233445566778899aabbccddeeff");
    std::copy(bytes.begin(), bytes.end(), plain.begin());
    const std::vector<std::pair<std::string_view, std::string_view>> rows{
        {"000102030405060708090a0b0c0d0e0f", "69c4e0d86a7b0430d8cdb78070b4c55a"},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
         "8ea2b7ca516745bfeafc49904b496089"},
    };
    for (const auto& [key, expected] : rows) {
        BlockCipher cipher{Secret{unhex(key)}};
        for (int again = 0; again < 3; ++again) {
            const auto hidden = cipher.encrypt(plain);
            BOOST_TEST(hex_encode(view(hidden)) == expected);
            BOOST_TEST((cipher.decrypt(hidden) == plain));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace sarang
