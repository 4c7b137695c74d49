// An index of documents behind an alias: Elasticsearch, OpenSearch, Meilisearch.
//
// What the real thing does: the mapping of an index cannot be changed; a change is a new index, a
// reindex from the old one and a move of the alias. Documents that were written since then are in
// the new index alone: the alias moved back shows the old index without them. A deleted index is
// gone but for its snapshots, and a snapshot is restored by the version that took it or a newer
// one. What its versions read of each other: engine_table.cpp. Sources: Elasticsearch "Reindex
// API", "Aliases", "Snapshot and restore". What this fake leaves out: shards, the documents,
// refresh.
//
// Facts: engine, data_of; alias, mapping (of the index that it shows), index.<name> = its mapping,
// docs.<index>.<who wrote it> = its format: not essential. A reader meets the documents of the
// index that the alias shows, and no others.
#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/engine.hpp"
#include "services/entries.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kSearchIndex = TextArg("index", "Its name.").required();
constexpr TextArg kSearchMapping = TextArg("mapping", "Its mapping.").required();
constexpr TextArg kSearchFrom = TextArg("from", "The index that is read.").required();
constexpr TextArg kSearchTo = TextArg("to", "The index that is written.").required();
constexpr TextArg kSearchFile = kCopyFile.saying("Name of the snapshot.");
constexpr TextArg kSearchAs = TextArg("as", "Name of the index that it becomes.").required();

Record shown(const Record& now, const std::string& index) {
  return now.with("alias", index).with("mapping", now.get("index." + index));
}

std::string no_such(const std::string& index) {
  return fmt::format("index_not_found_exception: no such index [{}]", index);
}

/// `record` with a note which engine took the snapshot.
Record noted_engine(const Record& record, const std::string& file) {
  return record.has("engine") ? record.with("copy_of." + file, record.get("engine")) : record;
}

Engines engines_of_search_index() {
  return {.emptied = [](const Record& now) {
    return without_area(without_area(now, "index"), "docs")
        .without("alias")
        .without("mapping")
        .with("docs", "kept");
  }};
}

std::vector<VerbRow> verbs_of_search_index() {
  return {
      {{"create", {kSearchIndex.saying("Its name."), kSearchMapping}, "A new index, empty."},
       [](const Call& call) {
         const std::string name = call.arg(kSearchIndex);
         if (call.now.has("index." + name))
           return Outcome::refused(
               fmt::format("resource_already_exists_exception: index [{}] already exists", name));
         return call.becomes(call.now.with("index." + name, call.arg(kSearchMapping)));
       },
       [](const Call& call) {
         return call.now.has("index." + call.arg(kSearchIndex))
                    ? nothing_to_undo()
                    : call.back("delete_index", {{kSearchIndex.name(), call.arg(kSearchIndex)}});
       },
       [](const Context&, const Action&, Traits& traits) {
         traits.not_repeatable = "the second time it exists";
       }},
      {{"reindex",
        {kSearchFrom, kSearchTo},
        "Copies the documents of one index into another, as they are now."},
       [](const Call& call) {
         for (const TextArg& each : {kSearchFrom, kSearchTo}) {
           if (!call.now.has("index." + call.arg(each)))
             return Outcome::refused(no_such(call.arg(each)));
         }
         Amended next = call.now;
         const std::string from = "docs." + call.arg(kSearchFrom) + '.';
         for (const auto& [key, value] : call.now.facts()) {
           if (key.starts_with(from))
             next.with("docs." + call.arg(kSearchTo) + '.' + key.substr(from.size()), value);
         }
         return call.becomes(next);
       },
       [](const Call& call) {
         return call.arg(kSearchTo) == call.now.get("alias") ? Undo{} : nothing_to_undo();
       },
       no_traits},
      {{"switch_alias",
        {kSearchTo.saying("The index that it shows then.")},
        "Moves the alias to another index."},
       [](const Call& call) {
         if (call.arg(kSearchTo) == "unknown")
           return Outcome::opaque("which index the alias shows then, the plan does not say");
         if (!call.now.has("index." + call.arg(kSearchTo)))
           return Outcome::refused(no_such(call.arg(kSearchTo)));
         return call.becomes(shown(call.now, call.arg(kSearchTo)));
       },
       [](const Call& call) {
         Undo undo = call.back("switch_alias", {{kSearchTo.name(), call.now.get("alias")}});
         undo.kind = Undo::Class::conditional;
         undo.why = "documents were written since";
         return undo;
       },
       no_traits},
      {{"delete_index", {kSearchIndex.saying("Its name.")}, "Deletes an index with its documents."},
       [](const Call& call) {
         const std::string name = call.arg(kSearchIndex);
         if (!call.now.has("index." + name)) return Outcome::refused(no_such(name));
         const Record next = without_area(call.now, "docs." + name).without("index." + name);
         return call.becomes(
             call.now.get("alias") == name ? next.without("alias").without("mapping") : next);
       },
       [](const Call&) { return no_undo("a deleted index is gone unless a snapshot has it"); },
       [](const Context&, const Action& action, Traits& traits) {
         traits.destroys =
             fmt::format("index '{}' and its documents", kSearchIndex.in(action.args));
         traits.not_repeatable = "the second time there is none";
       }},
      {{"snapshot", {kSearchFile}, "Copies the index that the alias shows."},
       [](const Call& call) {
         const std::string alias = call.now.get("alias");
         return call.becomes(
             noted_engine(copy_area(call.now, "docs." + alias, "copy." + call.arg(kSearchFile))
                              .with("copies." + call.arg(kSearchFile), call.now.get("mapping")),
                          call.arg(kSearchFile)));
       },
       changes_nothing,
       [](const Context&, const Action& action, Traits& traits) {
         traits.takes_backup = kSearchFile.in(action.args);
       }},
      {{kRestoreVerb,
        {kSearchFrom.saying("Name of the snapshot."), kSearchAs},
        "Makes an index from a snapshot; an open index of that name is in its way."},
       [](const Call& call) {
         const std::string from = call.arg(kSearchFrom);
         const std::string to = call.arg(kSearchAs);
         if (!call.now.has("copies." + from))
           return Outcome::refused(
               fmt::format("snapshot_missing_exception: [{}] is missing", from));
         if (std::string newer = call.now.get("copy_of." + from);
             !newer.empty() && compare_versions(call.now.get("engine"), newer) < 0)
           return Outcome::refused(
               fmt::format("the snapshot was created with version [{}] which is higher than the "
                           "version of this node [{}]",
                           newer, call.now.get("engine")));
         if (call.now.has("index." + to))
           return Outcome::refused(
               fmt::format("cannot restore index [{}] because an open index with same name already "
                           "exists in the cluster",
                           to));
         return call.becomes(copy_area(call.now, "copy." + from, "docs." + to)
                                 .with("index." + to, call.now.get("copies." + from)));
       },
       [](const Call& call) {
         return call.now.has("index." + call.arg(kSearchAs))
                    ? nothing_to_undo()
                    : call.back("delete_index", {{kSearchIndex.name(), call.arg(kSearchAs)}});
       },
       [](const Context&, const Action& action, Traits& traits) {
         traits.restores_backup = kSearchFrom.in(action.args);
         traits.not_repeatable = "the second time the index is in its way";
       }}};
}

