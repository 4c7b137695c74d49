#pragma once
// backout::rehearsal: the same migrations on a real PostgreSQL.

#include "rehearsal/rehearse.hpp"
