package ferrite.kernel.user;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.PathWalk;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Arguments of system calls that are in the program's memory: paths and times. */
final class UserArguments {

    static final int AT_FDCWD = -100;

    private static final int PATH_MAX = 4096;
    /** Linux's {@code MAX_ARG_STRLEN}. */
    private static final int MAX_STRING = 32 * AddressSpace.PAGE_SIZE;

    private final UserServices services;
    private final UserMemory user;

    UserArguments(UserServices services) {
        this.services = services;
        this.user = services.space().memory();
    }

    /** An argument that cannot be used. */
    static final class Bad extends Exception {

        private static final long serialVersionUID = 1;

        private final int errno;

        Bad(int errno) {
            super(null, null, false, false);
            this.errno = errno;
        }

        /** The result of the call: a negative errno. */
        long result() {
            return -errno;
        }
    }

    /** Reads a string of at most {@code limit} bytes. */
    private byte[] string(long from, int limit, int tooLong) throws Bad {
        try {
            byte[] text = user.string(from, limit);
            if (text == null) {
                throw new Bad(Errno.EFAULT);
            }
            return text;
        } catch (UserMemory.TooLong unending) {
            throw new Bad(tooLong);
        }
    }

    /** Reads a path as it is. */
    String text(long from) throws Bad {
        String path = new String(string(from, PATH_MAX, Errno.ENAMETOOLONG), StandardCharsets.UTF_8);
        if (path.isEmpty()) {
            throw new Bad(Errno.ENOENT);
        }
        return path;
    }

    /**
     * Reads a path and walks it.
     *
     * @param directory where a relative path begins
     * @param follows   whether to follow a link in the last place
     */
    PathWalk.End path(int directory, long from, boolean follows) throws Bad {
        String path = text(from);
        String start = path.startsWith("/") ? "/"
                : directory == AT_FDCWD ? workingDirectory() : services.files().programs().directory(directory);
        if (start == null) {
            throw new Bad(services.files().programs().isOpen(directory) ? Errno.ENOTDIR : Errno.EBADF);
        }
        PathWalk.End end = services.files().tree().walk(start, path, follows);
        if (end.error() != 0) {
            throw new Bad(-end.error());
        }
        return end;
    }

    /** The current directory. */
    String workingDirectory() {
        long cwd = ProcessLayout.CWD.get(services.memory(), services.process());
        return cwd == 0 ? "/" : services.memory().loadUtf8(cwd, PATH_MAX);
    }

    /** Reads a {@code struct timespec} with 64-bit seconds. Returns it in ticks, rounded up. */
    long ticks(long from) throws Bad {
        int[] words = new int[4];
        if (!user.get32s(from, words)) {
            throw new Bad(Errno.EFAULT);
        }
        long seconds = words[0] & 0xffff_ffffL | (long) words[1] << Integer.SIZE;
        int nanoseconds = words[2];
        if (seconds < 0 || nanoseconds < 0 || nanoseconds >= 1_000_000_000) {
            throw new Bad(Errno.EINVAL);
        }
        return Math.min(seconds, Clock.LAST_TICK / Clock.TICKS_PER_SECOND / 4) * Clock.TICKS_PER_SECOND
                + (nanoseconds + Clock.NANOSECONDS_PER_TICK - 1) / Clock.NANOSECONDS_PER_TICK;
    }

    /** Stores ticks as a {@code struct timespec} with 64-bit seconds. Returns whether it could. */
    boolean putTicks(long to, long ticks) {
        long seconds = ticks / Clock.TICKS_PER_SECOND;
        return user.put32s(to, (int) seconds, (int) (seconds >> Integer.SIZE),
                (int) (ticks % Clock.TICKS_PER_SECOND) * Clock.NANOSECONDS_PER_TICK, 0);
    }

    /** Reads an array of pointers to strings, up to a null pointer, of together at most {@code limit} bytes. */
    List<byte[]> strings(long from, int limit) throws Bad {
        List<byte[]> strings = new ArrayList<>();
        int[] pointer = new int[1];
        int left = limit;
        for (long at = from; from != 0; at += Integer.BYTES) {
            if (!user.get32s(at, pointer)) {
                throw new Bad(Errno.EFAULT);
            }
            if (pointer[0] == 0) {
                break;
            }
            byte[] text = string(pointer[0] & 0xffff_ffffL, Math.min(left, MAX_STRING), Errno.E2BIG);
            strings.add(text);
            left -= text.length + 1 + Integer.BYTES;
            if (left <= 0) {
                throw new Bad(Errno.E2BIG);
            }
        }
        return strings;
    }
}
