#pragma once
// Which part of a campaign this process runs.

#include <cstdint>
#include <string>
#include <utility>

namespace backout::cli {

struct Shard {
  std::uint64_t index = 1;  ///< 1..count
  std::uint64_t count = 1;

  /// Runs [first, last) of `runs`: the shards of one count cover all runs, each once.
  std::pair<std::uint64_t, std::uint64_t> range(std::uint64_t runs) const;
};

/// Reads "2/8", or with "auto" the scheduler's environment: a Slurm array job (SLURM_ARRAY_TASK_ID,
/// _MIN, _COUNT), a Kubernetes Indexed Job (JOB_COMPLETION_INDEX, and JOB_COMPLETIONS, which the
/// job must pass on), or GNU parallel (PARALLEL_SEQ, and BACKOUT_SHARDS, which the caller must
/// set). Throws UsageError.
Shard read_shard(const std::string& text);

}  // namespace backout::cli
