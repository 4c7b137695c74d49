foreach(name install sbom release)
  add_test(NAME packaging/${name} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  # They build in one place, one after the other.
  set_tests_properties(packaging/${name} PROPERTIES LABELS slow TIMEOUT 900 SKIP_RETURN_CODE 77 RESOURCE_LOCK dist)
endforeach()
add_test(NAME packaging/hardening COMMAND ${CMAKE_CURRENT_LIST_DIR}/hardening_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
