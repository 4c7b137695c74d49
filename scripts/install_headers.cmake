# Installs the headers of FOLDER (relative to SOURCE) into TARGET/backout/FOLDER, and the umbrella headers into TARGET/backout.
# Inside the tree headers name each other from its root ("model/plan.hpp"); installed they do so with backout/ before it, so
# that no name but `backout` is taken in anybody's path of includes.
file(GLOB_RECURSE headers RELATIVE ${SOURCE} ${SOURCE}/${FOLDER}/*.hpp ${SOURCE}/include/backout/*.hpp)
foreach(header ${headers})
  file(READ ${SOURCE}/${header} text)
  string(REGEX REPLACE "(\n#include \")([a-z]+/)" "\\1backout/\\2" text "${text}")
  string(REGEX REPLACE "^include/backout/" "" place ${header})
  set(before "")
  if(EXISTS ${TARGET}/backout/${place})
    file(READ ${TARGET}/backout/${place} before)
  endif()
  if(NOT text STREQUAL before)  # what is the same keeps its time: nobody compiles anew
    file(WRITE ${TARGET}/backout/${place} "${text}")
  endif()
endforeach()
