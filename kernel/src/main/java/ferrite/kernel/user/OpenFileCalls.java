package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.ProgramFiles;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.vm.UserMemory;
import java.util.function.IntBinaryOperator;

/** System calls on open files. */
final class OpenFileCalls {

    private static final int MAX_VECTORS = 1024;
    /** Linux's {@code MAX_RW_COUNT}. */
    private static final int MAX_COUNT = 0x7fff_f000;
    private static final int O_CLOEXEC = 0x8_0000;
    private static final int F_DUPFD = 0;
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int FD_CLOEXEC = 1;

    private final KernelMemory memory;
    private final Files files;
    private final ProgramFiles open;
    private final UserMemory user;
    private final Sleep sleep;

    OpenFileCalls(UserServices services) {
        this.memory = services.memory();
        this.files = services.files();
        this.open = files.programs();
        this.user = services.space().memory();
        this.sleep = services.tasks().sleep();
    }

    void addTo(SystemCalls calls) {
        calls.add(23, x -> open.dup(x.argument(0), 0));
        calls.add(24, this::dup3);
        calls.add(25, this::fcntl);
        calls.add(29, x -> files.ioctl(x.argument(0), x.argument(1), x.pointer(2)));
        calls.add(57, x -> files.close(x.argument(0)));
        calls.add(59, this::pipe2);
        calls.add(61, x -> count(x.argument(2), bytes -> open.readDirectory(x.argument(0), x.pointer(1), bytes)));
        calls.add(62, this::llseek);
        calls.add(63, x -> count(x.argument(2), bytes -> files.read(x.argument(0), x.pointer(1), bytes)));
        calls.add(64, x -> count(x.argument(2), bytes -> files.write(x.argument(0), x.pointer(1), bytes)));
        calls.add(65, x -> vector(x, true, (at, bytes) -> files.read(x.argument(0), at & 0xffff_ffffL, bytes)));
        calls.add(66, x -> vector(x, false, (at, bytes) -> files.write(x.argument(0), at & 0xffff_ffffL, bytes)));
        calls.add(67, x -> position(x) < 0 ? -Errno.EINVAL : count(x.argument(2),
                bytes -> open.readAt(x.argument(0), x.pointer(1), bytes, position(x))));
        calls.add(68, x -> position(x) < 0 ? -Errno.EINVAL : count(x.argument(2),
                bytes -> open.writeAt(x.argument(0), x.pointer(1), bytes, position(x))));
        calls.add(80, this::fstat);
        calls.add(82, x -> open.isOpen(x.argument(0)) ? 0 : -Errno.EBADF);
    }

    /** A transfer of a number of bytes. */
    @FunctionalInterface
    private interface Transfer {

        int of(int bytes);
    }

    private static long count(int bytes, Transfer transfer) {
        return transfer.of((int) Math.min(bytes & 0xffff_ffffL, MAX_COUNT));
    }

    /** The 64-bit position of pread and pwrite, which is in a3 and a4: no pair has to be even. */
    private static long position(Registers x) {
        return x.pointer(3) | (long) x.argument(4) << Integer.SIZE;
    }

    private long dup3(Registers x) {
        int flags = x.argument(2);
        if (x.argument(0) == x.argument(1) || (flags & ~O_CLOEXEC) != 0) {
            return -Errno.EINVAL;
        }
        return withCloseOnExec(open.dup2(x.argument(0), x.argument(1)), flags != 0);
    }

    private int withCloseOnExec(int descriptor, boolean on) {
        if (descriptor >= 0) {
            open.setCloseOnExec(descriptor, on);
        }
        return descriptor;
    }

    private long fcntl(Registers x) {
        int descriptor = x.argument(0);
        return switch (x.argument(1)) {
            case F_DUPFD -> open.dup(descriptor, x.argument(2));
            case F_DUPFD_CLOEXEC -> withCloseOnExec(open.dup(descriptor, x.argument(2)), true);
            case F_GETFD -> !open.isOpen(descriptor) ? -Errno.EBADF
                    : open.isClosedOnExec(descriptor) ? FD_CLOEXEC : 0;
            case F_SETFD -> open.setCloseOnExec(descriptor, (x.argument(2) & FD_CLOEXEC) != 0);
            default -> files.fcntl(descriptor, x.argument(1), x.argument(2));
        };
    }

    private long pipe2(Registers x) {
        int flags = x.argument(1);
        if ((flags & ~(O_CLOEXEC | Fcntl.O_NONBLOCK)) != 0) {
            return -Errno.EINVAL;
        }
        int[] ends = new int[2];
        int result = open.pipe(flags & Fcntl.O_NONBLOCK, ends);
        if (result < 0) {
            return result;
        }
        for (int end : ends) {
            open.setCloseOnExec(end, (flags & O_CLOEXEC) != 0);
        }
        if (!user.put32s(x.pointer(0), ends)) {
            files.close(ends[0]);
            files.close(ends[1]);
            return -Errno.EFAULT;
        }
        return 0;
    }

    private long llseek(Registers x) {
        long offset = (long) x.argument(1) << Integer.SIZE | x.pointer(2);
        long position = files.lseek(x.argument(0), offset, x.argument(4));
        if (position < 0) {
            return position;
        }
        return user.put32s(x.pointer(3), (int) position, (int) (position >> Integer.SIZE)) ? 0 : -Errno.EFAULT;
    }

    /**
     * {@code readv} and {@code writev}: one transfer after the other, until one is short. A read that has found bytes
     * does not wait for more.
     */
    private long vector(Registers x, boolean reads, IntBinaryOperator transfer) {
        int vectors = x.argument(2);
        if (vectors < 0 || vectors > MAX_VECTORS) {
            return -Errno.EINVAL;
        }
        if (vectors == 0) {
            return transfer.applyAsInt(0, 0);
        }
        int[] words = new int[2 * vectors];
        if (!user.get32s(x.pointer(1), words)) {
            return -Errno.EFAULT;
        }
        long wanted = 0;
        for (int i = 1; i < words.length; i += 2) {
            wanted += words[i] < 0 ? 1L << Integer.SIZE : words[i];
        }
        if (wanted > Integer.MAX_VALUE) {
            return -Errno.EINVAL;
        }
        if (!reads && open.isPipeToWrite(x.argument(0))) {
            return open.writePieces(x.argument(0), words);
        }
        int done = 0;
        for (int i = 0; i < words.length; i += 2) {
            int result = transfer.applyAsInt(words[i], words[i + 1]);
            if (result == -Errno.ERESTART_WAIT && done > 0) {
                sleep.abandonCall();                   // another reader was faster
            }
            if (result < 0) {
                return done == 0 ? result : done;
            }
            done += result;
            if (result < words[i + 1] || reads && done > 0 && !open.isReadable(x.argument(0))) {
                break;
            }
        }
        return done;
    }

    private long fstat(Registers x) {
        FileTree.Stat stat = open.stat(x.argument(0));
        if (stat == null) {
            return open.isOpen(x.argument(0)) ? -Errno.ENOENT : -Errno.EBADF;
        }
        return StatRecords.putStat64(user, x.pointer(1), stat);
    }
}
