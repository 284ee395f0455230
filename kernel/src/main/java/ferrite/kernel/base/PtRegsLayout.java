package ferrite.kernel.base;

/** {@code struct pt_regs}: the registers of a program while it is in the kernel, in Linux's order. */
public final class PtRegsLayout {

    public static final int SIZE = 144;

    public static final Struct STRUCT = Struct.of("pt_regs", SIZE);

    /** {@code pc}, followed by x1 to x31. */
    public static final ULong EPC = STRUCT.ulong("epc", 0);
    public static final Word X = STRUCT.u32("regs", 4, 31);
    public static final Word STATUS = STRUCT.u32("status", 128);
    public static final ULong BADADDR = STRUCT.ulong("badaddr", 132);
    public static final Word CAUSE = STRUCT.u32("cause", 136);
    public static final Word ORIG_A0 = STRUCT.u32("orig_a0", 140);

    private PtRegsLayout() { }
}
