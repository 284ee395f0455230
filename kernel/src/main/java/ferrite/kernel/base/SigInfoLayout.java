package ferrite.kernel.base;

/** What {@code siginfo_t} tells of a pending signal. */
public final class SigInfoLayout {

    public static final int SIZE = 12;

    public static final Struct STRUCT = Struct.of("kernel_siginfo", SIZE);

    /** {@link #SI_USER} and others. */
    public static final Word CODE = STRUCT.s32("si_code", 0);
    /** The pid of the sender or of the child; of a fault its address. */
    public static final Word FIRST = STRUCT.u32("si_pid", 4);
    /** The exit code of a child, or the signal that ended it. */
    public static final Word STATUS = STRUCT.s32("si_status", 8);

    /** A program sent it with {@code kill}. */
    public static final int SI_USER = 0;
    /** The kernel sent it. */
    public static final int SI_KERNEL = 0x80;
    /** A program sent it with {@code tkill}. */
    public static final int SI_TKILL = -6;

    private SigInfoLayout() { }
}
