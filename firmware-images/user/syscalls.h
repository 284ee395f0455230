// System calls of Linux on 32-bit RISC-V, by their numbers (asm-generic/unistd.h).
#pragma once
#include <stdint.h>

enum {
    SYS_io_setup = 0, SYS_io_destroy = 1, SYS_io_submit = 2, SYS_io_cancel = 3, SYS_io_pgetevents64 = 416,
    SYS_getcwd = 17, SYS_epoll_create1 = 20, SYS_epoll_ctl = 21, SYS_epoll_pwait = 22, SYS_dup = 23, SYS_dup3 = 24, SYS_fcntl = 25, SYS_ioctl = 29,
    SYS_mkdirat = 34, SYS_faccessat = 48, SYS_chdir = 49, SYS_openat = 56, SYS_close = 57,
    SYS_pipe2 = 59, SYS_getdents64 = 61, SYS_llseek = 62, SYS_read = 63, SYS_write = 64, SYS_readv = 65, SYS_writev = 66,
    SYS_pread64 = 67, SYS_pwrite64 = 68, SYS_readlinkat = 78, SYS_fstatat64 = 79, SYS_fstat = 80, SYS_exit = 93, SYS_exit_group = 94, SYS_waitid = 95, SYS_set_tid_address = 96,
    SYS_sched_yield = 124, SYS_kill = 129, SYS_rt_sigsuspend = 133, SYS_rt_sigaction = 134, SYS_rt_sigprocmask = 135, SYS_setpriority = 140, SYS_getpriority = 141,
    SYS_uname = 160, SYS_getpid = 172, SYS_getppid = 173, SYS_gettid = 178, SYS_brk = 214, SYS_munmap = 215, SYS_clone = 220,
    SYS_execve = 221, SYS_mmap2 = 222, SYS_mprotect = 226, SYS_wait4 = 260, SYS_getrandom = 278, SYS_statx = 291, SYS_clock_gettime64 = 403,
    SYS_clock_nanosleep64 = 407, SYS_pselect6 = 413, SYS_ppoll = 414, SYS_faccessat2 = 439, SYS_epoll_pwait2 = 441,
};

// Returns the result of a call: a negative errno if it failed.
static inline long call6(long n, long a, long b, long c, long d, long e, long f)
{
    register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e, a5 __asm__("a5") = f, a7 __asm__("a7") = n;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
    return a0;
}

#define call0(n) call6(n, 0, 0, 0, 0, 0, 0)
#define call1(n, a) call6(n, (long)(a), 0, 0, 0, 0, 0)
#define call2(n, a, b) call6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define call3(n, a, b, c) call6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define call4(n, a, b, c, d) call6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define call5(n, a, b, c, d, e) call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
