// SPDX-License-Identifier: Apache-2.0
// Services: what one module offers to others on the same host and shard, found by name, so that
// no type information crosses from one image to another. What a module offers is declared in
// core/service/NAME.h as a class with `static constexpr const char* service_name`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sarang {

class Services {
public:
    void put(std::string_view name, void* service)
    {
        entries_.push_back({std::string{name}, service});
    }

    void remove(const void* service)
    {
        std::erase_if(entries_, [service](const Entry& entry) { return entry.service == service; });
    }

    /// None when no module offers it now; ask each time, since modules come and go.
    template <class T>
    T* find() const
    {
        for (const Entry& entry : entries_) {
            if (entry.name == T::service_name) {
                return static_cast<T*>(entry.service);
            }
        }
        return nullptr;
    }

private:
    struct Entry {
        std::string name;
        void* service;
    };

    std::vector<Entry> entries_;
};

} // namespace sarang
