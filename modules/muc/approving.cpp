// SPDX-License-Identifier: Apache-2.0
// Who wants to register with a room for members only, and what its admins say to that (XEP-0045
// §9.9).
#include "base/id.h"
#include "core/data_form.h"

#include <algorithm>
#include <utility>

#include "modules/muc/muc.h"
#include "modules/muc/names.h"
#include "modules/muc/registering.h"

namespace sarang::muc {
namespace {

constexpr std::string_view allow_field = "muc#register_allow";
// Of several who wanted one nickname, an answer is about the one that its form has named.
constexpr std::string_view account_field = "{urn:sarang:muc:0}jid";

// Admins who do not answer must not cost more than that.
constexpr std::size_t most_applicants = 64;

FormField field(std::string_view type, std::string_view var, std::string_view label)
{
    return {std::string{type}, std::string{var}, std::string{label}};
}

// §9.9, to wherever they are.
void ask_admins(Room& room, const Applicant& applicant)
{
    DataForm form{"form", std::string{register_type}};
    form.title("Registration request");
    FormField account = field("jid-single", account_field, "Who wants to register");
    account.values.emplace_back(applicant.account.str());
    FormField nick = field("text-single", nick_field, "Desired nickname");
    nick.values.push_back(applicant.nick);
    FormField allow = field("boolean", allow_field, "Allow this person to register with the room?");
    allow.values.emplace_back("0");
    form.add(std::move(account)).add(std::move(nick)).add(std::move(allow));
    Stanza message;
    message.id = random_id();
    message.from = room.jid;
    message.payload = Payload::make(form.element());
    for (const Affiliation affiliation : {Affiliation::owner, Affiliation::admin}) {
        room.router().route_to_many(message, room.affiliations.list(affiliation));
    }
}

struct Answer {
    Applicant applicant;
    bool allow = false;
};

Result<Answer> read_answer(const Room& room, const DataForm& form)
{
    Result<std::optional<Jid>> account = form.jid(account_field);
    if (!account) {
        return std::move(account).failure();
    }
    Result<std::optional<bool>> allow = form.boolean(allow_field);
    if (!allow) {
        return std::move(allow).failure();
    }
    Result<std::string> nick = nick_of(room, form);
    if (!nick || !*account || !*allow) {
        return fail(Condition::bad_request, "Who may register, and how is he called?");
    }
    return Answer{{(*account)->bare(), std::move(*nick), {}}, **allow};
}

// §9.5: who has become a member of a room for members only is invited.
void invite(Room& room, const Jid& admin, const Jid& account)
{
    Element x{user_ns, "x"};
    x.add("invite").set("from", admin.bare_str());
    if (!room.config.password.empty()) {
        x.add("password").text(room.config.password);
    }
    Stanza message;
    message.id = random_id();
    message.from = room.jid;
    message.to = account;
    message.payload = Payload::make(x);
    room.invitations.note({account, admin.bare(), admin.bare()});
    room.router().route(std::move(message));
}

// Who was banned or was made a member since is let be.
Task<Result<void>> welcome(Room& room, Jid admin, Applicant applicant)
{
    if (room.affiliation_of(applicant.account) != Affiliation::none) {
        co_return Result<void>{};
    }
    if (auto free = is_free(room, applicant.account, applicant.nick); !free) {
        co_return free;
    }
    Task<Result<void>> enrolling = enroll(room, applicant.account, applicant.nick);
    Result<void> enrolled = co_await enrolling;
    if (enrolled && room.occupants.of(applicant.account).empty()) {
        invite(room, admin, applicant.account);
    }
    co_return enrolled;
}

} // namespace

void forget_old_applicants(Room& room)
{
    const Clock::Wall now = room.clock().wall();
    std::erase_if(room.applicants, [&room, now](const Applicant& one) {
        return one.since + room.muc.applicants_expire() <= now;
    });
}

// Who has asked waits until he is answered: else admins could be asked without an end.
Task<Result<void>> apply(Room& room, Applicant applicant)
{
    const auto earlier = std::ranges::find(room.applicants, applicant.account, &Applicant::account);
    if (earlier != room.applicants.end() && earlier->nick == applicant.nick) {
        co_return Result<void>{};
    }
    if (earlier != room.applicants.end() || room.applicants.size() >= most_applicants) {
        co_return fail(Error{
            Condition::resource_constraint,
            "The admins have to answer an earlier request first",
            {},
            ErrorType::wait});
    }
    applicant.since = room.clock().wall();
    room.applicants.push_back(applicant);
    Task<Result<void>> keeping = room.muc.keep_state(room);
    Result<void> kept = co_await keeping;
    if (!kept) {
        std::erase(room.applicants, applicant);
        co_return kept;
    }
    ask_admins(room, applicant);
    co_return Result<void>{};
}

bool answers_applicant(const Stanza& message)
{
    const std::optional<Element> x = message.element(data_form_ns, "x");
    if (!x || message.type != Type::normal) {
        return false;
    }
    const Result<DataForm> form = DataForm::read(*x);
    return form && form->form_type() == register_type;
}

Task<Result<void>> take_answer(Room& room, const Stanza& message)
{
    const Affiliation affiliation = room.affiliation_of(message.from);
    if (!may(affiliation, AffiliationPrivilege::edit_member_list)) {
        co_return fail(Condition::forbidden, "Only admins say who may register");
    }
    const std::optional<Element> x = message.element(data_form_ns, "x");
    const std::optional<DataForm> form = co_await ok(submitted(&*x));
    if (!form) {
        co_return Result<void>{};
    }
    const Answer answer = co_await ok(read_answer(room, *form));
    forget_old_applicants(room);
    if (std::ranges::find(room.applicants, answer.applicant) == room.applicants.end()) {
        co_return fail(Condition::item_not_found, "Nobody waits for this answer");
    }
    if (answer.allow) {
        co_await ok(welcome(room, message.from, answer.applicant));
    }
    std::erase(room.applicants, answer.applicant);
    co_await ok(room.muc.keep_state(room));
    co_return Result<void>{};
}

} // namespace sarang::muc
