package ferrite.kernel.base;

/** The names of the system that {@code uname} and {@code /proc/version} tell. */
public final class UtsName {

    public static final String SYSNAME = "Linux";
    public static final String NODENAME = "ferrite";
    public static final String RELEASE = "6.1.0-ferrite";
    public static final String VERSION = "Ferrite mini-kernel";
    public static final String MACHINE = "riscv32";
    public static final String DOMAINNAME = "(none)";

    private UtsName() { }
}
