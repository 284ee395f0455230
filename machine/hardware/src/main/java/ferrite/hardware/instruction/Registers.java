package ferrite.hardware.instruction;

/** The names of the integer registers in the calling convention (RISC-V ELF psABI, chapter 1). */
public final class Registers {

    private static final String[] NAMES = {
        "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2",
        "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
        "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7",
        "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
    };

    private Registers() {
    }

    /** Returns the name of register x0 to x31. Register x8, which is also the frame pointer, is {@code s0}. */
    public static String name(int register) {
        return NAMES[register];
    }
}
