#include "cli/shard.hpp"

#include <charconv>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "cli/command.hpp"

namespace backout::cli {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> variable(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  const auto value = number(text);
  if (!value) throw UsageError{fmt::format("--shard auto: {} is '{}', not a number", name, text)};
  return value;
}

std::uint64_t needed(const char* name, const char* because) {
  const auto value = variable(name);
  if (!value) throw UsageError{fmt::format("--shard auto: {} is set, but not {}", because, name)};
  return *value;
}

Shard checked(std::uint64_t index, std::uint64_t count, const std::string& text) {
  if (index >= 1 && index <= count) return {index, count};
  throw UsageError{fmt::format("--shard {}: the shard {} of {} does not exist; shards count from 1",
                               text, index, count)};
}

Shard from_scheduler() {
  if (const auto task = variable("SLURM_ARRAY_TASK_ID")) {
    const std::uint64_t first = variable("SLURM_ARRAY_TASK_MIN").value_or(1);
    return checked(*task - first + 1, needed("SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_ID"),
                   "auto");
  }
  if (const auto index = variable("JOB_COMPLETION_INDEX")) {
    return checked(*index + 1, needed("JOB_COMPLETIONS", "JOB_COMPLETION_INDEX"), "auto");
  }
  if (const auto sequence = variable("PARALLEL_SEQ")) {
    return checked(*sequence, needed("BACKOUT_SHARDS", "PARALLEL_SEQ"), "auto");
  }
  throw UsageError{
      "--shard auto: no scheduler says which shard this is (SLURM_ARRAY_TASK_ID, "
      "JOB_COMPLETION_INDEX, PARALLEL_SEQ)"};
}

}  // namespace

std::pair<std::uint64_t, std::uint64_t> Shard::range(std::uint64_t runs) const {
  const auto cut = [&](std::uint64_t at) {
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(runs) * at / count);
  };
  return {cut(index - 1), cut(index)};
}

Shard read_shard(const std::string& text) {
  if (text == "auto") return from_scheduler();
  const std::size_t slash = text.find('/');
  const auto index = number(std::string_view(text).substr(0, slash));
  const auto count =
      slash == std::string::npos ? std::nullopt : number(std::string_view(text).substr(slash + 1));
  if (!index || !count)
    throw UsageError{fmt::format("--shard takes I/N like 2/8, or auto, not '{}'", text)};
  return checked(*index, *count, text);
}

}  // namespace backout::cli
