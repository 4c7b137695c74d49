#pragma once
// Entries in formats: what a version has written and another must read. Sessions in a cache,
// messages in a queue, objects in a bucket, documents in an index: code goes back, and what it
// wrote stays.

#include <string>
#include <vector>

#include "services/record_kind.hpp"

namespace backout::services {

/// The fact path that `reads:` and `takes:` of a version require, and the field by which a kind
/// says that it has entries.
inline constexpr const char* kFormats = "formats";
inline constexpr const char* kForeign = "foreign";
/// The format of a document of which the plan does not say it: one from before the deploy where
/// `holds` does not say.
inline constexpr const char* kAnyFormat = "kept";
inline constexpr const char* kMiss = "miss";  ///< a value of `foreign`
inline constexpr const char* kRebuilds = "rebuilds";

/// Whether a kind keeps entries in formats.
bool has_entries(const model::KindSpec& kind);

/// The fields that all such kinds have, holds and foreign, rebuilds where a reader may miss, and
/// then `more`.
std::vector<model::FieldSpec> entry_fields(std::vector<std::string> foreign,
                                           std::string foreign_help,
                                           std::vector<model::FieldSpec> more);

/// The formats that the service's `holds` names: a list, or a map from formats to how many.
std::vector<std::string> held_formats(const model::Service& service);

/// Says what in `holds` is no format.
void check_held_formats(const model::Service& service, std::vector<model::Mistake>& mistakes);

/// `record` with the entries that `holds` says are there before the deploy.
Record with_entries(const Plan& plan, ServiceIndex self, const Record& record);

/// `record` with the copies of its entries that the plan says were there before the deploy.
Record with_copies_of_entries(const Plan& plan, ServiceIndex self, Record record);

/// Facts that a rollback need not restore: which entries there are. Whether they are lost, their
/// data say.
std::vector<std::string> entry_areas();

/// One datum an entry, and one for each that was dealt with (`settled_entries`).
std::vector<Datum> entry_data(const Record& record);

/// Whether the operation meets the formats of what a store holds: it reads, or it writes and its
/// version does not say what it reads.
bool meets_formats(const Context& context, const Operation& operation);

/// What a live version does: writes an entry, or reads those that are there. Refused when an entry
/// is of a format that it does not read; opaque when nobody says of which format. A version that
/// writes and does not say what it reads is taken to read what it writes.
Outcome use_entries(const Context& context, const World& world, const Operation& operation,
                    const std::string& tag);

/// The same where those who write need not read: a queue.
Outcome use_messages(const Context& context, const World& world, const Operation& operation,
                     const std::string& tag);

/// The formats that live versions write into the service now.
std::vector<std::string> written_now(const Context& context, const World& world,
                                     ServiceIndex service);
/// Those that live versions read; `any` is set when one of them reads at all.
std::vector<std::string> read_now(const Context& context, const World& world, ServiceIndex service,
                                  bool& any);

/// Those of `formats` that live versions of the app would take for a miss, if they were there.
std::vector<std::string> missed_by(const Context& context, const World& world, ServiceIndex service,
                                   ServiceIndex app, const std::vector<std::string>& formats);

/// Whether entries that a reader of the store takes for a miss cannot be made anew.
bool may_miss(const model::Service& store);
/// The world without those entries that live readers take for a miss and nobody can make anew: what
/// people find of their data.
World as_found(const Context& context, const World& world);

/// Sorted, each once.
std::vector<std::string> each_once(std::vector<std::string> all);

/// The formats of the entries that are there, sorted.
std::vector<std::string> formats_in(const Record& record);
/// The same, and of those that are kept back and come later (`later.*`).
std::vector<std::string> formats_to_come(const Record& record);
/// `record` with what was there taken, but for what is kept back: all of it may be.
Record taken_but_for_later(const Record& record);
/// `record` where something in each of these formats may be kept back.
Record with_rest_for_later(const Record& record, const std::vector<std::string>& formats);
/// `record` with what was kept back there again.
Record come(const Record& record);
/// `record` with the entries of these formats dealt with: read to their end, expired, converted.
/// Empty: all of them.
Record settled_entries(const Record& record, const std::vector<std::string>& formats);
/// `record` with the entries of these formats put aside: dead letters.
Record put_aside(const Record& record, const std::vector<std::string>& formats);
/// Whether the plan does not say what the format is.
bool is_unknown_format(const std::string& format);
/// `record` without the entries of this format (empty: any), nor the memory of them: they are lost.
Record without_entries(const Record& record, const std::string& format);
/// `record` with every entry in `format`.
Record converted(const Record& record, const std::string& format);

}  // namespace backout::services
