#pragma once
// A PostgreSQL server of one's own: made in a temporary folder, reached through a socket in it,
// gone afterwards.

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>
#include <tl/expected.hpp>

namespace backout::rehearsal {

/// Runs as a child of this process and ends with it, however it ends. As root it runs as the user
/// `postgres`.
class PrivateServer {
 public:
  /// Starts one; why it cannot be started otherwise.
  static tl::expected<PrivateServer, std::string> start();
  /// The folder of the newest server programs of this machine; nothing when there is none.
  static std::optional<std::filesystem::path> programs();

  PrivateServer(PrivateServer&& other) noexcept;
  PrivateServer& operator=(PrivateServer&&) = delete;
  ~PrivateServer();

  /// For Address::parse() and psql: only the socket in folder(), user `postgres`.
  std::string address() const;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  explicit PrivateServer(std::filesystem::path folder) : folder_(std::move(folder)) {}
  tl::expected<void, std::string> launch();

  std::filesystem::path folder_;  ///< empty when moved from
  pid_t process_ = 0;
};

}  // namespace backout::rehearsal
