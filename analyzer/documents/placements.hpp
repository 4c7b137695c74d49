#pragma once
// Commands that put files over others: rsync, cp -r, aws s3 sync, tar -x. What they come from and
// go to, in one place.

#include <optional>
#include <string>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

/// What a command puts where.
struct Placement {
  std::string from;      ///< the source, or the archive, as written
  std::string to;        ///< the folder or bucket that it goes to, as written
  bool deletes = false;  ///< what the source does not have is deleted there
  bool contents =
      false;            ///< what the source holds is put into the target, and not the source itself
  bool folder = false;  ///< it takes folders
  bool archive = false;  ///< it unpacks
};
/// Nothing of a trial, and of what lists only.
std::optional<Placement> placement_of(const Command& command);

/// `uploads` of `host:/srv/uploads/`.
std::string last_part_of(std::string path);
/// Whether a path is named as a copy, or as an older version.
bool names_kept(std::string_view path);
/// Whether it is named as something that is not in use: a copy, a trial, a folder for a moment.
bool is_aside(std::string_view path);
/// Whether it holds what people wrote, and no build makes again.
bool holds_data(std::string_view path);
/// Whether a command before it takes what stands at `to` away, or makes it anew.
bool is_cleared(const Block& block, const Command& command, const std::string& to);

// misdirected-command

/// A folder is put into the one of its name: `rsync -a copies/uploads /srv/uploads`.
void look_at_nested_folders(const DocumentFacts& facts, const Block& block, Findings& found);

// destructive-without-backup

/// Files that are there are deleted or written over, and nothing keeps them.
void look_at_placed_files(const DocumentFacts& facts, Findings& found);

// undo-leaves-rest

/// What only the newer version has stays beside the older one.
void look_at_leftovers(const DocumentFacts& facts, const Block& block, Findings& found);

}  // namespace backout::analyzer::documents
