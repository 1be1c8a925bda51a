// SPDX-License-Identifier: Apache-2.0
// The profiles that normalise the parts of an address: Nodeprep, Nameprep and Resourceprep as
// RFC 6122 uses them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sarang {

/// The normalised part, or none when it is not allowed. The view points into `part` when that is
/// normal already, else into `made`.
std::optional<std::string_view> prepare_local(std::string_view part, std::string& made);
std::optional<std::string_view> prepare_domain(std::string_view part, std::string& made);
std::optional<std::string_view> prepare_resource(std::string_view part, std::string& made);

} // namespace sarang
