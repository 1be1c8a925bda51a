// SPDX-License-Identifier: Apache-2.0
#include "modules/muc/search_page.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sarang::muc {
namespace {

constexpr std::string_view first_window = "-";
constexpr std::size_t spare = 64; // beyond a page, before the rest is dropped

// No bare JID has one.
constexpr char sign = '/';

} // namespace

std::string SearchPlace::text() const
{
    std::string text = window.empty() ? std::string{first_window} : window;
    if (!room.empty()) {
        text += sign + std::to_string(users) + sign + room;
    }
    return text;
}

std::optional<SearchPlace> SearchPlace::read(std::string_view text)
{
    SearchPlace place;
    const std::size_t end = text.find(sign);
    const std::string_view window = text.substr(0, end);
    place.window = window == first_window ? std::string_view{} : window;
    if (end == text.npos) {
        return window.empty() ? std::nullopt : std::optional{place};
    }
    const std::string_view rest = text.substr(end + 1);
    const std::size_t second = std::min(rest.find(sign), rest.size());
    const std::string_view users = rest.substr(0, second);
    const auto [stop, error] =
        std::from_chars(users.data(), users.data() + users.size(), place.users);
    place.room = rest.substr(std::min(second + 1, rest.size()));
    const bool sound = error == std::errc{} && stop == users.data() + users.size();
    return sound && !window.empty() && !place.room.empty() ? std::optional{place} : std::nullopt;
}

Result<SearchPage>
SearchPage::of(RoomSearch::Order order, const ResultSetRequest& asked, std::size_t bound)
{
    if (asked.index) {
        return fail(Condition::feature_not_implemented, "Pages have no numbers");
    }
    SearchPage page;
    page.order_ = order;
    page.most_ = std::min(asked.max.value_or(bound), bound);
    page.backwards_ = asked.before.has_value();
    const std::string& from = page.backwards_ ? *asked.before : asked.after.value_or("");
    if (!from.empty()) {
        const std::optional<SearchPlace> place = SearchPlace::read(from);
        if (!place) {
            return fail(Condition::item_not_found, "There is no such place in the result");
        }
        page.from_ = *place;
    }
    return page;
}

bool SearchPage::before(const PublicRoom& one, const PublicRoom& other) const
{
    if (order_ == RoomSearch::Order::users && one.users != other.users) {
        return one.users > other.users;
    }
    return one.room < other.room;
}

bool SearchPage::is_on_it(const PublicRoom& room) const
{
    if (from_.room.empty()) {
        return true;
    }
    PublicRoom from;
    from.room = from_.room;
    from.users = from_.users;
    return backwards_ ? before(room, from) : before(from, room);
}

void SearchPage::add(PublicRoom room)
{
    ++matching_;
    if (!is_on_it(room)) {
        return;
    }
    ++beyond_;
    rooms_.push_back(std::move(room));
    if (rooms_.size() >= most_ + std::max(most_, spare)) {
        trim();
    }
}

// The best come first, those nearest to where the page begins.
void SearchPage::trim()
{
    const auto nearer = [this](const PublicRoom& one, const PublicRoom& other) {
        return backwards_ ? before(other, one) : before(one, other);
    };
    std::ranges::sort(rooms_, nearer);
    rooms_.resize(std::min(rooms_.size(), most_));
}

SearchPlace SearchPage::place(const PublicRoom& room) const
{
    return {from_.window, room.room, order_ == RoomSearch::Order::users ? room.users : 0};
}

Element SearchPage::result(const std::string& rest)
{
    trim();
    if (backwards_) {
        std::ranges::reverse(rooms_);
    }
    ResultSetAnswer answer;
    if (!rooms_.empty()) {
        answer.first = place(rooms_.front()).text();
        answer.last = place(rooms_.back()).text();
    }
    const bool goes_on = !backwards_ && !rest.empty() && beyond_ == rooms_.size();
    if (goes_on) {
        answer.last = SearchPlace{rest, {}, 0}.text();
        answer.first = answer.first.empty() ? answer.last : answer.first;
    }
    if (from_.window.empty() && rest.empty()) {
        answer.count = matching_;
    }
    Element result{search_ns, "result"};
    for (const PublicRoom& room : rooms_) {
        result.add(search_item(room));
    }
    result.add(answer.element());
    return result;
}

} // namespace sarang::muc
