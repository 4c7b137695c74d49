#pragma once
// The engine under a store: a newer one runs on what an older one left, the other way round it
// depends.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/engine_table.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

/// Arguments of `upgrade`.
inline constexpr TextArg kUpgradeEngine =
    TextArg("engine", "The version of the engine, newer or older.").required();
inline constexpr FlagArg kUpgradeEmpty{
    "empty",
    "It starts on an empty directory: what was there is gone unless a copy is restored (default "
    "false)."};

/// How the engines of a kind are changed; what they read of each other: services/engine_table.hpp.
struct Engines {
  /// Until a `finalize` a newer engine leaves what the older one reads (Kafka, MongoDB). Where the
  /// plan may say otherwise: its field `finalizes`.
  bool finalizes = false;
  /// A `finalize` can go back to an older one.
  bool lowers = false;
  /// What is left of the record when an engine starts on an empty directory.
  std::function<Record(const Record&)> emptied;
};

/// `engine`, `file_formats`, and `finalizes` where there is a `finalize`.
std::vector<model::FieldSpec> engine_fields(const Engines& engines);

/// `upgrade`, and `finalize` where there is one.
std::vector<VerbRow> engine_rows(const Engines& engines);

/// `record` with the engine before the deploy, where the plan says it. Facts: engine; data_of (the
/// oldest that runs on what is there); perhaps_of (one that ran, where nobody says what it left);
/// newest (that ran, where that counts; not essential).
Record with_engine(const model::Service& service, const Record& record);

/// What the engine that runs does with files of `next` that `left` left and that a copy put there:
/// as `upgrade` says. Empty: nobody says whose they are.
Outcome with_files_of(const Engines& engines, const Call& call, const Record& next,
                      const std::string& left);

/// The format in which an engine writes its files, and where the engine stands among
/// `file_formats`, the oldest first.
struct FileFormat {
  std::string name;
  std::ptrdiff_t place = 0;
};
/// Of an engine of which the plan says nothing, what the table knows; nullopt: neither does.
std::optional<FileFormat> file_format(const model::Service& self, const std::string& engine);

}  // namespace backout::services
