#pragma once
// The files of a folder tree that may be migrations, read once.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/migration.hpp"
#include "model/source.hpp"

namespace backout::importers {

/// A file below the folder that was given.
struct File {
  std::string folder;  ///< path of the folder that holds it
  std::string name;    ///< file name with its suffix
  std::uint32_t source = 0;
};

/// Files by folder, folders and files in byte order of their names.
struct Tree {
  std::string root;
  std::shared_ptr<model::Sources> sources;
  std::map<std::string, std::vector<File>> folders;

  const std::string& text(const File& file) const { return (*sources)[file.source].text(); }
  /// The file of that folder and name, or null.
  const File* find(const std::string& folder, const std::string& name) const;
};

/// Reads all *.sql files and the plan files of tools (sqitch.plan, sqitch.conf, metadata.toml,
/// *.sql.conf) below `root`, which may be a single file too, and names them as if they lay in
/// `shown`. Files and folders that cannot be read go to `mistakes`.
Tree read_tree(const std::string& root, const std::string& shown,
               std::shared_ptr<model::Sources> sources, std::vector<model::Mistake>& mistakes);

/// A migration that is a program in another language: statements in its place that no engine
/// follows.
model::Migration program_migration(const Tree& tree, const File& file, const std::string& id,
                                   const std::string& version);
/// A whole file as a script, without its byte order mark.
model::SqlText whole_file(const Tree& tree, const File& file);
/// The bytes [begin, end) of a file as a script.
model::SqlText part_of_file(const Tree& tree, const File& file, std::size_t begin, std::size_t end);
/// Appends `more` to `script`, with a line break between them.
void append(model::SqlText& script, const model::SqlText& more);

}  // namespace backout::importers
