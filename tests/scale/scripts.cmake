foreach(name kubernetes parallel slurm)
  add_test(NAME scale/${name} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${name}_test $<TARGET_FILE:backout>)
  set_tests_properties(scale/${name} PROPERTIES LABELS slow TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()
