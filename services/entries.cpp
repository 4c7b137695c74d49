// Entries in formats.
//
// What the real things do: a cache, a queue or a bucket keeps what it was given. A version that
// goes back finds what the newer one wrote, in a format that it may not know: it crashes on it
// (rails/rails#35836, bankid-saml-idp#259), treats it as absent, or puts it aside. A schema
// registry promises one direction only: BACKWARD lets new readers read old entries, which is what a
// deploy needs; a rollback needs FORWARD or FULL (Confluent, "Schema Evolution and Compatibility").
// What this fake leaves out: how many entries there are, their keys, in which order they are read.
// A reader need not have read what is there: a backlog is always possible, until something empties
// it.
//
// Facts: entries.<who wrote it> = its format; dead.<...> put aside; done.<...> dealt with, not
// essential.
#include "services/entries.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr std::string_view kEntries = "entries.";
constexpr std::string_view kDead = "dead.";
constexpr std::string_view kDone = "done.";
constexpr std::string_view kLater = "later.";

std::vector<std::string> formats_of(const Record& record,
                                    const std::vector<std::string_view>& areas) {
  std::vector<std::string> formats;
  for (const auto& [key, value] : record.facts()) {
    const auto is_in = [&name = key](std::string_view area) { return name.starts_with(area); };
    if (std::ranges::any_of(areas, is_in)) formats.push_back(value);
  }
  return formats;
}

/// `record` with what lies in one area beside what is there in the other.
Record moved(const Record& record, std::string_view from, std::string_view to) {
  Amended next = record;
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(from))
      next.without(key).with(fmt::format("{}{}", to, key.substr(from.size())), value);
  }
  return next;
}

}  // namespace

bool has_entries(const model::KindSpec& kind) {
  return std::ranges::any_of(kind.fields,
                             [](const model::FieldSpec& field) { return field.name == kForeign; });
}

std::vector<model::FieldSpec> entry_fields(std::vector<std::string> foreign,
                                           std::string foreign_help,
                                           std::vector<model::FieldSpec> more) {
  if (std::ranges::find(foreign, kMiss) != foreign.end())
    more.insert(more.begin(), field(kRebuilds, ValueType::boolean,
                                    "Whether what it holds can be made anew from elsewhere."));
  more.insert(more.begin(),
              {field("holds", ValueType::any, "Formats of the entries before the deploy."),
               choice(kForeign, std::move(foreign), std::move(foreign_help))});
  return more;
}

std::vector<std::string> held_formats(const model::Service& service) {
  const model::Node* holds = service.fields.find("holds");
  if (holds == nullptr) return {};
  std::vector<std::string> formats = holds->as_strings();
  for (const model::Node::Entry& entry : holds->entries) formats.push_back(entry.key);
  return formats;
}

void check_held_formats(const model::Service& service, std::vector<model::Mistake>& mistakes) {
  const model::Node* holds = service.fields.find("holds");
  if (holds == nullptr) return;
  const auto wrong = [&](const model::Node& node) {
    mistakes.push_back({node.span, "a format is a word",
                        "`holds: v1`, `holds: [v1, v2]`, or how many of each: `holds: {v1: 20}`"});
  };
  const auto is_word = [](const model::Node& node) {
    return node.is_scalar() && node.type != model::Node::Type::null && !node.text.empty();
  };
  if (holds->is_scalar() && !is_word(*holds)) wrong(*holds);
  for (const model::Node& item : holds->items) {
    if (!is_word(item)) wrong(item);
  }
  for (const model::Node::Entry& entry : holds->entries) {
    if (!entry.value.is_unknown() && !entry.value.as_number()) wrong(entry.value);
  }
}

Record with_entries(const Plan& plan, ServiceIndex self, const Record& record) {
  Amended next = record.with("entries", "kept");
  for (const std::string& format : held_formats(plan.services[self]))
    next.with(fmt::format("entries.of {}", format), format);
  return next;
}

Record with_copies_of_entries(const Plan& plan, ServiceIndex self, Record record) {
  for (const model::Backup& backup : plan.backups) {
    if (backup.of == self)
      record = copy_area(record, "entries", "copy." + backup.name)
                   .with("copies." + backup.name, "before");
  }
  return record;
}

std::vector<std::string> entry_areas() { return {"entries", "done", "later", "seen_unknown"}; }

std::vector<Datum> entry_data(const Record& record) {
  std::vector<Datum> data;
  for (const std::string_view area : {kEntries, kDead, kDone, kLater}) {
    for (const auto& [key, value] : record.facts()) {
      if (key.starts_with(area)) data.push_back({"entries#" + key.substr(area.size()), "entries"});
    }
  }
  std::sort(data.begin(), data.end());
  data.erase(std::unique(data.begin(), data.end()), data.end());
  return data;
}

std::vector<std::string> formats_in(const Record& record) {
  return each_once(formats_of(record, {kEntries}));
}

std::vector<std::string> formats_to_come(const Record& record) {
  return each_once(formats_of(record, {kEntries, kLater}));
}

Record taken_but_for_later(const Record& record) { return moved(record, kEntries, kLater); }

Record with_rest_for_later(const Record& record, const std::vector<std::string>& formats) {
  Amended next = record;
  for (const std::string& format : formats)
    next.with(fmt::format("{}rest of {}", kLater, format), format);
  return next;
}

Record come(const Record& record) { return moved(record, kLater, kEntries); }

Record settled_entries(const Record& record, const std::vector<std::string>& formats) {
  Amended next = record;
  for (const auto& [key, value] : record.facts()) {
    if (!key.starts_with(kEntries) || (!formats.empty() && !holds(formats, value))) continue;
    next.without(key).with(fmt::format("{}{}", kDone, key.substr(kEntries.size())), value);
  }
  return next;
}

Record put_aside(const Record& record, const std::vector<std::string>& formats) {
  Amended next = record;
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(kEntries) && holds(formats, value))
      next.without(key).with(fmt::format("{}{}", kDead, key.substr(kEntries.size())), value);
  }
  return next;
}

bool is_unknown_format(const std::string& format) {
  return format == "unknown" || format.starts_with("unknown of ");
}

std::vector<std::string> each_once(std::vector<std::string> all) {
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Record without_entries(const Record& record, const std::string& format) {
  Amended next = record;
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(kEntries) && (format.empty() || value == format)) next.without(key);
  }
  return next;
}

Record converted(const Record& record, const std::string& format) {
  Amended next = record;
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(kEntries) || key.starts_with(kLater)) next.with(key, format);
  }
  return next;
}

}  // namespace backout::services
