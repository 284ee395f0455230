// The macros by which riscv-arch-test (old framework) knows its target: Ferrite's virt board.
#pragma once

#define RVMODEL_BOOT
#define RVMODEL_HALT            li t0, 1; la t1, tohost; 1: sw t0, 0(t1); j 1b;
#define RVMODEL_DATA_BEGIN      .align 4; .global begin_signature; begin_signature:
#define RVMODEL_DATA_END        .align 4; .global end_signature; end_signature: \
                                .pushsection .tohost, "aw", @progbits; .align 3; .global tohost; tohost: .dword 0; \
                                .popsection

#define RVMODEL_IO_INIT
#define RVMODEL_IO_WRITE_STR(scratch, text)
#define RVMODEL_IO_CHECK()
#define RVMODEL_IO_ASSERT_GPR_EQ(scratch, got, wanted)
#define RVMODEL_IO_ASSERT_SFPR_EQ(scratch, got, wanted)
#define RVMODEL_IO_ASSERT_DFPR_EQ(scratch, got, wanted)
#define RVMODEL_SET_MSW_INT
#define RVMODEL_CLEAR_MSW_INT
#define RVMODEL_CLEAR_MTIMER_INT
#define RVMODEL_CLEAR_MEXT_INT
