#pragma once
// One function per way of laying migrations out. Each gives the chain that a folder holds,
// unsorted, or nothing.

#include <optional>
#include <vector>

#include "importers/migrations/tree.hpp"
#include "model/migration.hpp"

namespace backout::importers {

using Notes = std::vector<model::Mistake>;

/// `<folder>/sqitch.plan` with deploy/, revert/ and verify/; in the plan's order, reworked changes
/// with their tag.
std::optional<model::MigrationSet> read_sqitch(const Tree& tree, const std::string& folder,
                                               Notes& notes);

/// `<folder>/<migration>/{up,down}.sql` (diesel, hasura, sea-orm) or
/// `<migration>/{migration,down}.sql` (prisma).
std::optional<model::MigrationSet> read_folders(const Tree& tree, const std::string& folder,
                                                Notes& notes);

/// `<folder>/up/<name>.sql` with `<folder>/down/<name>.sql` (or revert, rollback, undo).
std::optional<model::MigrationSet> read_twin_folders(const Tree& tree, const std::string& folder,
                                                     Notes& notes);

/// Files whose names give the direction: golang-migrate, sqlx, bun, pop, Flyway, postgrator,
/// rollback_NNN.sql, ...
std::optional<model::MigrationSet> read_pairs(const Tree& tree, const std::string& folder,
                                              Notes& notes);

/// Files with an up and a down section: goose, sql-migrate, micrate, dbmate, tern, ...
std::optional<model::MigrationSet> read_sections(const Tree& tree, const std::string& folder,
                                                 Notes& notes);

/// Liquibase's formatted SQL: one migration per changeset.
std::optional<model::MigrationSet> read_liquibase(const Tree& tree, const std::string& folder,
                                                  Notes& notes);

/// Versioned files without any down.
std::optional<model::MigrationSet> read_plain(const Tree& tree, const std::string& folder,
                                              Notes& notes);

/// Sorts by version as the tools do.
void sort_by_version(std::vector<model::Migration>& migrations);

}  // namespace backout::importers
