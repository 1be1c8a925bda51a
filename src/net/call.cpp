// SPDX-License-Identifier: Apache-2.0
#include "net/call.h"

#include "net/mailbox.h"

namespace sarang::detail {
namespace {

class Return final : public Mail {
public:
    explicit Return(std::unique_ptr<Visit> visit)
        : visit_{std::move(visit)}
    {}

    void open(Shard&) override { visit_->conclude(); }

private:
    std::unique_ptr<Visit> visit_;
};

void go_home(std::unique_ptr<Visit> visit)
{
    Shard& home = visit->home();
    home.post(std::unique_ptr<Mail>{std::make_unique<Return>(std::move(visit))});
}

Task<void> stay(std::unique_ptr<Visit> visit, Task<void> task)
{
    {
        // Ends here, before the visit that it works for leaves this thread.
        Task<void> work = std::move(task);
        co_await work;
    }
    go_home(std::move(visit));
}

class Departure final : public Mail {
public:
    explicit Departure(std::unique_ptr<Visit> visit)
        : visit_{std::move(visit)}
    {}

    void open(Shard& there) override
    {
        std::optional<Task<void>> work = visit_->perform();
        if (work) {
            there.spawn(stay(std::move(visit_), std::move(*work)));
        } else {
            go_home(std::move(visit_));
        }
    }

private:
    std::unique_ptr<Visit> visit_;
};

} // namespace

Visit::Visit(Shard& home)
    : home_{home}
{}

Visit::~Visit() = default;

void depart(Shard& there, std::unique_ptr<Visit> visit)
{
    there.post(std::unique_ptr<Mail>{std::make_unique<Departure>(std::move(visit))});
}

} // namespace sarang::detail
