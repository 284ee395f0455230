package ferrite.hardware.hart;

/** The privilege modes, numbered as in MPP (privileged specification, table 1.1). */
public final class PrivilegeMode {

    public static final int U = 0;
    public static final int S = 1;
    public static final int M = 3;

    private PrivilegeMode() { }

    public static String name(int mode) {
        return mode == M ? "M" : mode == S ? "S" : "U";
    }
}
