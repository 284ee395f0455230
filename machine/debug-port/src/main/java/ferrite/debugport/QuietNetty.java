package ferrite.debugport;

import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Netty settings that Netty otherwise chooses in its static initialisers. They must be made before the first Netty
 * class is initialised, so this class mentions none.
 *
 * <p>Ferrite prints no warnings on any supported JDK and needs no JVM options. From JDK 24 on, the memory methods of
 * {@code sun.misc.Unsafe} and the loading of native libraries each print a warning. A debug port moves a few lines of
 * text, so plain Java is fast enough for it.
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
        // Channel ids are only for logs. By default Netty derives them from network interfaces and the JVM's
        // management.
        setUnlessGiven("io.netty.machineId", "00:00:00:00:00:00:00:00");
        setUnlessGiven("io.netty.processId", "1");
        setUnlessGiven("io.netty.leakDetection.level", "disabled");
    }

    /**
     * Sets a property unless it is set. A program that embeds a machine and uses Netty itself may have chosen
     * otherwise.
     */
    private static void setUnlessGiven(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
