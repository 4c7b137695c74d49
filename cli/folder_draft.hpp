#pragma once
// A folder as one plan: its runbook, what its repository calls things, its migrations, and what
// changed since a commit.

#include <filesystem>
#include <string>
#include <vector>

#include "importers/draft/draft.hpp"

namespace backout::cli {

struct FolderDraft {
  importers::Draft draft;
  std::string runbook;              ///< the document that the ways back are from
  std::vector<std::string> others;  ///< documents about rolling back that were not taken
  std::vector<std::string> unread;  ///< importers::unread_lines()
};

/// The document of a folder that holds most of a way back. Throws UsageError where there is none.
std::string runbook_of(const std::filesystem::path& folder);

/// The plan of the folder's best runbook. `since` is a commit: what it lacks (migrations) and what
/// it calls otherwise (images) is the deploy; empty: the newest migration is. Throws UsageError
/// where there is no runbook, InvalidInput where git does not know the commit.
FolderDraft draft_of_folder(const std::filesystem::path& folder, const std::string& since);

}  // namespace backout::cli
