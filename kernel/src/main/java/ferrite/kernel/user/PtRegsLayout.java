package ferrite.kernel.user;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** {@code struct pt_regs}: the registers of a program while it is in the kernel, in Linux's order. */
final class PtRegsLayout {

    static final int SIZE = 144;

    static final Struct STRUCT = Struct.of("pt_regs", SIZE);

    /** {@code pc}, followed by x1 to x31. */
    static final ULong EPC = STRUCT.ulong("epc", 0);
    static final Word X = STRUCT.u32("regs", 4, 31);
    static final Word STATUS = STRUCT.u32("status", 128);
    static final ULong BADADDR = STRUCT.ulong("badaddr", 132);
    static final Word CAUSE = STRUCT.u32("cause", 136);
    static final Word ORIG_A0 = STRUCT.u32("orig_a0", 140);

    private PtRegsLayout() { }
}
