#pragma once
// The engine under a store: a newer one runs on what an older one left, the other way round it
// depends.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/row_kind.hpp"

namespace backout::services {

/// What is known of a kind's engines.
struct Engines {
  enum class Reads { yes, no, unknown };

  /// Whether `older` runs on what `newer` left, both version numbers; asked where the plan's
  /// `file_formats` do not say.
  std::function<Reads(const std::string& older, const std::string& newer)> reads;
  /// What an engine that does not says; of itself and of the one that left it.
  std::function<std::string(const std::string& older, const std::string& newer)> words;
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
/// oldest that runs on what is there); perhaps_of (one that ran, where nobody says what it left).
Record with_engine(const model::Service& service, const Record& record);

/// The format in which an engine writes its files, and where the engine stands among
/// `file_formats`, the oldest first.
struct FileFormat {
  std::string name;
  std::ptrdiff_t place = 0;
};
/// Nullopt: the plan does not say.
std::optional<FileFormat> file_format(const model::Service& self, const std::string& engine);

/// Version numbers are compared part by part: negative when `a` is the older one. "8.0.36" and
/// "8.0" are the same as far as both go.
int compare_versions(const std::string& a, const std::string& b);

/// The first `parts` parts of a version number: "8.4.2", 2 -> "8.4".
std::string series_of(const std::string& version, int parts);

/// Engines::reads of those that read each other's files within a series of two parts, as 6.0.
Engines::Reads within_series(const std::string& older, const std::string& newer);

/// The same part of the version number as a number; -1: none.
int part_of(const std::string& version, int part);

}  // namespace backout::services
