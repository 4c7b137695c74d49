# What people install: the program that carries its libraries, the files beside it, and the Debian package.
# scripts/package drives all of it.

# The same objects as `backout`, linked with static libraries wherever Debian ships them.
find_library(FYAML_ARCHIVE libfyaml.a REQUIRED)
find_library(PROGRAM_OPTIONS_ARCHIVE libboost_program_options.a REQUIRED)
add_library(backout_fmt STATIC EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/fmt_static.cpp)
target_include_directories(backout_fmt PRIVATE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
add_executable(backout_static EXCLUDE_FROM_ALL $<TARGET_OBJECTS:backout_cli>)
foreach(library reports rehearsal simulator analyzer importers services postgres catalogue model)
  target_link_libraries(backout_static PRIVATE $<TARGET_FILE:backout_${library}>)
  add_dependencies(backout_static backout_${library})
endforeach()
target_link_libraries(backout_static PRIVATE
  backout_fmt ${PG_QUERY} ${CMARK_EXTENSIONS} ${CMARK} ${UTF8PROC} ${TREE_SITTER} ${FYAML_ARCHIVE} ${PROGRAM_OPTIONS_ARCHIVE} Threads::Threads)
target_link_options(backout_static PRIVATE -static-libgcc -static-libstdc++)
# The linker's own account of what it took, for the bill of materials.
foreach(program backout backout_static)
  target_link_options(${program} PRIVATE -Wl,-Map=${CMAKE_BINARY_DIR}/${program}.map)
endforeach()

# Man pages, completions and schema, written by the program itself.
set(share ${CMAKE_BINARY_DIR}/share)
add_custom_command(OUTPUT ${share}/stamp
  COMMAND ${CMAKE_CURRENT_LIST_DIR}/make_share $<TARGET_FILE:backout> ${share}
  DEPENDS backout ${CMAKE_CURRENT_LIST_DIR}/make_share CHANGELOG.md VERBATIM)
if(BACKOUT_TESTS)
  add_custom_target(share DEPENDS ${share}/stamp)
else()
  add_custom_target(share ALL DEPENDS ${share}/stamp)
endif()

install(TARGETS backout COMPONENT runtime)
install(PROGRAMS $<TARGET_FILE:backout_static> DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME backout
  COMPONENT portable EXCLUDE_FROM_ALL)
set(doc ${CMAKE_INSTALL_DATAROOTDIR}/doc/backout)
foreach(component runtime portable)
  set(all "")
  if(component STREQUAL "portable")
    set(all EXCLUDE_FROM_ALL)
  endif()
  foreach(folder man bash-completion zsh fish backout)
    install(DIRECTORY ${share}/${folder} DESTINATION ${CMAKE_INSTALL_DATAROOTDIR} COMPONENT ${component} ${all} OPTIONAL)
  endforeach()
  install(DIRECTORY ${share}/third-party DESTINATION ${doc} COMPONENT ${component} ${all} OPTIONAL)
  install(FILES ${share}/changelog.gz DESTINATION ${doc} COMPONENT ${component} ${all} OPTIONAL)
  install(FILES packaging/copyright README.md DESTINATION ${doc} COMPONENT ${component} ${all})
  install(DIRECTORY docs/ DESTINATION ${doc} COMPONENT ${component} ${all} PATTERN man EXCLUDE)
  install(DIRECTORY editors DESTINATION ${doc} COMPONENT ${component} ${all})
  install(DIRECTORY plans DESTINATION ${doc}/examples COMPONENT ${component} ${all})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME backout)
set(CPACK_PACKAGE_VENDOR "backout")
set(CPACK_PACKAGE_CONTACT "the maintainers of backout <maintainers@backout.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "find out before a deploy whether its rollback will work")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
"backout reads a plan of a deploy and its rollback and says whether the rollback
will work, in time, and without losing data. It analyses the plan without
running anything, and replays it against in-memory fakes of the services under
every interruption and single fault.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME backout)
set(CPACK_DEBIAN_RUNTIME_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS graphviz)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
include(CPack)
