package ferrite.debugport;

import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Settles what Netty otherwise decides for itself in its static initialisers. To be called before the first Netty
 * class is initialised; it therefore mentions none.
 *
 * <p>Ferrite prints no warnings on any JDK that it supports, and needs no JVM options. From JDK 24 on, the memory
 * methods of {@code sun.misc.Unsafe} and the loading of native libraries each print one. A debug port moves a few lines of text, so
 * plain Java is fast enough for it.
 */
final class QuietNetty {

    // A strong reference: the log manager holds its loggers weakly, and a collected one forgets its level.
    private static final Logger NETTY_LOG = Logger.getLogger("io.netty");

    private QuietNetty() { }

    static void prepare() {
        NETTY_LOG.setLevel(Level.SEVERE);
        setUnlessGiven("io.netty.noUnsafe", "true");
        // The optimisation opens private fields of the JDK's selector.
        setUnlessGiven("io.netty.noKeySetOptimization", "true");
        setUnlessGiven("io.netty.transport.noNative", "true");
        // Channel ids are for logs alone; left to itself Netty asks network interfaces and the JVM's management for what to make them of.
        setUnlessGiven("io.netty.machineId", "00:00:00:00:00:00:00:00");
        setUnlessGiven("io.netty.processId", "1");
        setUnlessGiven("io.netty.leakDetection.level", "disabled");
    }

    /** Whoever embeds a machine in a program that uses Netty too may have chosen otherwise. */
    private static void setUnlessGiven(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
