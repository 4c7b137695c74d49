add_test(NAME formats/sarif_schema COMMAND ${CMAKE_CURRENT_LIST_DIR}/sarif_schema_test $<TARGET_FILE:backout> WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(formats/sarif_schema PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
add_test(NAME formats/ci_files COMMAND ${CMAKE_CURRENT_LIST_DIR}/ci_files_test $<TARGET_FILE:backout> WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(formats/ci_files PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
