#pragma once
// Commands and statements of a document as actions and looks of a draft's steps.

#include <map>
#include <string>
#include <vector>

#include "importers/draft/draft.hpp"
#include "importers/draft/services.hpp"
#include "importers/draft/steps.hpp"

namespace backout::importers {

class DraftActions {
 public:
  DraftActions(const DraftInput& input, DraftServices& services, Ids& ids)
      : input_(input), services_(services), ids_(ids) {}

  /// Adds what a block holds to `step`; of a block that several steps share (comments in it begin
  /// them), what is in `within`.
  void add_block(std::uint32_t index, const model::Span& within, DraftStep& step);
  struct Said {
    std::string text;
    model::Span span;
  };
  /// The commands and statements of a block as they are written, those of the shell itself left
  /// out.
  std::vector<Said> commands_of(std::uint32_t index, const model::Span& within) const;

 private:
  void add_sql(const Block& block, DraftStep& step);
  void add_command(std::uint32_t block, std::uint32_t index, const model::Span& extent,
                   DraftStep& step);
  bool writes_file(const Command& command, DraftStep& step);
  bool add_shell_word(const Command& command, DraftStep& step);
  void add_substitution(const Block& block, const Command& command, DraftStep& step);
  const Check* check_of(std::uint32_t block, std::uint32_t command) const;
  void type(const catalogue::Effect& effect, bool deploys, DraftAction& action);
  void take_constants(const Block& block);
  std::string expanded(const std::string& word) const;

  const DraftInput& input_;
  DraftServices& services_;
  Ids& ids_;
  std::map<std::string, std::string>
      constants_;  ///< variables of the block that are set once, to a text
  std::map<std::string, std::string>
      written_;  ///< files that commands of the document write, with what is in them
  std::uint32_t said_until_ = 0;  ///< place up to which substitutions are written down
};

}  // namespace backout::importers
