package ferrite.debugport.pipeline;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The token of a port, and the comparison with those that clients bring. After a wrong one, further tokens from its
 * origin wait, and its sender waits for the answer as long. The port's one thread calls all methods.
 */
public final class Tokens {

    /** Time for which a wrong token delays. */
    public static final int DELAY_MILLIS = 500;
    private static final int MAX_ORIGINS = 256;

    private final byte[] token;
    private final LongSupplier clock;
    /** The end of the delay of each origin, in the clock's milliseconds. */
    private final Map<Origin, Long> delays = new LinkedHashMap<>(16, 0.75f, false) {

        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Origin, Long> eldest) {
            return size() > MAX_ORIGINS;
        }
    };

    /** @param clock tells milliseconds */
    public Tokens(String token, LongSupplier clock) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
        this.clock = clock;
    }

    /** Returns how long a token from this origin has to wait for its comparison, in milliseconds. */
    public long delayMillis(Origin from) {
        Long end = delays.get(from);
        long left = end == null ? 0 : end - clock.getAsLong();
        if (end != null && left <= 0) {
            delays.remove(from);
        }
        return Math.max(0, left);
    }

    /** Tells whether a token is the right one. The comparison takes constant time. */
    public boolean isRight(byte[] given, Origin from) {
        boolean isRight = MessageDigest.isEqual(given, token);
        if (!isRight) {
            delays.remove(from);
            delays.put(from, clock.getAsLong() + DELAY_MILLIS);
        }
        return isRight;
    }
}
