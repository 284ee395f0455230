package ferrite.hardware.hart;

/**
 * The addresses at which machine code and the Java kernel call each other: 4 MiB below the top of the address space,
 * never mapped. If a supervisor is installed, Java takes over from a hart in S-mode that is about to fetch here.
 */
public final class Gate {

    public static final long BASE = 0xff80_0000L;
    public static final long END = 0xffc0_0000L;

    /**
     * The address to which firmware hands a hart over, with a0 = hart id and a1 = device tree (the Linux boot
     * protocol).
     */
    public static final int ENTRY = (int) BASE;
    /** The pc of a hart while Java runs as its S-mode software. */
    public static final int JAVA = (int) BASE + 4;
    /** The stvec of a Java kernel. */
    public static final int TRAP_VECTOR = (int) BASE + 8;
    /** Start of the text addresses of Java callbacks. */
    public static final long TEXT = BASE + 0x1000;
    /** Start of the addresses that stand for the calls of a Java kernel. */
    public static final long CALLS = END - 0x1_0000;

    private Gate() { }

    static boolean contains(int pc) {
        return (pc & 0xffff_ffffL) >= BASE && (pc & 0xffff_ffffL) < END;
    }
}
