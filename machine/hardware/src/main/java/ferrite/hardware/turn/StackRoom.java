package ferrite.hardware.turn;

/**
 * Room on the Java stack. The machine's own work must not be cut off halfway by a full stack, so room for it is tried
 * before it begins: a stack that a driver has filled then overflows in the driver's call, which ends its task only.
 */
final class StackRoom {

    /** At least 30 KiB, also with the JVM's second compiler: an interrupt with its handlers needs less than half. */
    private static final int FRAMES = 200;

    private StackRoom() { }

    /** @throws StackOverflowError if the calling thread's stack is nearly full */
    static void require() {
        descend(FRAMES, 1, 2, 3, 4, 5, 6, 7, 8);
    }

    /** Recurses with values that are needed after the call, so that no compiler makes the frames small. */
    private static long descend(int frames, long a, long b, long c, long d, long e, long f, long g, long h) {
        if (frames == 0) {
            return a;
        }
        long below = descend(frames - 1, b + frames, c ^ a, d + b, e ^ c, f + d, g ^ e, h + f, a ^ g);
        return below + a * 3 ^ b + c * 5 ^ d + e * 7 ^ f + g * 9 ^ h;
    }
}
