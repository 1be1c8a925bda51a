// SPDX-License-Identifier: Apache-2.0
// Certificates for tests, signed by themselves and made on the spot.
#pragma once

#include "net/tls.h"

#include <string>
#include <vector>

namespace sarang {

struct FakeCertificate {
    std::vector<std::string> names{"localhost"};
    const char* hash = "SHA256"; ///< of the signature; Ed25519 keys know none
    const char* key = "EC";      ///< or "RSA", "ED25519"
    int days = 30;               ///< less than zero: expired
};

TlsIdentity make_identity(const FakeCertificate& certificate);

} // namespace sarang
