// The machine is lost, and the copies lie on it.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether a path is a place of this machine where copies lie.
bool is_copy(const std::string& path) {
  return path.starts_with('/') && has_any(lower(path), {"backup", "snapshot", "dump"});
}

bool reads_copy(const Command& command) {
  return std::ranges::any_of(command.words,
                             [](const importers::Word& each) { return is_copy(each.text); }) ||
         std::ranges::any_of(command.redirects, [](const importers::Redirect& each) {
           return each.op == "<" && is_copy(each.target);
         });
}

/// Whether the document says that copies lie, or come from, somewhere else.
bool copies_elsewhere(const Document& document) {
  return document_says(document,
                       {"s3", "gs://", "off-site", "offsite", "off site", "remote", "bucket",
                        "rsync", "download", "azure", "object stor", "second region", "external",
                        "another host", "another server", "other machine", "restic", "borg"}) ||
         document_says_word(document, {"scp", "nfs", "nas", "mount", "mounted", "tape", "tapes"});
}

}  // namespace

std::vector<model::Finding> check_backup_shares_fate(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  if (document.is_script || copies_elsewhere(document)) return found;
  for (const Block* block : shell_blocks(document)) {
    const bool lost = section_says(
        document, block->section,
        {"server failure", "server loss", "server crash", "host failure", "complete server",
         "complete failure", "complete loss", "total loss", "hardware failure", "disk failure",
         "machine is gone", "server is gone", "new server", "lost server", "vm loss", "droplet"});
    if (!lost || !is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      if (!reads_copy(command) || effect_of(command) == Effect::save || command.name() == "mkdir")
        continue;
      add_once(found,
               finding(model::Severity::error, command.span,
                       "the copy lies on the machine that is lost: nothing in this document brings "
                       "it to the new one",
                       "copies in another place, and the step that fetches them from there"));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
