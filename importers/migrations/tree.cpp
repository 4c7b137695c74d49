#include "importers/migrations/tree.hpp"
#include "model/files.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace backout::importers {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// "00001_shop.go", "V2__move.java": a migration that is a program.
bool is_program(std::string_view name) {
  const bool versioned =
      name.size() > 3 &&
      (std::isdigit(static_cast<unsigned char>(name[0])) != 0 ||
       (name[0] == 'V' && std::isdigit(static_cast<unsigned char>(name[1])) != 0));
  return versioned && (name.ends_with(".go") || name.ends_with(".java") || name.ends_with(".kt"));
}

bool is_wanted(const std::string& name) {
  const std::string_view view = name;
  return view.ends_with(".sql") || view.ends_with(".sql.conf") || name == "sqitch.plan" ||
         name == "sqitch.conf" || name == "metadata.toml" || is_program(name);
}

bool is_passed_over(const std::string& name) {
  return name.empty() || name.front() == '.' || name == "node_modules" || name == "vendor";
}

/// Without the slashes at its end.
std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') {
    path.pop_back();
  }
  return path;
}

class TreeReader {
 public:
  TreeReader(Tree& tree, std::string shown, std::vector<model::Mistake>& mistakes)
      : tree_(tree), root_(tree.root), shown_(std::move(shown)), mistakes_(mistakes) {}

  void read_folder(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::directory_entry> entries(fs::directory_iterator(folder, error), {});
    if (error) {
      complain(folder.string(), "cannot read the folder: " + error.message());
      return;
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.path() < b.path(); });
    for (const fs::directory_entry& entry : entries) {
      const std::string name = entry.path().filename().string();
      // A linked folder may lead back to one of its parents.
      if (entry.is_directory(error) && !entry.is_symlink(error)) {
        if (!is_passed_over(name)) {
          read_folder(entry.path());
        }
      } else if (is_wanted(name) && entry.is_symlink(error) &&
                 model::leads_out_of(root_, entry.path())) {
        complain(entry.path().string(), "the file is a link that leads out of the folder");
      } else if (is_wanted(name) && !entry.is_directory(error)) {
        read_file(entry.path());
      }
    }
  }

  void read_file(const fs::path& path) {
    auto text = model::read_file(path);
    if (!text) return complain(path.string(), "the file " + text.error());
    const std::string folder = path.parent_path().string();
    const std::uint32_t source =
        tree_.sources->add(shown_ + path.string().substr(root_.size()), std::move(*text));
    tree_.folders[folder].push_back({folder, path.filename().string(), source});
  }

  void complain(const std::string& name, std::string message) {
    mistakes_.push_back({{tree_.sources->add(name, ""), 0, 0}, std::move(message), ""});
  }

 private:
  Tree& tree_;
  const std::string root_;
  const std::string shown_;  ///< in its place in the names of files
  std::vector<model::Mistake>& mistakes_;
};

}  // namespace

const File* Tree::find(const std::string& folder, const std::string& name) const {
  const auto files = folders.find(folder);
  if (files == folders.end()) {
    return nullptr;
  }
  const auto file = std::lower_bound(
      files->second.begin(), files->second.end(), name,
      [](const File& candidate, const std::string& wanted) { return candidate.name < wanted; });
  return file == files->second.end() || file->name != name ? nullptr : &*file;
}

Tree read_tree(const std::string& root, const std::string& shown,
               std::shared_ptr<model::Sources> sources, std::vector<model::Mistake>& mistakes) {
  Tree tree;
  tree.root = without_slashes(root);
  tree.sources = std::move(sources);
  TreeReader reader(tree, without_slashes(shown), mistakes);
  std::error_code error;
  if (fs::is_directory(tree.root, error)) {
    reader.read_folder(tree.root);
  } else if (fs::is_regular_file(tree.root, error)) {
    reader.read_file(tree.root);
    tree.root = fs::path(tree.root).parent_path().string();
  } else {
    reader.complain(tree.root, "no such file or folder");
  }
  return tree;
}

model::SqlText part_of_file(const Tree& tree, const File& file, std::size_t begin,
                            std::size_t end) {
  model::SqlText script;
  script.text = tree.text(file).substr(begin, end - begin);
  script.pieces.push_back(
      {0, {file.source, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}});
  return script;
}

model::Migration program_migration(const Tree& tree, const File& file, const std::string& id,
                                   const std::string& version) {
  model::Migration migration;
  migration.id = id;
  migration.version = version;
  model::SqlText script;
  script.text = "DO LANGUAGE program '";
  for (const char c : file.name) script.text.append(c == '\'' ? 2 : 1, c);
  script.text += "';";
  script.pieces.push_back(
      {0,
       {file.source, 0,
        static_cast<std::uint32_t>(std::min(tree.text(file).size(), script.text.size()))}});
  migration.up = script;
  migration.down = std::move(script);
  migration.up_mode = migration.down_mode = model::Transaction::none;
  return migration;
}

model::SqlText whole_file(const Tree& tree, const File& file) {
  const std::string& text = tree.text(file);
  const std::size_t begin = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  return part_of_file(tree, file, begin, text.size());
}

void append(model::SqlText& script, const model::SqlText& more) {
  if (!script.text.empty() && script.text.back() != '\n') {
    script.text += '\n';
  }
  for (const model::Piece& piece : more.pieces) {
    script.pieces.push_back({script.text.size() + piece.offset, piece.span});
  }
  script.text += more.text;
}

}  // namespace backout::importers
