#pragma once
// What a command names, looked up in the repository: a script, a task, a file, a service.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "importers/repository/repository.hpp"

namespace backout::importers {

enum class Presence {
  present,
  absent,   ///< the whole project is here and does not hold it
  unknown,  ///< it may lie elsewhere: on another machine, behind a variable, made by an earlier
            ///< step
};

/// A thing that a command needs from the repository.
struct Named {
  enum class Sort { script, file, folder, task, service, workflow, volume };
  Sort sort = Sort::file;
  std::string runner;    ///< of a task: npm, make, ...; of a service: docker, kubernetes, systemd
  std::string name;      ///< as the command writes it, without quotes
  std::size_t word = 0;  ///< index of the argument that names it
  std::vector<std::string> files = {};  ///< of a service: the compose files that the command reads
};

/// What came of a look-up.
struct Resolution {
  Named named;
  Presence presence = Presence::unknown;
  std::string at = {};  ///< present: the file that holds it, relative to the root
  std::string nearest =
      {};  ///< absent: the name most like it that there is; empty when none is near
};

/// Where a command runs, as far as its document tells.
struct WorkPlace {
  std::string document_folder = {};  ///< of the document, relative to the root
  std::string folder = {};           ///< that `cd` went into, relative to the root; empty: the root
  bool elsewhere =
      false;  ///< on another machine, in a container, or in a folder that cannot be told
  bool unpacked = false;  ///< files of an archive lie about: what is named may be one of them
  std::vector<std::string> made = {};  ///< paths that earlier commands of the document write
};

/// The things of the repository that a command (words after shell parsing, expansions as written)
/// needs. Wrappers such as sudo, env and timeout must be stripped; nested commands are commands of
/// their own.
std::vector<Named> names_in(std::span<const std::string> words);

/// Looks one of them up. `absent` is claimed only of a repository that is whole, for a name without
/// expansions or placeholders, that no earlier command makes.
Resolution resolve(const Repository& repository, const Named& named, const WorkPlace& place);

}  // namespace backout::importers
