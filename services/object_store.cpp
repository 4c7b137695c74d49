// A bucket of objects: S3, GCS, Azure Blob.
//
// What the real thing does: it keeps what versions wrote, in their formats. With versioning a
// delete or an overwrite keeps the older version, which can be brought back; without it is gone at
// once. A sync with --delete removes what the source does not have. A lifecycle rule ends older
// versions after a time (`older_kept`). Sources: Amazon S3 "Using versioning in S3 buckets",
// "Managing the lifecycle of objects" (NoncurrentVersionExpiration), "aws s3 sync". What this fake
// leaves out: keys, storage classes. A bucket that follows by replication gets what is overwritten
// overwritten; what is deleted it keeps, unless delete markers are replicated ("What does Amazon S3
// replicate?").
//
// Facts: entries.*, older.* (versions that can be brought back), replica.* (in the other
// bucket alone), copy.*: not essential.
#include <fmt/format.h>

#include "model/duration.hpp"
#include "services/amend.hpp"
#include "services/entries.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"
#include "services/validity.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kObjectFormat{"format", "Only objects of this format (default all)."};
constexpr TextArg kObjectTo = TextArg("to", "The format that every object has then.").required();
constexpr FlagArg kObjectDelete{
    "delete", "Removes what the copy does not have (`sync --delete`, default false)."};

/// Says when the older versions that a step leaves end.
void tell_end_of_older(const model::Service& self, Traits& traits) {
  const auto kept = model::parse_duration(self.fields.text("older_kept"));
  if (self.fields.flag("versioning") && kept)
    tell_end("the older versions are kept", *kept, traits);
}

bool has_versioning(const Call& call) { return call.self.fields.flag("versioning"); }

/// The objects as they are, kept as older versions where the bucket does that.
Record kept(const Call& call) {
  return has_versioning(call) ? copy_area(call.now, "entries", "older") : call.now;
}

/// Whether another bucket, to which this one is replicated, keeps what is deleted here.
bool keeps_deleted(const model::Service& self) { return self.fields.text("replica") == "keeps"; }

/// `next` with what it no longer has of `call.now` in the other bucket alone.
Record left_in_replica(const Call& call, const Record& next) {
  if (!keeps_deleted(call.self)) return next;
  Amended left = next;
  for (const auto& [key, value] : call.now.facts()) {
    if (key.starts_with("entries.") && !next.has(key)) left.with("replica." + key.substr(8), value);
  }
  return left;
}

/// Objects of that area are there again, each in the format that it has there.
Record brought_back(const Record& now, const std::string& area) {
  Amended next = now;
  for (const auto& [key, value] : now.facts()) {
    if (key.starts_with(area + '.')) next.with("entries" + key.substr(area.size()), value);
  }
  return next;
}

/// Objects that came back can stay: what was deleted before is there once more.
Undo undo_bringing_back(const Call& call, const std::string& area) {
  return brought_back(call.now, area).equals(call.now)
             ? nothing_to_undo()
             : Undo{Undo::Class::conditional, "what came back stays", {}};
}

Outcome copy_from_replica(const Call& call) {
  const std::string kept = call.field("replica");
  if (kept.empty() || kept == "none")
    return Outcome::refused("NoSuchBucket: the bucket is not replicated");
  if (kept == "unknown")
    return Outcome::opaque(
        fmt::format("whether what is deleted in '{}' is deleted in its replica, too, the plan does "
                    "not say (`replica`)",
                    call.self.name));
  return call.becomes(brought_back(call.now, "replica"));
}

/// How a delete is taken back: by older versions, or from the other bucket.
Undo undo_delete(const Call& call) {
  if (formats_in(call.now).empty()) return nothing_to_undo();
  if (has_versioning(call)) return call.back("undelete");
  if (keeps_deleted(call.self)) return call.back("copy_replica");
  if (call.field("replica") == "unknown") return {};
  return no_undo("deleted objects are gone without versioning");
}

