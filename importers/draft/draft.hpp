#pragma once
// A plan drafted from a runbook and its repository: the same facts in the plan language, each with
// its place. What the texts do not say is `unknown`, never a guess; a command without a typed
// action stays a command.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "importers/document/document.hpp"
#include "importers/repository/repository.hpp"
#include "model/catalog.hpp"
#include "model/source.hpp"

namespace backout::importers {

/// Something that the texts do not say and that a verdict waits for.
struct Question {
  enum class About { time, target, command, version, traffic };
  About about = About::time;
  std::string text;         ///< the question, for people
  std::string decides;      ///< what waits for it
  std::string likely = {};  ///< the answer that is likely; empty when nothing suggests one
  int weight = 0;           ///< how much hangs on it
  std::string path = {};    ///< where the answer goes in the plan: `rollback.steps.ID.takes`
};

struct Draft {
  std::string text;                 ///< the plan; loads
  std::string shown;                ///< the document's name in it
  std::vector<Question> questions;  ///< most valuable first
  std::map<std::string, std::string>
      titles;             ///< of paths and groups, by id: what the document calls them
  std::size_t steps = 0;  ///< of the deploy and the rollback
  std::size_t typed = 0;  ///< of them with a typed action of a service
  std::string unread;     ///< what of the document was not read; empty: all of it was
};

/// What the repository says of the deploy.
struct DraftDeploy {
  std::string migrations =
      {};  ///< folder of the migrations that the deploy runs, relative to the plan; empty for none
  std::string migrated_to = {};  ///< the last one that the database has; empty: none
  /// By the name of an app: its image before, empty when nothing says so, and now.
  std::map<std::string, std::pair<std::string, std::string>> images = {};
};

struct DraftInput {
  const Document& document;
  const model::Sources& sources;                    ///< that the document's spans point into
  const Repository& repository;                     ///< may be empty
  const model::Catalog& kinds;                      ///< the actions that a plan may name
  std::string shown;                                ///< the document's name in `source:`
  std::map<std::string, std::string> answers = {};  ///< of people, by Question::path, as YAML
  DraftDeploy deploy = {};
};

/// Whether the text loads as a plan: the mistakes that the loader finds, with places in the text.
using Loads = std::function<std::vector<model::Mistake>(const std::string& text)>;

/// Drafts the plan. A step whose typed action does not load is written as the command that it
/// stands for.
Draft draft_plan(const DraftInput& input, const Loads& loads);

}  // namespace backout::importers
