# cmake -DFOLDER=FOLDER -DLIBRARY=cli -DHEADER=cli/pages.hpp -DFUNCTION=man_pages -DOUTPUT=FILE -P embed_pages.cmake:
# a folder of Markdown pages as the table that FUNCTION returns, by the pages' names.
file(GLOB pages ${FOLDER}/*.md)
list(SORT pages)
set(table "")
foreach(page ${pages})
  get_filename_component(id ${page} NAME_WE)
  file(READ ${page} content)
  string(APPEND table "      {\"${id}\", R\"PAGE(${content})PAGE\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"${HEADER}\"

namespace backout::${LIBRARY} {

const std::map<std::string, std::string>& ${FUNCTION}() {
  static const std::map<std::string, std::string> kPages = {
${table}  };
  return kPages;
}

}  // namespace backout::${LIBRARY}
")
