#pragma once
// The pieces of DDL that CREATE TABLE, ALTER TABLE, CREATE INDEX and CREATE DOMAIN share.

#include <string>
#include <vector>

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// Adds the column of `definition` to `draft`: name, type, nullability, collation. 42701 when the
/// name is taken. Defaults, sequences and constraints follow in finish_column(), when the table is
/// stored.
Checked<ColumnId> shape_column(const Execution& execution, Table& draft,
                               const PgQuery__ColumnDef& definition);

/// Gives the stored column what names other objects: its serial or identity sequence, default or
/// generation expression.
Checked<void> finish_column(Execution& execution, ObjectId table, ColumnId column,
                            const PgQuery__ColumnDef& definition);

/// Adds the constraints that stand beside the column's definition (CHECK, UNIQUE, PRIMARY KEY,
/// REFERENCES). Foreign keys and the others in separate passes, as PostgreSQL names and adds them.
Checked<void> add_column_constraints(Execution& execution, ObjectId table, ColumnId column,
                                     const PgQuery__ColumnDef& definition, bool foreign_keys);

/// Adds a table constraint (`column` 0) or a column's constraint, its index included; checks the
/// rows unless NOT VALID.
Checked<void> add_constraint(Execution& execution, ObjectId table,
                             const PgQuery__Constraint& constraint, ColumnId column);

/// Whether a UNIQUE or PRIMARY KEY without a name repeats an index that the table already has. In
/// one statement PostgreSQL makes only one of them (transformIndexConstraints); in a later one it
/// makes both.
bool repeats_index(const Database& database, ObjectId table, const PgQuery__Constraint& constraint,
                   ColumnId column);

/// Sets the default of a column from an expression, or none: DEFAULT NULL stores nothing.
Checked<void> set_default(Execution& execution, ObjectId table, ColumnId column,
                          const PgQuery__Node* expression);

/// Creates the sequence of a serial or identity column and returns its id.
Checked<ObjectId> create_owned_sequence(Execution& execution, ObjectId table, ColumnId column,
                                        bool identity, const PgQuery__Node* const* options,
                                        std::size_t count);

/// Applies options of CREATE or ALTER SEQUENCE.
Checked<void> apply_sequence_options(Execution& execution, Sequence& sequence,
                                     const PgQuery__Node* const* options, std::size_t count,
                                     bool creating);

/// Needs of a column on the type that it has.
void need_type(Table& table, ColumnId column);

/// "name=value" of storage options, sorted.
std::vector<std::string> storage_options(const PgQuery__Node* const* options, std::size_t count);

/// The text of an option's value: a string, a number, a name.
std::string option_text(const PgQuery__Node* value);

/// Tables whose rows and columns follow those of `table`: its partitions and children,
/// transitively.
std::vector<ObjectId> descendants(const Database& database, ObjectId table);

}  // namespace backout::postgres
