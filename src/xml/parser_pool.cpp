// SPDX-License-Identifier: Apache-2.0
#include "xml/parser_pool.h"

#include <algorithm>
#include <utility>

namespace sarang {

ParserPool::ParserPool()
    : state_{std::make_unique<State>()}
{}

ParserPool::~ParserPool() = default;

std::size_t ParserPool::idle() const
{
    return state_->idle();
}

std::size_t ParserPool::bytes() const
{
    return state_->bytes();
}

std::unique_ptr<Scanner> ParserPool::State::take(Ref<Root>& root)
{
    // With fewer at hand, a new one is made rather than one moved to another root, which a
    // stream is likely to ask for again.
    constexpr std::size_t few = 8;

    auto place = find(root);
    if (place == idle_.end() && root) {
        root = share(std::move(root));
        place = find(root);
    }
    if (place != idle_.end()) {
        return remove(place);
    }
    const bool make = idle_.size() < few;
    auto scanner = make ? std::make_unique<Scanner>(bytes_) : remove(idle_.begin());
    scanner->enter(root);
    return scanner;
}

void ParserPool::State::give(std::unique_ptr<Scanner> scanner)
{
    if (!scanner->reusable() || scanner->worn()) {
        return;
    }
    scanner->shrink();
    if (idle_.size() == max_idle) {
        idle_.erase(idle_.begin());
    }
    idle_.push_back(std::move(scanner));
}

Ref<Root> ParserPool::State::share(Ref<Root> root)
{
    Ref<Root>& shared = roots_[root->hash() % roots_.size()];
    if (!shared || !(*shared == *root)) {
        shared = std::move(root);
    }
    return shared;
}

ParserPool::State::Idle::iterator ParserPool::State::find(const Ref<Root>& root)
{
    const auto found = std::find_if(
        idle_.rbegin(), idle_.rend(), [&](const auto& scanner) { return scanner->root() == root; });
    return found == idle_.rend() ? idle_.end() : std::prev(found.base());
}

std::unique_ptr<Scanner> ParserPool::State::remove(Idle::iterator place)
{
    auto scanner = std::move(*place);
    idle_.erase(place);
    return scanner;
}

} // namespace sarang
