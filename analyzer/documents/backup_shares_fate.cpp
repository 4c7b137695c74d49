// The machine is lost, and the copies lie on it.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// The first word of a command that is a place of this machine where copies lie.
const importers::Word* copy_of(const Command& command) {
  for (const importers::Word& word : command.words) {
    const std::string text = lower(word.text);
    if (text.starts_with('/') && has_any(text, {"backup", "snapshot", "dump"})) return &word;
  }
  return nullptr;
}

bool fed_from_copy(const Command& command) {
  return std::ranges::any_of(command.redirects, [](const importers::Redirect& each) {
    const std::string text = lower(each.target);
    return each.op == "<" && text.starts_with('/') && has_any(text, {"backup", "snapshot", "dump"});
  });
}

}  // namespace

std::vector<model::Finding> check_backup_shares_fate(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  if (document.is_script || document_says(document, {"s3", "gs://", "off-site", "offsite", "off site", "remote", "bucket", "scp ", "rsync", "nfs", "nas", "mount ", "download", "azure", "object stor", "second region", "external",
                                                     "another host", "another server", "other machine", "restic", "borg", "tape"})) {
    return found;
  }
  for (const Block* block : shell_blocks(document)) {
    const bool lost = section_says(document, block->section, {"server failure", "server loss", "server crash", "host failure", "complete server", "complete failure", "complete loss", "total loss", "hardware failure", "disk failure",
                                                              "machine is gone", "server is gone", "new server", "lost server", "vm loss", "droplet"});
    if (!lost || !is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      const bool reads = copy_of(command) != nullptr || fed_from_copy(command);
      if (!reads || effect_of(command) == Effect::save || command.name() == "mkdir") continue;
      add_once(found, finding(model::Severity::error, command.span, "the copy lies on the machine that is lost: nothing in this document brings it to the new one", "copies in another place, and the step that fetches them from there"));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
