// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/vcard.h"

#include "base/bytes.h"
#include "base/crypto.h"

#include <algorithm>
#include <optional>

namespace sarang::muc {
namespace {

std::string text_of(const Element& photo, std::string_view name)
{
    const Element* const child = photo.child(vcard_ns, name);
    return child != nullptr ? child->text() : std::string{};
}

// vCards are old: base64 comes in lines.
std::string without_blanks(std::string text)
{
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return text;
}

Result<std::string> hash_of(const Element& photo)
{
    const std::optional<std::string> picture =
        base64_decode(without_blanks(text_of(photo, "BINVAL")));
    if (!picture || picture->empty()) {
        return fail(Condition::bad_request, "An avatar is inside of its vCard, as base64");
    }
    if (!text_of(photo, "TYPE").starts_with("image/")) {
        return fail(Condition::not_acceptable, "An avatar is a picture, of a type that is told");
    }
    return hex_encode(digest(Hash::sha1, *picture).view());
}

} // namespace

Result<std::vector<std::string>> avatar_hashes(const Element& vcard)
{
    std::vector<std::string> hashes;
    for (const Element* const photo : vcard.children()) {
        // An empty one says that there is none.
        if (!photo->is(vcard_ns, "PHOTO") || photo->child() == nullptr) {
            continue;
        }
        if (hashes.size() == most_photos) {
            return fail(Condition::policy_violation, "Too many formats of one avatar");
        }
        Result<std::string> hash = hash_of(*photo);
        if (!hash) {
            return std::move(hash).failure();
        }
        hashes.push_back(std::move(*hash));
    }
    return hashes;
}

} // namespace sarang::muc
