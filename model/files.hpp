#pragma once
// Files are opened here only: what somebody else's plan, document or folder names is a regular file
// or is refused.

#include <cstdint>
#include <filesystem>
#include <string>

#include <tl/expected.hpp>

namespace backout::model {

/// Largest file of any kind.
inline constexpr std::uintmax_t kLargestFile = 256 << 20;

/// The text of the regular file at `path`, links followed. Otherwise what is wrong with it, to be
/// put behind its name: "does not exist", "is a folder", "is a pipe, a socket or a device", "is no
/// file of a disk" (/proc, /sys), "is larger than 256 MB", "cannot be read". Pipes and devices are
/// never opened.
tl::expected<std::string, std::string> read_file(const std::filesystem::path& path,
                                                 std::uintmax_t most = kLargestFile);

/// Whether `path`, as it is written, is `folder` or a place in it.
bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder);
/// Whether `path` leads by links to a place outside `folder`.
bool leads_out_of(const std::filesystem::path& folder, const std::filesystem::path& path);

}  // namespace backout::model
