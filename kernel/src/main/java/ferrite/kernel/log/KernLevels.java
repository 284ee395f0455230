package ferrite.kernel.log;

import ferrite.kernel.base.DriverApi;
import java.util.List;

/**
 * The levels of messages (LDD3 page 75). Each is the beginning of a message: {@code printk(KERN_ERR + "no device")}. A
 * smaller digit is more urgent.
 */
@DriverApi
public final class KernLevels {

    /** The character before the digit of a level. */
    public static final char KERN_SOH = '\001';

    /** The machine is about to crash. */
    public static final String KERN_EMERG = KERN_SOH + "0";
    /** Action must be taken at once. */
    public static final String KERN_ALERT = KERN_SOH + "1";
    /** Hardware or software failed seriously. */
    public static final String KERN_CRIT = KERN_SOH + "2";
    /** An error: drivers report problems of their hardware so. */
    public static final String KERN_ERR = KERN_SOH + "3";
    /** Something is wrong, and is not serious by itself. */
    public static final String KERN_WARNING = KERN_SOH + "4";
    /** Normal, and worth a note. */
    public static final String KERN_NOTICE = KERN_SOH + "5";
    /** Information: drivers tell of the hardware that they found so. */
    public static final String KERN_INFO = KERN_SOH + "6";
    /** For debugging. The console does not get it by default. */
    public static final String KERN_DEBUG = KERN_SOH + "7";

    /** The names of the levels in {@code dmesg}, by digit. */
    public static final List<String> NAMES = List.of("emerg", "alert", "crit", "err", "warn", "notice", "info",
            "debug");

    private KernLevels() { }

    /** Returns the beginning of a message with a level, 0 to 7. */
    public static String of(int level) {
        return KERN_SOH + Integer.toString(level);
    }

    /** Returns whether a message begins with a level. */
    static boolean hasLevel(String message) {
        return message.length() > 1 && message.charAt(0) == KERN_SOH && message.charAt(1) >= '0'
                && message.charAt(1) <= '7';
    }
}
