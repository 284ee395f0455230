package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.vm.UserMemory;

/**
 * The numbers of {@code /dev/random}: SplitMix64 (Steele, Lea, Flood 2014), seeded from the run's seed, so that each
 * run of a seed reads the same ones. They are no secret. The seed gets into memory when the numbers are first used.
 */
public final class RandomSource {

    private static final long GAMMA = 0x9e37_79b9_7f4a_7c15L;
    private static final int PIECE = 4096;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final long root;
    /** The run's seed; set while the kernel's objects are made. */
    private long seed;

    RandomSource(KernelBase base) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.root = base.root();
    }

    void setSeed(long value) {
        seed = value;
    }

    /** {@code get_random_bytes}: fills memory with random bytes. Any context. */
    public void fill(long to, int count) {
        for (int done = 0; done < count; done += PIECE) {
            byte[] bytes = next(Math.min(PIECE, count - done));
            memory.write(to + done, bytes, 0, bytes.length);
        }
    }

    /** Fills memory of a program with random bytes. Returns their number, or {@code -EFAULT}. Task context. */
    public int fillUser(UserMemory user, long to, int count) {
        for (int done = 0; done < count; done += PIECE) {
            byte[] bytes = next(Math.min(PIECE, count - done));
            int left = user.write(to + done, bytes, 0, bytes.length);
            if (left != 0) {
                return done + bytes.length - left == 0 ? -Errno.EFAULT : done + bytes.length - left;
            }
        }
        return count;
    }

    private byte[] next(int count) {
        byte[] bytes = new byte[count];
        long state = take((count + Long.BYTES - 1) / Long.BYTES);
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (mix(state + GAMMA * (1 + i / Long.BYTES)) >>> Byte.SIZE * (i % Long.BYTES));
        }
        return bytes;
    }

    /** Takes so many numbers. Returns the state before the first one. */
    private long take(int numbers) {
        int flags = locks.lockIrqSave(RootLayout.RANDOM_LOCK.at(root));
        long state = state();
        RootLayout.RANDOM_STATE.set(memory, root, state + GAMMA * numbers);
        locks.unlockIrqRestore(RootLayout.RANDOM_LOCK.at(root), flags);
        return state;
    }

    /** Lets bytes that a program has written change the numbers that follow. */
    void stir(byte[] bytes) {
        int flags = locks.lockIrqSave(RootLayout.RANDOM_LOCK.at(root));
        long state = state();
        for (byte each : bytes) {
            state = mix(state + GAMMA + each);
        }
        RootLayout.RANDOM_STATE.set(memory, root, state);
        locks.unlockIrqRestore(RootLayout.RANDOM_LOCK.at(root), flags);
    }

    /** Returns the generator's state, from the seed at the first use. The lock is held. */
    private long state() {
        if (RootLayout.RANDOM_SEEDED.get(memory, root) == 0) {
            RootLayout.RANDOM_SEEDED.set(memory, root, 1);
            return mix(seed);
        }
        return RootLayout.RANDOM_STATE.get(memory, root);
    }

    private static long mix(long state) {
        long bits = (state ^ state >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        bits = (bits ^ bits >>> 27) * 0x94d0_49bb_1331_11ebL;
        return bits ^ bits >>> 31;
    }
}
