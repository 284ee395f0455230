package ferrite.kernel.user;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Epoll;
import ferrite.kernel.fs.Files;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.vm.UserMemory;

/** {@code epoll_create1}, {@code epoll_ctl}, {@code epoll_pwait} and {@code epoll_pwait2}. */
final class EpollCalls {

    private static final int EPOLL_CLOEXEC = 0x8_0000;
    private static final long TICKS_PER_MILLISECOND = 1000L * Clock.TICKS_PER_MICROSECOND;

    private final Files files;
    private final UserMemory user;
    private final CallMask mask;
    private final UserArguments arguments;

    EpollCalls(UserServices services, CallMask mask, UserArguments arguments) {
        this.files = services.files();
        this.user = services.space().memory();
        this.mask = mask;
        this.arguments = arguments;
    }

    void addTo(SystemCalls calls) {
        calls.add(20, this::create);
        calls.add(21, this::control);
        calls.add(22, x -> await(x, () -> x.argument(3) < 0 ? Sleep.FOREVER
                : x.argument(3) * TICKS_PER_MILLISECOND));
        calls.add(441, x -> await(x, () -> x.pointer(3) == 0 ? Sleep.FOREVER : arguments.ticks(x.pointer(3))));
    }

    private long create(Registers x) {
        int flags = x.argument(0);
        if ((flags & ~EPOLL_CLOEXEC) != 0) {
            return -Errno.EINVAL;
        }
        int descriptor = files.epoll().create();
        if (descriptor >= 0) {
            files.programs().setCloseOnExec(descriptor, flags != 0);
        }
        return descriptor;
    }

    private long control(Registers x) {
        int[] event = new int[Epoll.EVENT_BYTES / Integer.BYTES];
        if (x.argument(1) != Epoll.EPOLL_CTL_DEL && !user.get32s(x.pointer(3), event)) {
            return -Errno.EFAULT;
        }
        int data = Epoll.EVENT_DATA / Integer.BYTES;
        return files.epoll().control(x.argument(0), x.argument(1), x.argument(2), event[0],
                event[data] & 0xffff_ffffL | (long) event[data + 1] << Integer.SIZE);
    }

    /** The longest sleep that a call asks for, in ticks. */
    @FunctionalInterface
    private interface Timeout {

        long ticks() throws UserArguments.Bad;
    }

    private long await(Registers x, Timeout timeout) {
        try {
            long ticks = timeout.ticks();
            mask.replace(x.pointer(4), x.argument(5));
            int result = files.epoll().await(x.argument(0), x.pointer(1), x.argument(2), ticks);
            mask.restoreAfter(result);
            return result;
        } catch (UserArguments.Bad bad) {
            return bad.result();
        }
    }
}
