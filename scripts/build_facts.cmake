# cmake -DSOURCE=FOLDER -DOUTPUT=FILE -DSYSTEM=TEXT -P build_facts.cmake: which commit this is, for `backout --version`
# and the man pages. Rewrites FILE only when a fact changed. No build date unless SOURCE_DATE_EPOCH is set, so that two
# builds of one commit are alike. BACKOUT_COMMIT and BACKOUT_COMMIT_DATE stand in where git cannot be asked.
set(commit "$ENV{BACKOUT_COMMIT}")
set(commit_date "$ENV{BACKOUT_COMMIT_DATE}")
set(build_date "")
if(commit STREQUAL "")
  execute_process(COMMAND git -C ${SOURCE} describe --always --abbrev=12 --dirty --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND git -C ${SOURCE} log -1 --format=%cs
    OUTPUT_VARIABLE commit_date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(commit STREQUAL "")
  set(commit "unknown")
endif()
if(NOT "$ENV{SOURCE_DATE_EPOCH}" STREQUAL "")
  string(TIMESTAMP build_date "%Y-%m-%d" UTC)
endif()
set(text "#pragma once
// Made by scripts/build_facts.cmake.
#define BACKOUT_COMMIT \"${commit}\"
#define BACKOUT_COMMIT_DATE \"${commit_date}\"
#define BACKOUT_BUILD_DATE \"${build_date}\"
#define BACKOUT_SYSTEM \"${SYSTEM}\"
")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
