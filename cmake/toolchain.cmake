# Compiler cache, linker, warnings and sanitizers: the same for every target.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Paths below the sources count relative to the build folder: every clone and worktree shares what one has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
                                  ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Werror=return-type -Werror=unused-result)
add_compile_options(-fno-omit-frame-pointer)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2")  # CHECK stays on; NDEBUG is not defined
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

if(NIGHTJAR_SANITIZE)
  add_compile_options(-fsanitize=${NIGHTJAR_SANITIZE} -fno-sanitize-recover=all -O1)
  add_link_options(-fsanitize=${NIGHTJAR_SANITIZE})
endif()
if(NIGHTJAR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
