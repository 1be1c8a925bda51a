// SPDX-License-Identifier: Apache-2.0
#include "net/tls_certificate.h"

#include "base/bytes.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>

namespace sarang {
namespace {

using BioPtr = Owned<BIO, BIO_free_all>;

std::string text_of(const X509_NAME* name)
{
    const BioPtr bio{BIO_new(BIO_s_mem())};
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::chrono::system_clock::time_point time_of(const ASN1_TIME* time)
{
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::vector<std::string> dns_names(const X509* certificate)
{
    std::vector<std::string> names;
    const Owned<GENERAL_NAMES, GENERAL_NAMES_free> all{static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(all.get(), i);
        if (name->type == GEN_DNS) {
            const auto* const bytes = ASN1_STRING_get0_data(name->d.dNSName);
            names.emplace_back(
                reinterpret_cast<const char*>(bytes),
                static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        }
    }
    return names;
}

std::string digest_of(const X509* certificate, const EVP_MD* hash)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(certificate, hash, bytes, &size) != 1) {
        return {};
    }
    return {reinterpret_cast<const char*>(bytes), size};
}

} // namespace

X509List read_chain(const std::string& pem)
{
    X509List chain;
    const BioPtr bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    ERR_clear_error();
    while (X509Ptr next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        chain.push_back(std::move(next));
    }
    const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!ended) {
        chain.clear();
    } else if (!chain.empty()) {
        ERR_clear_error();
    }
    return chain;
}

TlsCertificate describe(X509* certificate)
{
    TlsCertificate described;
    described.subject = text_of(X509_get_subject_name(certificate));
    described.issuer = text_of(X509_get_issuer_name(certificate));
    described.names = dns_names(certificate);
    described.not_before = time_of(X509_get0_notBefore(certificate));
    described.not_after = time_of(X509_get0_notAfter(certificate));
    described.fingerprint = hex_encode(digest_of(certificate, EVP_sha256()));
    described.end_point = end_point_binding(certificate);
    return described;
}

std::string end_point_binding(X509* certificate)
{
    int hash = NID_undef;
    if (X509_get_signature_info(certificate, &hash, nullptr, nullptr, nullptr) != 1 ||
        hash == NID_undef) {
        return {};
    }
    if (hash == NID_md5 || hash == NID_sha1) {
        hash = NID_sha256;
    }
    const EVP_MD* const algorithm = EVP_get_digestbynid(hash);
    return algorithm != nullptr ? digest_of(certificate, algorithm) : std::string{};
}

} // namespace sarang
