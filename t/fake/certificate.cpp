// SPDX-License-Identifier: Apache-2.0
#include "certificate.h"

#include "base/scope.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <string_view>

namespace sarang {
namespace {

using BioPtr = Owned<BIO, BIO_free_all>;
using KeyPtr = Owned<EVP_PKEY, EVP_PKEY_free>;

KeyPtr make_key(std::string_view kind)
{
    if (kind == "RSA") {
        return KeyPtr{EVP_RSA_gen(2048)};
    }
    if (kind == "ED25519") {
        return KeyPtr{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    }
    return KeyPtr{EVP_EC_gen("P-256")};
}

void set_names(X509* certificate, const std::vector<std::string>& names)
{
    X509_NAME* const subject = X509_get_subject_name(certificate);
    const auto* const first = reinterpret_cast<const unsigned char*>(names.front().c_str());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, first, -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    std::string alternatives;
    for (const std::string& name : names) {
        alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
    }
    const Owned<X509_EXTENSION, X509_EXTENSION_free> extension{
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternatives.c_str())};
    X509_add_ext(certificate, extension.get(), -1);
}

std::string text_in(BIO* bio)
{
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    return {text, static_cast<std::size_t>(size)};
}

} // namespace

TlsIdentity make_identity(const FakeCertificate& wanted)
{
    const KeyPtr key = make_key(wanted.key);
    const Owned<X509, X509_free> certificate{X509_new()};
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    constexpr long day = 24 * 60 * 60;
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -40 * day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), wanted.days * day);
    set_names(certificate.get(), wanted.names);
    X509_set_pubkey(certificate.get(), key.get());
    const bool hashes = std::string_view{wanted.key} != "ED25519";
    X509_sign(certificate.get(), key.get(), hashes ? EVP_get_digestbyname(wanted.hash) : nullptr);

    const BioPtr chain{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509(chain.get(), certificate.get());
    const BioPtr secret{BIO_new(BIO_s_mem())};
    PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return TlsIdentity{text_in(chain.get()), text_in(secret.get()), wanted.names.front()};
}

} // namespace sarang