std::vector<VerbRow> verbs_of_object_store() {
  return {
      {{"delete", {kObjectFormat}, "Deletes objects."},
       [](const Call& call) {
         return call.becomes(
             left_in_replica(call, without_entries(kept(call), call.arg(kObjectFormat))));
       },
       undo_delete,
       [](const Context& context, const Action& action, Traits& traits) {
         const model::Service& self = context.plan().services[action.service];
         if (!self.fields.flag("versioning") && !self.fields.flag(kRebuilds) &&
             !keeps_deleted(self))
           traits.destroys = "objects of " + self.name;
         tell_end_of_older(self, traits);
       }},
      {{"undelete", {}, "Brings the older versions back."},
       [](const Call& call) {
         if (!has_versioning(call))
           return Outcome::refused("versioning is not enabled: there are no older versions");
         return call.becomes(brought_back(call.now, "older"));
       },
       [](const Call& call) { return undo_bringing_back(call, "older"); },
       no_traits},
      {{"copy_replica",
        {},
        "Copies what was deleted here back from the bucket that it is replicated to."},
       copy_from_replica,
       [](const Call& call) { return undo_bringing_back(call, "replica"); },
       no_traits},
      {{"convert", {kObjectTo}, "Rewrites the objects in another format."},
       [](const Call& call) { return call.becomes(converted(kept(call), call.arg(kObjectTo))); },
       [](const Call& call) {
         const std::vector<std::string> formats = formats_in(call.now);
         if (formats.empty() || (formats.size() == 1 && formats.front() == call.arg(kObjectTo)))
           return nothing_to_undo();
         return has_versioning(call) ? call.back("undelete")
                                     : no_undo("the objects in their older format are overwritten");
       },
       [](const Context& context, const Action& action, Traits& traits) {
         const model::Service& self = context.plan().services[action.service];
         if (!self.fields.flag("versioning") && !self.fields.flag(kRebuilds))
           traits.destroys = "the older format of the objects of " + self.name;
         tell_end_of_older(self, traits);
       }},
      {{"backup", {kCopyFile}, "Copies the objects elsewhere."},
       [](const Call& call) {
         return call.becomes(copy_area(call.now, "entries", "copy." + call.arg(kCopyFile))
                                 .with("copies." + call.arg(kCopyFile), "now"));
       },
       changes_nothing,
       [](const Context&, const Action& action, Traits& traits) {
         traits.takes_backup = kCopyFile.in(action.args);
       }},
      {{kRestoreVerb, {kCopyFrom, kObjectDelete}, "Copies objects back."},
       [](const Call& call) {
         const std::string from = call.arg(kCopyFrom);
         if (!call.now.has("copies." + from))
           return Outcome::refused(fmt::format("NoSuchKey: {}", from));
         Amended next = kept(call);
         if (call.arg(kObjectDelete)) next = left_in_replica(call, without_entries(next, ""));
         return call.becomes(brought_back(next, "copy." + from));
       },
       [](const Call&) { return no_undo("what it overwrote is gone unless it was copied before"); },
       [](const Context&, const Action& action, Traits& traits) {
         traits.restores_backup = kCopyFrom.in(action.args);
         if (kObjectDelete.in(action.args)) traits.destroys = "everything written since the copy";
       }}};
}

KindRow object_store_row() {
  KindRow row;
  row.name = "object_store";
  row.help = "A bucket of objects in formats: S3, GCS, Azure Blob.";
  row.fields = entry_fields(
      {"fails", "miss"}, "What a reader does with a format that it does not read (default fails).",
      {field("versioning", ValueType::boolean,
             "Deleted and overwritten objects can be brought back (default false)."),
       field("older_kept", ValueType::duration,
             "How long a lifecycle rule keeps older versions (default: for ever)."),
       choice(
           "replica", {"none", "keeps", "follows", "unknown"},
           "Another bucket has what is written here (replication): it keeps what is deleted here, "
           "or follows in that, too (default none)."),
       field("provider", ValueType::string, "Who keeps it."),
       field("location", ValueType::string, "Failure domain that it lives in.")});
  row.verbs = verbs_of_object_store();
  row.aliases = {"bucket", "s3", "gcs"};
  row.incidental = entry_areas();
  row.incidental.insert(row.incidental.end(), {"older", "replica", "copy", "copies"});
  row.initial = [](const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) {
    check_held_formats(context.plan().services[self], mistakes);
    return with_copies_of_entries(context.plan(), self,
                                  with_entries(context.plan(), self, Record()));
  };
  row.operate = use_entries;
  row.data = [](const Plan& plan, ServiceIndex self, const Record& record) {
    return plan.services[self].fields.flag(kRebuilds) ? std::vector<Datum>{} : entry_data(record);
  };
  return row;
}

}  // namespace

const Kind& kind_object_store() {
  static const std::unique_ptr<const Kind> kKind = make_kind(object_store_row());
  return *kKind;
}

}  // namespace backout::services
