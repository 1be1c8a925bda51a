// SPDX-License-Identifier: Apache-2.0
// What rooms read: kept bytes are refused or read as a value that comes back as it went, a form is
// refused or makes a configuration within its limits whose own form changes nothing.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "modules/muc/activity.h"
#include "modules/muc/affiliation_versions.h"
#include "modules/muc/affiliations.h"
#include "modules/muc/config_form.h"
#include "modules/muc/hats.h"
#include "modules/muc/join_request.h"
#include "modules/muc/vcard.h"

namespace {

using namespace sarang;
using namespace sarang::muc;

void require(bool condition)
{
    if (!condition) {
        std::abort();
    }
}

template <class T>
void try_kept(std::string_view bytes)
{
    if (const std::optional<T> value = Codec<T>::decode(bytes)) {
        require(Codec<T>::decode(Codec<T>::encode(*value)) == value);
    }
}

template <class T>
void try_part(std::string_view bytes)
{
    BytesReader in{bytes};
    T value;
    if (value.read(in)) {
        BytesWriter out;
        value.write(out);
        BytesReader again{out.bytes()};
        T copy;
        require(copy.read(again) && again.complete());
        BytesWriter once_more;
        copy.write(once_more);
        require(once_more.bytes() == out.bytes());
    }
}

void try_card(const Element& element)
{
    if (const auto hashes = avatar_hashes(element)) {
        require(hashes->size() <= most_photos);
    }
}

DataForm submitted(const DataForm& form)
{
    DataForm all{"submit", form.form_type()};
    for (const FormField& field : form.fields()) {
        all.add({field.type, field.var, {}, field.values});
    }
    return all;
}

void check_limits(const RoomConfig& config)
{
    const ConfigLimits limits;
    require(config.name.size() <= limits.name && config.description.size() <= limits.description);
    require(config.language.size() <= limits.language && config.pubsub.size() <= limits.pubsub);
    require(config.password.size() <= limits.password && config.max_users <= limits.users);
    require(config.history <= limits.history && config.slow_mode <= limits.slow_mode);
    require(config.contacts.size() <= limits.contacts);
}

void try_form(const Element& element)
{
    const Result<DataForm> form = DataForm::read(element);
    if (!form) {
        return;
    }
    auto change = read_config(*form, RoomConfig{});
    if (!change) {
        return;
    }
    check_limits(change->config);
    require(!change->owners || !change->owners->empty());
    RoomStaff staff{{Jid::parse("owner@example.org").value()}, {}};
    staff.owners = change->owners.value_or(staff.owners);
    const auto again = read_config(submitted(config_form(change->config, staff)), RoomConfig{});
    require(again && again->config == change->config && again->owners == staff.owners);
    const auto kept = Codec<RoomConfig>::decode(Codec<RoomConfig>::encode(change->config));
    require(kept == change->config);
    require(DataForm::read(room_info_form(change->config, {})).has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const std::string_view input{reinterpret_cast<const char*>(bytes), size};
    try_kept<RoomConfig>(input);
    try_kept<AffiliationItem>(input);
    try_part<Activity>(input);
    try_part<AffiliationVersions>(input);
    try_part<Hats>(input);
    if (const Result<Element> element = Element::read(input)) {
        try_form(*element);
        try_card(*element);
        const Result<JoinRequest> request = JoinRequest::read(*element);
        require(request || request.error().condition == Condition::bad_request);
    }
    return 0;
}
