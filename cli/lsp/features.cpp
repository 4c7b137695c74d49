#include "cli/lsp/features.hpp"

namespace backout::lsp {

#define BACKOUT_LSP_FEATURE(method, name, capability, options) \
  Answer name(Session&, OpenDocument&, const Json&);
#include "cli/lsp/features.inc"
#undef BACKOUT_LSP_FEATURE

const std::vector<Feature>& features() {
  static const std::vector<Feature> kAll = {
#define BACKOUT_LSP_FEATURE(method, name, capability, options) {method, &name, capability, options},
#include "cli/lsp/features.inc"
#undef BACKOUT_LSP_FEATURE
  };
  return kAll;
}

tl::expected<std::size_t, Failure> offset_in(const Session& session, const OpenDocument& document,
                                             const Json& params) {
  const auto position = read_position(member(params, "position"));
  if (!position)
    return tl::unexpected(
        Failure{Code::invalid_params, "a position has a line and a character, from 0"});
  return session.lines(document.text).offset(*position);
}

}  // namespace backout::lsp
