// SPDX-License-Identifier: Apache-2.0
#include "core/scram_messages.h"

#include "base/bytes.h"

#include <algorithm>

namespace sarang::scram {
namespace {

constexpr std::size_t max_nonce = 256;

/// Reads a message attribute by attribute.
class Attributes {
public:
    explicit Attributes(std::string_view message)
        : rest_{message}
    {}

    bool finished() const { return finished_; }

    /// What stands before the next comma, which is skipped.
    std::string_view field()
    {
        const std::size_t comma = rest_.find(',');
        const std::string_view field = rest_.substr(0, comma);
        finished_ = comma == std::string_view::npos;
        rest_.remove_prefix(finished_ ? rest_.size() : comma + 1);
        return field;
    }

    /// The value of the next attribute, which has this name and is not empty.
    std::optional<std::string_view> value(char name)
    {
        const std::string_view next = field();
        if (next.size() < 3 || next[0] != name || next[1] != '=') {
            return std::nullopt;
        }
        return next.substr(2);
    }

    /// Passes over extensions to the end: they are to be ignored.
    bool skip_extensions()
    {
        while (!finished_) {
            const std::string_view next = field();
            if (next.size() < 3 || !is_extension(next[0]) || next[1] != '=') {
                return false;
            }
        }
        return true;
    }

private:
    // What has a meaning already is out of its place; `m` must be refused (RFC 5802 §5.1).
    static bool is_extension(char name)
    {
        const bool letter = (name >= 'a' && name <= 'z') || (name >= 'A' && name <= 'Z');
        return letter && std::string_view{"anmrcsipve"}.find(name) == std::string_view::npos;
    }

    std::string_view rest_;
    bool finished_ = false;
};

bool is_nonce(std::string_view nonce)
{
    return nonce.size() <= max_nonce &&
           std::all_of(nonce.begin(), nonce.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// cb-name of RFC 5801 §4.
bool is_binding_name(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-';
    });
}

bool read_flag(std::string_view field, Gs2Header& header)
{
    if (field == "n" || field == "y") {
        header.flag = field == "n" ? BindingFlag::unsupported : BindingFlag::unoffered;
        return true;
    }
    header.flag = BindingFlag::used;
    header.binding = field.substr(std::min<std::size_t>(field.size(), 2));
    return field.starts_with("p=") && is_binding_name(header.binding);
}

bool read_authzid(std::string_view field, Gs2Header& header)
{
    if (field.empty()) {
        return true;
    }
    std::optional<std::string> name;
    if (field.starts_with("a=")) {
        name = parse_name(field.substr(2));
    }
    header.authzid = std::move(name).value_or("");
    return !header.authzid.empty();
}

} // namespace

std::optional<std::string> parse_name(std::string_view name)
{
    std::string plain;
    plain.reserve(name.size());
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == ',' || name[i] == '\0') {
            return std::nullopt;
        }
        if (name[i] != '=') {
            plain += name[i];
            continue;
        }
        const std::string_view escape = name.substr(i, 3);
        if (escape != "=2C" && escape != "=3D") {
            return std::nullopt;
        }
        plain += escape == "=2C" ? ',' : '=';
        i += 2;
    }
    return plain.empty() ? std::nullopt : std::optional{std::move(plain)};
}

std::optional<Gs2Header> parse_gs2_header(std::string_view message)
{
    Gs2Header header;
    Attributes attributes{message};
    const std::string_view flag = attributes.field();
    const std::string_view authzid = attributes.field();
    if (attributes.finished() || !read_flag(flag, header) || !read_authzid(authzid, header)) {
        return std::nullopt;
    }
    header.text = message.substr(0, flag.size() + authzid.size() + 2);
    return header;
}

std::optional<ClientFirst> parse_client_first(std::string_view message)
{
    std::optional<Gs2Header> gs2 = parse_gs2_header(message);
    if (!gs2 || message.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view bare = message.substr(gs2->text.size());
    Attributes attributes{bare};
    const auto name = attributes.value('n');
    const auto nonce = attributes.value('r');
    if (!name || !nonce || !is_nonce(*nonce) || !attributes.skip_extensions()) {
        return std::nullopt;
    }
    std::optional<std::string> user = parse_name(*name);
    if (!user) {
        return std::nullopt;
    }
    return ClientFirst{std::move(*gs2), std::move(*user), *nonce, bare};
}

std::optional<ClientFinal> parse_client_final(std::string_view message)
{
    const std::size_t end = message.rfind(",p=");
    if (end == std::string_view::npos || message.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    std::optional<std::string> proof = base64_decode(message.substr(end + 3));
    Attributes attributes{message.substr(0, end)};
    const auto binding = attributes.value('c');
    const auto nonce = attributes.value('r');
    if (!proof || proof->empty() || !binding || !nonce || !attributes.skip_extensions()) {
        return std::nullopt;
    }
    return ClientFinal{*binding, *nonce, message.substr(0, end), std::move(*proof)};
}

std::string server_first(std::string_view nonce, std::string_view salt, std::uint32_t iterations)
{
    std::string message = "r=";
    message.append(nonce).append(",s=").append(base64_encode(salt));
    message.append(",i=").append(std::to_string(iterations));
    return message;
}

std::string server_final(std::string_view signature)
{
    return "v=" + base64_encode(signature);
}

std::string expected_binding(std::string_view gs2_header, std::string_view bytes)
{
    std::string input{gs2_header};
    input.append(bytes);
    return base64_encode(input);
}

std::string auth_message(
    std::string_view client_first_bare,
    std::string_view server_first,
    std::string_view client_final_without_proof)
{
    std::string message;
    message.reserve(
        client_first_bare.size() + server_first.size() + client_final_without_proof.size() + 2);
    message.append(client_first_bare).append(",").append(server_first).append(",");
    message.append(client_final_without_proof);
    return message;
}

} // namespace sarang::scram
