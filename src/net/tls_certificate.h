// SPDX-License-Identifier: Apache-2.0
// What is read from certificates, for the TLS files of this room.
#pragma once

#include "base/api.h"
#include "base/scope.h"
#include "net/tls.h"

#include <string>
#include <string_view>
#include <vector>

extern "C" void X509_free(X509* certificate);

namespace sarang {

using X509Ptr = Owned<X509, X509_free>;
using X509List = std::vector<X509Ptr>;

/// All certificates in a PEM text, in order; empty when one of them is malformed.
SARANG_API X509List read_chain(const std::string& pem);

SARANG_API TlsCertificate describe(X509* certificate);

/// RFC 5929 §4.1; empty where it is undefined.
SARANG_API std::string end_point_binding(X509* certificate);

} // namespace sarang
