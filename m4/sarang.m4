# SPDX-License-Identifier: Apache-2.0
# What configure.ac asks of the compiler and of the libraries.

# SARANG_CXX20
# C++20 with coroutines. They are tried on their own: a compiler may take
# -std=c++20 and still lack what <coroutine> of its library asks for.
AC_DEFUN([SARANG_CXX20], [
AC_CACHE_CHECK([whether $CXX compiles C++20 with coroutines], [sarang_cv_cxx20], [
    sarang_saved_CXXFLAGS=$CXXFLAGS
    CXXFLAGS="$CXXFLAGS -std=c++20"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#include <concepts>
#include <coroutine>
#include <span>
struct Task {
    struct promise_type {
        Task get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
};
template <std::integral T> Task each(std::span<T>) { co_return; }
]], [[each(std::span<int>{});]])],
        [sarang_cv_cxx20=yes], [sarang_cv_cxx20=no])
    CXXFLAGS=$sarang_saved_CXXFLAGS
])
AS_IF([test "$sarang_cv_cxx20" = no],
    [AC_MSG_ERROR([a C++20 compiler is needed: install the package g++ (12 or later)])])
SARANG_CXXFLAGS="-std=c++20 -fvisibility=hidden -fno-semantic-interposition"
AC_SUBST([SARANG_CXXFLAGS])
])

# SARANG_MODULES
# A symbol of GNU_UNIQUE kind would tie one load of a module to the next. Only
# g++ makes such symbols.
AC_DEFUN([SARANG_MODULES], [
AC_CACHE_CHECK([whether $CXX takes -fno-gnu-unique], [sarang_cv_no_gnu_unique], [
    sarang_saved_CXXFLAGS=$CXXFLAGS
    CXXFLAGS="$CXXFLAGS -Werror -fno-gnu-unique"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
        [sarang_cv_no_gnu_unique=yes], [sarang_cv_no_gnu_unique=no])
    CXXFLAGS=$sarang_saved_CXXFLAGS
])
SARANG_MODULE_CXXFLAGS=
AS_IF([test "$sarang_cv_no_gnu_unique" = yes], [SARANG_MODULE_CXXFLAGS=-fno-gnu-unique])
AC_SUBST([SARANG_MODULE_CXXFLAGS])
])

# SARANG_WARNINGS
# They are errors where the project's own checks run, never in a release:
# a newer compiler must not break an older tarball. The -Wconversion of clang
# takes in the sign; that of g++ does not.
AC_DEFUN([SARANG_WARNINGS], [
AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [take warnings as errors])])
SARANG_CXXFLAGS="$SARANG_CXXFLAGS -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor"
AS_IF([test "x$enable_werror" = xyes], [SARANG_CXXFLAGS="$SARANG_CXXFLAGS -Werror"])
])

# SARANG_SANITIZERS
# Instrumented code has g++ 12 see values in variants that nobody reads before they are set.
AC_DEFUN([SARANG_SANITIZERS], [
AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers=LIST], [build with address,undefined or with thread])],
    [], [enable_sanitizers=no])
AS_CASE([$enable_sanitizers],
    [no], [],
    [yes], [AC_MSG_ERROR([name them: --enable-sanitizers=address,undefined or =thread])],
    [SARANG_TRY_FLAGS([-fsanitize=$enable_sanitizers -fno-omit-frame-pointer -fno-sanitize-recover=all -Wno-maybe-uninitialized])])
])

# SARANG_FUZZING
# Everything is instrumented; only the fuzz targets get libFuzzer's main(). clang 14 cannot
# compile what it adds to coroutines to check calls through pointers.
AC_DEFUN([SARANG_FUZZING], [
AC_ARG_ENABLE([fuzzing],
    [AS_HELP_STRING([--enable-fuzzing], [build the libFuzzer targets of t/fuzz (needs clang)])])
AS_IF([test "x$enable_fuzzing" = xyes], [
    AS_IF([test "$enable_sanitizers" != no],
        [AC_MSG_ERROR([--enable-fuzzing brings its own sanitizer: leave --enable-sanitizers away])])
    SARANG_TRY_FLAGS([-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function -fno-omit-frame-pointer -fno-sanitize-recover=all])
])
AM_CONDITIONAL([FUZZING], [test "x$enable_fuzzing" = xyes])
])

