# Compiler flags for our own code. "Dev" is quick to build, keeps assertions and is fast enough to test with.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_DEV "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_EXE_LINKER_FLAGS_DEV "" CACHE STRING "")
set(CMAKE_SHARED_LINKER_FLAGS_DEV "" CACHE STRING "")
set(CMAKE_MODULE_LINKER_FLAGS_DEV "" CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1" CACHE STRING "" FORCE) # assertions stay: they cost nothing that shows and guard a key

find_program(CCACHE ccache)
if(CCACHE)
    # Precompiled headers are only cached with these sloppinesses. Paths below the sources count as relative, so that several working
    # trees share one cache.
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

add_library(jk_flags INTERFACE)
target_compile_options(jk_flags INTERFACE
    -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wcast-align -Woverloaded-virtual -Wvla -fstack-protector-strong
    $<$<BOOL:${JURUKUNCI_WARNINGS_ARE_ERRORS}>:-Werror>)
target_link_options(jk_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees ghosts in coroutine frames and in Boost's optionals.
    target_compile_options(jk_flags INTERFACE -fpch-preprocess -Wno-mismatched-new-delete -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_definitions(jk_flags INTERFACE _FORTIFY_SOURCE=2)
    # What nobody calls is not carried about in memory: Boost's separately compiled halves have much of that.
    target_compile_options(jk_flags INTERFACE -ffunction-sections -fdata-sections)
    target_link_options(jk_flags INTERFACE -Wl,--gc-sections)
endif()
if(JURUKUNCI_SANITIZE)
    target_compile_options(jk_flags INTERFACE -fsanitize=${JURUKUNCI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(jk_flags INTERFACE -fsanitize=${JURUKUNCI_SANITIZE})
    target_compile_definitions(jk_flags INTERFACE JURUKUNCI_SANITIZED)
    if(JURUKUNCI_SANITIZE MATCHES thread)
        target_compile_options(jk_flags INTERFACE -Wno-tsan)
    endif()
endif()
if(JURUKUNCI_COVERAGE)
    target_compile_options(jk_flags INTERFACE --coverage)
    target_link_options(jk_flags INTERFACE --coverage)
endif()

# One folder = one target: jk_room(jk_gate SOURCES … LINK … PRIVATE_LINK …)
function(jk_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
    add_library(${name} STATIC ${ROOM_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
    target_link_libraries(${name} PUBLIC jk_boost ${ROOM_LINK} PRIVATE jk_flags ${ROOM_PRIVATE_LINK})
    target_precompile_headers(${name} REUSE_FROM jk_pch)
endfunction()

function(jk_program name)
    cmake_parse_arguments(PROGRAM "" "" "SOURCES;LINK" ${ARGN})
    add_executable(${name} ${PROGRAM_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE jk_flags ${PROGRAM_LINK})
endfunction()
