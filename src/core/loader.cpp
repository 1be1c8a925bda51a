// SPDX-License-Identifier: Apache-2.0
#include "core/loader.h"

#include "core/module.h"

#include <algorithm>
#include <dlfcn.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace sarang {
namespace {

namespace fs = std::filesystem;

Failure unloadable(const std::string& name, const std::string& why)
{
    return fail(Condition::not_acceptable, "cannot load module " + name + ": " + why);
}

bool is_name(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

// An anonymous file with the module's bytes: the linker takes it for another library each time.
Result<int> private_copy(const std::string& name, const std::string& path)
{
    std::ifstream in{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    if (!in || bytes.empty()) {
        return unloadable(name, path + " cannot be read");
    }
    const int copy = memfd_create(name.c_str(), MFD_CLOEXEC);
    std::size_t written = 0;
    while (copy >= 0 && written < bytes.size()) {
        const ssize_t size = write(copy, bytes.data() + written, bytes.size() - written);
        if (size <= 0) {
            break;
        }
        written += static_cast<std::size_t>(size);
    }
    if (written < bytes.size()) {
        const std::string why = std::generic_category().message(errno);
        close(copy);
        return unloadable(name, why);
    }
    return copy;
}

} // namespace

Loader::Loader(std::vector<std::string> folders)
    : folders_{std::move(folders)}
{}

Result<std::string> Loader::find(const std::string& name) const
{
    if (!is_name(name)) {
        return fail(Condition::bad_request, "\"" + name + "\" is not the name of a module");
    }
    for (const std::string& folder : folders_) {
        const fs::path path = fs::path{folder} / (name + ".so");
        std::error_code error;
        if (fs::exists(path, error)) {
            return path.string();
        }
    }
    std::string where;
    for (const std::string& folder : folders_) {
        where += (where.empty() ? "" : ", ") + folder;
    }
    return fail(Condition::item_not_found, "there is no module \"" + name + "\" in " + where);
}

Result<Image> Loader::open(const std::string& name)
{
    Result<std::string> path = find(name);
    if (!path) {
        return fail(std::move(path).error());
    }
    const Result<int> copy = private_copy(name, *path);
    if (!copy) {
        return fail(copy.error());
    }
    // The linker knows an image by its path: the descriptor stays open, so that no later copy gets
    // the same one. Neither is the handle ever closed; see the head of loader.h.
    const std::string copied = "/proc/self/fd/" + std::to_string(*copy);
    void* const image = dlopen(copied.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (image == nullptr) {
        const std::string why = dlerror();
        close(*copy);
        return unloadable(name, why);
    }
    const auto* abi = static_cast<const unsigned*>(dlsym(image, "sarang_module_abi"));
    const auto make = reinterpret_cast<Image::Make>(dlsym(image, "sarang_module_make"));
    if (abi == nullptr || make == nullptr) {
        return unloadable(name, *path + " is not a module of sarang");
    }
    if (*abi != SARANG_MODULE_ABI) {
        return unloadable(
            name,
            "built for module interface " + std::to_string(*abi) + ", this server has " +
                std::to_string(SARANG_MODULE_ABI));
    }
    return Image{name, *path, ++images_, make};
}

std::vector<std::string> Loader::available() const
{
    std::set<std::string> names;
    for (const std::string& folder : folders_) {
        std::error_code error;
        for (const fs::directory_entry& entry : fs::directory_iterator{folder, error}) {
            if (entry.path().extension() == ".so" && is_name(entry.path().stem().string())) {
                names.insert(entry.path().stem().string());
            }
        }
    }
    return {names.begin(), names.end()};
}

} // namespace sarang
