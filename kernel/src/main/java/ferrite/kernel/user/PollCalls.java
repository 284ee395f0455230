package ferrite.kernel.user;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.PollFdLayout;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.vm.UserMemory;

/** {@code ppoll} and {@code pselect}. */
final class PollCalls {

    private static final int TICKS_PER_MILLISECOND = 1000 * Clock.TICKS_PER_MICROSECOND;
    private static final int SETS = 3;
    private static final int MAX_SELECTED = 1024;

    private final KernelMemory memory;
    private final Files files;
    private final Kmalloc kmalloc;
    private final UserMemory user;
    private final CallMask mask;
    private final UserArguments arguments;

    PollCalls(UserServices services, CallMask mask, UserArguments arguments) {
        this.memory = services.memory();
        this.files = services.files();
        this.kmalloc = services.mm().kmalloc();
        this.user = services.space().memory();
        this.mask = mask;
        this.arguments = arguments;
    }

    void addTo(SystemCalls calls) {
        calls.add(413, this::pselect);
        calls.add(414, this::ppoll);
    }

    /** A wait with a buffer in the kernel's memory. */
    @FunctionalInterface
    private interface WithBuffer {

        long apply(long buffer) throws UserArguments.Bad;
    }

    private long withBuffer(int bytes, WithBuffer wait) {
        long buffer = kmalloc.kmalloc(Math.max(bytes, 1), Gfp.GFP_KERNEL);
        if (buffer == 0) {
            return -Errno.ENOMEM;
        }
        try {
            return wait.apply(buffer);
        } catch (UserArguments.Bad bad) {
            return bad.result();
        } finally {
            kmalloc.kfree(buffer);
        }
    }

    /** Returns the ticks of a timeout that a call points to, or -1 for none. */
    private long timeout(long timespec) throws UserArguments.Bad {
        return timespec == 0 ? -1 : arguments.ticks(timespec);
    }

    private long ppoll(Registers x) {
        int count = x.argument(1);
        if (count < 0 || count > TaskLayout.MAX_FILES) {
            return -Errno.EINVAL;
        }
        int bytes = count * PollFdLayout.SIZE;
        return withBuffer(bytes, fds -> {
            long ticks = timeout(x.pointer(2));
            long milliseconds = ticks < 0 ? -1 : (ticks + TICKS_PER_MILLISECOND - 1) / TICKS_PER_MILLISECOND;
            if (user.copyFromUser(fds, x.pointer(0), bytes) != 0) {
                return -Errno.EFAULT;
            }
            mask.replace(x.pointer(3), x.argument(4));
            int result = files.poll(fds, count, (int) Math.min(milliseconds, Integer.MAX_VALUE));
            mask.restoreAfter(result);
            return result < 0 ? result : UserMemory.orFault(user.copyToUser(x.pointer(0), fds, bytes), result);
        });
    }

    private long pselect(Registers x) {
        int count = x.argument(0);
        if (count < 0 || count > MAX_SELECTED) {
            return -Errno.EINVAL;
        }
        int words = (count + Integer.SIZE - 1) / Integer.SIZE;
        return withBuffer(SETS * Integer.BYTES, sets -> {
            long ticks = timeout(x.pointer(4));
            long[] kernelSets = new long[SETS];
            for (int i = 0; i < SETS; i++) {
                kernelSets[i] = x.pointer(1 + i) == 0 || words == 0 ? 0 : sets + (long) i * Integer.BYTES;
                readSet(x.pointer(1 + i), words, count, kernelSets[i]);
            }
            int[] given = new int[2];
            if (x.pointer(5) != 0 && !user.get32s(x.pointer(5), given)) {
                return -Errno.EFAULT;
            }
            mask.replace(given[0] & 0xffff_ffffL, given[1]);
            int result = files.select(Math.min(count, TaskLayout.MAX_FILES), kernelSets[0], kernelSets[1],
                    kernelSets[2], ticks < 0 ? -1
                    : (ticks + Clock.TICKS_PER_MICROSECOND - 1) / Clock.TICKS_PER_MICROSECOND);
            mask.restoreAfter(result);
            for (int i = 0; i < SETS && result >= 0; i++) {
                if (kernelSets[i] != 0 && !user.put32(x.pointer(1 + i), memory.load32(kernelSets[i]))) {
                    return -Errno.EFAULT;
                }
            }
            return result;
        });
    }

    /** Reads a set. No descriptor above those that a table has can be open. */
    private void readSet(long from, int words, int count, long to) throws UserArguments.Bad {
        if (to == 0) {
            return;
        }
        int[] set = new int[words];
        if (!user.get32s(from, set)) {
            throw new UserArguments.Bad(Errno.EFAULT);
        }
        for (int i = 1; i < words; i++) {
            int last = i == words - 1 && count % Integer.SIZE != 0 ? (1 << count % Integer.SIZE) - 1 : -1;
            if ((set[i] & last) != 0) {
                throw new UserArguments.Bad(Errno.EBADF);
            }
        }
        memory.store32(to, set[0]);
    }
}
