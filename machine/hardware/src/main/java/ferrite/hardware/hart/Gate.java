package ferrite.hardware.hart;

/**
 * The addresses through which machine code and the Java kernel reach each other: 4 MiB below the top of the address space,
 * never mapped. When a hart in S-mode is about to fetch from here and a supervisor is installed, Java goes on.
 */
public final class Gate {

    public static final long BASE = 0xff80_0000L;
    public static final long END = 0xffc0_0000L;

    /** Where firmware sends a hart that it hands over, with a0 = hart id and a1 = device tree (the Linux boot protocol). */
    public static final int ENTRY = (int) BASE;
    /** The pc of a hart whose S-mode software is Java, while it runs. */
    public static final int JAVA = (int) BASE + 4;
    /** What a Java kernel puts into stvec. */
    public static final int TRAP_VECTOR = (int) BASE + 8;
    /** Text addresses of Java callbacks start here. */
    public static final long TEXT = BASE + 0x1000;

    private Gate() { }

    static boolean contains(int pc) {
        return (pc & 0xffff_ffffL) >= BASE && (pc & 0xffff_ffffL) < END;
    }
}
