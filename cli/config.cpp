// The backout.toml that holds, and the files that it extends.
#include "cli/config.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "cli/config_file.hpp"
#include "importers/repository/repository.hpp"
#include "model/files.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

fs::path real_path(const fs::path& path) {
  std::error_code error;
  return fs::weakly_canonical(fs::current_path() / path, error);
}

template <class T>
void put_below(std::vector<T>& own, std::vector<T> base) {
  own.insert(own.begin(), std::make_move_iterator(base.begin()),
             std::make_move_iterator(base.end()));
}

/// Puts a file's own configuration over the one that it extends.
Config over(Config base, Config own) {
  std::ranges::move(base.files, std::back_inserter(own.files));
  put_below(own.rules, std::move(base.rules));
  put_below(own.folders, std::move(base.folders));
  put_below(own.extend_exclude, std::move(base.extend_exclude));
  if (!own.exclude) own.exclude = std::move(base.exclude);
  if (!own.fail_on) own.fail_on = std::move(base.fail_on);
  if (!own.unknown) own.unknown = std::move(base.unknown);
  if (!own.baseline) own.baseline = std::move(base.baseline);
  if (!own.postgres_version) own.postgres_version = base.postgres_version;
  for (auto& [command, options] : base.defaults) {
    std::vector<DefaultOption>& said = own.defaults[command];
    for (DefaultOption& each : options) {
      if (std::ranges::find(said, each.name, &DefaultOption::name) == said.end())
        said.push_back(std::move(each));
    }
  }
  return own;
}

/// A backout.toml and what it extends, one file behind the other.
class Chain {
 public:
  explicit Chain(const std::string& file) : root_(importers::project_root(real_path(file))) {
    wrong_.files.push_back(file);
    if (const auto text = model::read_file(file)) {
      read(file, *text);
    } else {
      wrong_.sources->add(file, "");
      wrong_.mistakes.push_back({{}, "cannot be read", ""});
    }
    while (!chain_.empty() && chain_.back().extends && read_next()) continue;
  }

  tl::expected<Config, ConfigError> result() && {
    if (!wrong_.mistakes.empty()) {
      std::ranges::sort(wrong_.mistakes, {}, &model::Mistake::span);
      return tl::unexpected(std::move(wrong_));
    }
    Config config = std::move(chain_.back().config);
    for (auto own = chain_.rbegin() + 1; own != chain_.rend(); ++own)
      config = over(std::move(config), std::move(own->config));
    return config;
  }

 private:
  void read(const std::string& name, const std::string& text) {
    chain_.push_back(read_config_file(name, text, wrong_));
  }

  /// Reads what the last file extends. False: it cannot be extended.
  bool read_next() {
    const Extension extension = *chain_.back().extends;
    const fs::path own = chain_.back().config.files.front();
    const std::string file =
        (own.parent_path() / extension.path).lexically_normal().generic_string();
    wrong_.files.push_back(file);
    std::string message = refusal(file);
    if (message.empty()) {
      const auto text = model::read_file(file);
      if (text)
        read(file, *text);
      else
        message = text.error();
    }
    if (message.empty()) return true;
    message = fmt::format("'{}' {}", extension.path, message);
    wrong_.mistakes.push_back({extension.span, std::move(message), ""});
    return false;
  }

  /// Why a file may not be extended, to be put behind its name; else empty. Whoever writes a
  /// backout.toml is not to read other files of the machine through the messages about them.
  std::string refusal(const std::string& file) const {
    const fs::path real = real_path(file);
    if (root_ && !model::is_below(real, real_path(*root_))) return "lies outside the repository";
    std::error_code error;
    if (fs::is_directory(real, error)) return "is a folder";
    if (real.extension() != ".toml") return "is no .toml file";
    const auto met = std::ranges::find_if(
        wrong_.files, [&](const std::string& name) { return real_path(name) == real; });
    if (met == wrong_.files.end() - 1) return "";  // the file itself, for the first time
    return fmt::format("extends itself: {}", fmt::join(met, wrong_.files.end(), ", "));
  }

  std::optional<fs::path> root_;
  std::vector<ConfigFile> chain_;
  ConfigError wrong_{std::make_shared<model::Sources>(), {}, {}};
};

}  // namespace

std::string find_config(const std::string& start) {
  std::error_code error;
  fs::path folder = fs::weakly_canonical(start.empty() ? "." : start, error);
  if (!fs::is_directory(folder, error)) folder = folder.parent_path();
  for (;; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / "backout.toml", error)) {
      return (folder / "backout.toml")
          .lexically_proximate(fs::current_path(error))
          .generic_string();
    }
    if (fs::exists(folder / ".git", error) || folder == folder.parent_path()) return {};
  }
}

tl::expected<Config, ConfigError> read_config(const std::string& file) {
  return Chain(file).result();
}

std::vector<PathPatterns> Config::excludes() const {
  std::vector<PathPatterns> all = extend_exclude;
  if (exclude) all.push_back(*exclude);
  return all;
}

}  // namespace backout::cli
