package ferrite.hardware.turn;

/**
 * Room on the Java stack. The machine's own work must not be cut off halfway by a full stack, so room for it is tried
 * before it begins: a stack that a driver has filled then overflows in the driver's call, which ends its task only.
 */
final class StackRoom {

    /** About 20 KiB: an interrupt with its handlers needs a quarter of it. */
    private static final int FRAMES = 300;

    private StackRoom() { }

    /** @throws StackOverflowError if the calling thread's stack is nearly full */
    static void require() {
        descend(FRAMES);
    }

    /** Returns the number of frames, so that no compiler turns the recursion into a loop. */
    private static int descend(int frames) {
        return frames == 0 ? 0 : 1 + descend(frames - 1);
    }
}
