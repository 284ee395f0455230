// The entry of a program: the kernel has put argc, argv and envp on the stack.
    .section .text
    .globl _start
_start:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    la      tp, __tls_base
    lw      a0, 0(sp)                       // argc
    addi    a1, sp, 4                       // argv
    addi    a2, a0, 1
    slli    a2, a2, 2
    add     a2, a1, a2                      // envp
    la      t0, environ
    sw      a2, 0(t0)
    andi    sp, sp, -16
    mv      s0, a0
    mv      s1, a1
    mv      s2, a2
    call    __libc_init_array
    mv      a0, s0
    mv      a1, s1
    mv      a2, s2
    call    main
    call    exit
