package ferrite.kernel.user;

import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Aio;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.vm.AddressSpaces;
import ferrite.kernel.vm.UserMemory;
import ferrite.kernel.vm.VmFlags;

/**
 * {@code io_setup io_destroy io_submit io_cancel io_pgetevents} (include/uapi/linux/aio_abi.h). The number of a context
 * is the address of a page that it maps, as on Linux, where a ring of results is in the page. Here it has zeros, so
 * that programs that look for the ring see none, and make the call.
 */
final class AsyncCalls {

    /** Linux's {@code aio-max-nr}. */
    private static final int MAX_EVENTS = 0x1_0000;
    private static final int IOCB_BYTES = 64;
    private static final int EVENT_BYTES = 32;

    // the words of a struct iocb
    private static final int DATA = 0;
    private static final int KEY = 2;
    private static final int RW_FLAGS = 3;
    private static final int OPCODE = 4;
    private static final int DESCRIPTOR = 5;
    private static final int BUFFER = 6;
    private static final int COUNT = 8;
    private static final int OFFSET = 10;
    private static final int RESERVED = 12;
    private static final int FLAGS = 14;

    private static final int PREAD = 0;
    private static final int PWRITE = 1;
    private static final int FSYNC = 2;
    private static final int FDSYNC = 3;

    private final UserServices services;
    private final Aio aio;
    private final UserMemory user;
    private final CallMask mask;
    private final UserArguments arguments;

    AsyncCalls(UserServices services, CallMask mask, UserArguments arguments) {
        this.services = services;
        this.aio = services.files().programs().aio();
        this.user = services.space().memory();
        this.mask = mask;
        this.arguments = arguments;
    }

    void addTo(SystemCalls calls) {
        calls.add(0, this::setup);
        calls.add(1, this::destroy);
        calls.add(2, this::submit);
        calls.add(3, this::cancel);
        calls.add(416, this::results);
    }

    private long setup(Registers x) {
        int[] id = new int[1];
        if (!user.get32s(x.pointer(1), id)) {
            return -Errno.EFAULT;
        }
        if (id[0] != 0 || x.argument(0) == 0) {
            return -Errno.EINVAL;
        }
        if (x.pointer(0) > MAX_EVENTS) {
            return -Errno.EAGAIN;
        }
        long page = services.space().spaces().map(services.addressSpace(), new AddressSpaces.Wish(0,
                AddressSpace.PAGE_SIZE, VmFlags.VM_READ | VmFlags.VM_WRITE, AddressSpaces.Placement.HINT), area -> 0);
        if (page < 0) {
            return page;
        }
        int result = aio.setup(page, x.argument(0));
        if (result == 0 && !user.put32s(x.pointer(1), (int) page)) {
            aio.destroy(aio.find(page));
            result = -Errno.EFAULT;
        }
        if (result < 0) {
            unmap(page);
        }
        return result;
    }

    private void unmap(long page) {
        services.space().spaces().unmap(services.addressSpace(), page, AddressSpace.PAGE_SIZE);
    }

    /** Finds the context of a call. Returns 0 if the program has none of that number. */
    private long context(Registers x) {
        return x.pointer(0) == 0 ? 0 : aio.find(x.pointer(0));
    }

    private long destroy(Registers x) {
        long context = context(x);
        if (context == 0) {
            return -Errno.EINVAL;
        }
        aio.destroy(context);
        unmap(x.pointer(0));
        return 0;
    }

    private long submit(Registers x) {
        long context = context(x);
        if (context == 0 || x.argument(1) < 0) {
            return -Errno.EINVAL;
        }
        int[] at = new int[1];
        for (int i = 0; i < x.argument(1); i++) {
            long result = user.get32s(x.pointer(2) + (long) i * Integer.BYTES, at)
                    ? submitOne(context, at[0] & 0xffff_ffffL) : -Errno.EFAULT;
            if (result < 0) {
                return i == 0 ? result : i;
            }
        }
        return x.argument(1);
    }

    private long submitOne(long context, long iocb) {
        int[] words = new int[IOCB_BYTES / Integer.BYTES];
        if (!user.get32s(iocb, words) || !user.put32s(iocb + KEY * Integer.BYTES, 0)) {
            return -Errno.EFAULT;
        }
        long position = pair(words, OFFSET);
        long count = pair(words, COUNT);
        if ((words[RESERVED] | words[RESERVED + 1] | words[FLAGS] | words[RW_FLAGS] | words[BUFFER + 1]) != 0
                || count < 0 || count > Integer.MAX_VALUE || position < 0) {
            return -Errno.EINVAL;
        }
        int opcode = words[OPCODE] & 0xffff;
        long buffer = words[BUFFER] & 0xffff_ffffL;
        return switch (opcode) {
            case PREAD -> aio.submit(context, request(words, iocb, Fcntl.FMODE_READ, "aio_read"),
                    (driver, kiocb) -> driver.aioRead(kiocb, buffer, (int) count, position));
            case PWRITE -> aio.submit(context, request(words, iocb, Fcntl.FMODE_WRITE, "aio_write"),
                    (driver, kiocb) -> driver.aioWrite(kiocb, buffer, (int) count, position));
            case FSYNC, FDSYNC -> aio.submit(context, request(words, iocb, 0, "aio_fsync"),
                    (driver, kiocb) -> driver.aioFsync(kiocb, opcode == FDSYNC));
            default -> -Errno.EINVAL;
        };
    }

    private static Aio.Request request(int[] words, long iocb, int mode, String name) {
        return new Aio.Request(words[DESCRIPTOR], iocb, pair(words, DATA), pair(words, OFFSET), mode, name);
    }

    private static long pair(int[] words, int at) {
        return words[at] & 0xffff_ffffL | (long) words[at + 1] << Integer.SIZE;
    }

    /** As Linux since 4.18: the result of a cancelled operation comes as that of others does. */
    private long cancel(Registers x) {
        long context = context(x);
        int result = context == 0 ? -Errno.EINVAL : aio.cancel(context, x.pointer(1));
        return result == 0 ? -Errno.EINPROGRESS : result;
    }

    private long results(Registers x) {
        long context = context(x);
        int min = x.argument(1);
        int max = x.argument(2);
        if (context == 0 || min < 0 || max < min) {
            return -Errno.EINVAL;
        }
        try {
            long ticks = x.pointer(4) == 0 ? Sleep.FOREVER : arguments.ticks(x.pointer(4));
            int[] sigmask = new int[2];
            if (x.pointer(5) != 0 && !user.get32s(x.pointer(5), sigmask)) {
                return -Errno.EFAULT;
            }
            mask.replace(sigmask[0] & 0xffff_ffffL, sigmask[1]);
            int result = aio.results(context, min, max, ticks, (index, data, iocb, results) -> user.put32s(
                    x.pointer(3) + (long) index * EVENT_BYTES, (int) data, (int) (data >> Integer.SIZE), (int) iocb, 0,
                    (int) results[0], (int) (results[0] >> Integer.SIZE), (int) results[1],
                    (int) (results[1] >> Integer.SIZE)));
            mask.restoreAfter(result);
            return result;
        } catch (UserArguments.Bad bad) {
            return bad.result();
        }
    }
}