# SARANG_PRECOMPILED
# The headers that all include are compiled once. For g++ alone; not under ccache, which finds
# nothing again then. With them g++ 12 sees overflows in std::string that it keeps to itself where
# it has read the header, so these are no errors.
AC_DEFUN([SARANG_PRECOMPILED], [
AC_ARG_ENABLE([pch],
    [AS_HELP_STRING([--enable-pch], [compile the headers that all include once (g++)])])
AS_IF([test "x$enable_pch" = xyes],
    [SARANG_CXXFLAGS="$SARANG_CXXFLAGS -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread"])
AM_CONDITIONAL([PCH], [test "x$enable_pch" = xyes])
])

# SARANG_TRY_FLAGS(FLAGS)
# Links with FLAGS, since a sanitizer's run-time library is a package of its own.
AC_DEFUN([SARANG_TRY_FLAGS], [
AC_MSG_CHECKING([whether $CXX takes $1])
sarang_saved_CXXFLAGS=$CXXFLAGS
CXXFLAGS="$CXXFLAGS $1"
AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])], [
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([$CXX cannot build with $1: for clang install libclang-rt-14-dev and use CXX=clang++-14])
])
CXXFLAGS=$sarang_saved_CXXFLAGS
SARANG_CXXFLAGS="$SARANG_CXXFLAGS $1"
])

# SARANG_LIBRARY(PREFIX, PKG-CONFIG MODULE, DEBIAN PACKAGE)
AC_DEFUN([SARANG_LIBRARY], [
PKG_CHECK_MODULES([$1], [$2], [], [AS_VAR_APPEND([sarang_missing], [" $3"])])
])

# SARANG_REPARSE_DEFERRAL
# An Expat that defers tokens must let us switch that off. Debian 12 has both
# in its 2.5.0; upstream has both since 2.6.0; an older one has neither.
AC_DEFUN([SARANG_REPARSE_DEFERRAL], [
AS_IF([test -n "$EXPAT_LIBS"], [
    sarang_saved_CXXFLAGS=$CXXFLAGS
    sarang_saved_LIBS=$LIBS
    CXXFLAGS="$CXXFLAGS $EXPAT_CFLAGS"
    LIBS="$EXPAT_LIBS $LIBS"
    AC_MSG_CHECKING([for XML_SetReparseDeferralEnabled])
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <expat.h>]],
            [[XML_SetReparseDeferralEnabled(nullptr, XML_FALSE);]])], [
        AC_MSG_RESULT([yes])
        AC_DEFINE([HAVE_XML_SETREPARSEDEFERRALENABLED], [1],
            [Define to 1 if Expat's deferral of tokens can be switched off.])
    ], [
        AC_MSG_RESULT([no])
        PKG_CHECK_EXISTS([expat >= 2.6.0],
            [AC_MSG_ERROR([this Expat defers tokens and has no switch for it: install another libexpat1-dev])])
    ])
    CXXFLAGS=$sarang_saved_CXXFLAGS
    LIBS=$sarang_saved_LIBS
])
])

# SARANG_REQUIRE_LIBRARIES
AC_DEFUN([SARANG_REQUIRE_LIBRARIES], [
AS_IF([test -n "$sarang_missing"], [AC_MSG_ERROR([libraries are missing; on Debian:

    apt install$sarang_missing
])])
])

# SARANG_BOOST_TEST
AC_DEFUN([SARANG_BOOST_TEST], [
AC_MSG_CHECKING([for Boost.Test])
sarang_saved_LIBS=$LIBS
BOOST_TEST_LIBS=-lboost_unit_test_framework
LIBS="$BOOST_TEST_LIBS $LIBS"
AC_LINK_IFELSE([AC_LANG_SOURCE([[
#define BOOST_TEST_MODULE configure
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
]])], [AC_MSG_RESULT([yes])], [
    AC_MSG_RESULT([no])
    AS_VAR_APPEND([sarang_missing], [" libboost-test-dev"])
])
LIBS=$sarang_saved_LIBS
AC_SUBST([BOOST_TEST_LIBS])
AC_DEFINE([BOOST_TEST_DYN_LINK], [], [Define to link the shared library of Boost.Test.])
])

# SARANG_TEST_LIBRARIES
AC_DEFUN([SARANG_TEST_LIBRARIES], [
AC_SUBST([MISSING_TEST_LIBRARIES], [$sarang_missing])
AM_CONDITIONAL([HAVE_TEST_LIBRARIES], [test -z "$sarang_missing"])
AS_IF([test -n "$sarang_missing"],
    [AC_MSG_WARN([make check will not run; on Debian: apt install$sarang_missing])])
])