/// The documents of an index before the deploy.
void add_documents(const model::Service& service, const std::string& index, Amended& record) {
  record.with("docs." + index + ".from before", kAnyFormat);
  for (const std::string& format : held_formats(service))
    record.with(fmt::format("docs.{}.of {}", index, format), format);
}

/// Writes a document into the index that the alias shows, or reads those that are there: as entries
/// in formats.
Outcome use_documents(const Context& context, const World& world, const Operation& operation,
                      const std::string& tag) {
  const Record& now = world.record(operation.on);
  if (!now.has("alias")) return Outcome::refused(no_such("the alias"));
  const std::string area = "docs." + now.get("alias") + '.';
  Amended entries = now;
  for (const auto& [key, value] : now.facts()) {
    if (key.starts_with(area) && value != kAnyFormat)
      entries.with("entries." + key.substr(area.size()), value);
  }
  const World shown = with_changes(world, Outcome::done().set(operation.on, entries).changes);
  Outcome outcome = use_entries(context, shown, operation, tag);
  if (outcome.changes.empty()) return outcome;
  outcome.changes.clear();
  if (!outcome.ok()) return outcome.set(operation.on, now.with("seen_unknown", "true"));
  return outcome.set(
      operation.on,
      now.with(area + tag, operation.subject.empty() ? "unknown" : operation.subject));
}

KindRow search_index_row() {
  KindRow row;
  row.name = "search_index";
  row.help = "An index of documents behind an alias: Elasticsearch, OpenSearch.";
  row.fields = entry_fields(
      {"fails", "miss"},
      "What a reader does with a document of a format that it does not read (default fails).",
      {field("indexes", ValueType::map, "name: mapping before the deploy.", true),
       field("alias", ValueType::string, "The index that the alias shows before the deploy.", true),
       field("provider", ValueType::string, "Who runs it."),
       field("location", ValueType::string, "Failure domain that it lives in.")});
  for (model::FieldSpec& each : engine_fields(engines_of_search_index()))
    row.fields.push_back(std::move(each));
  row.verbs = verbs_of_search_index();
  for (VerbRow& each : engine_rows(engines_of_search_index())) row.verbs.push_back(std::move(each));
  row.aliases = {"elasticsearch", "opensearch"};
  row.incidental = {"docs", "copy", "copies", "copy_of", "seen_unknown"};
  row.initial = [](const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) {
    const model::Service& service = context.plan().services[self];
    check_held_formats(service, mistakes);
    Amended record = Record().with("docs", "kept");
    if (const model::Node* all = service.fields.find("indexes")) {
      for (const model::Node::Entry& entry : all->entries) {
        record.with("index." + entry.key, entry.value.text);
        add_documents(service, entry.key, record);
      }
    }
    record = shown(record, service.fields.text("alias"));
    for (const model::Backup& backup : context.plan().backups) {
      if (backup.of != self) continue;
      record = copy_area(record, "docs." + record.get("alias"), "copy." + backup.name)
                   .with("copies." + backup.name, record.get("mapping"));
    }
    return with_engine(service, record);
  };
  row.operate = use_documents;
  row.data = [](const Plan&, ServiceIndex, const Record& record) {
    std::vector<Datum> data;
    const std::string area = "docs." + record.get("alias") + '.';
    for (const auto& [key, value] : record.facts()) {
      if (key.starts_with(area)) data.push_back({"docs#" + key.substr(area.size()), "docs"});
    }
    return data;
  };
  return row;
}

}  // namespace

const Kind& kind_search_index() {
  static const std::unique_ptr<const Kind> kKind = make_kind(search_index_row());
  return *kKind;
}

}  // namespace backout::services
