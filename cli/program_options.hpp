#pragma once
// The names of Boost.Program_options that headers speak of. Whoever uses them includes the library.

namespace boost::program_options {

class options_description;
class variables_map;

}  // namespace boost::program_options
