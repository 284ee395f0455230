package ferrite.kernel.user;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.vm.UserMemory;

/** Clocks and sleeps. The machine has no clock of the day: its realtime begins in 1970, when it is switched on. */
final class ClockCalls {

    private static final int CLOCK_REALTIME = 0;
    private static final int CLOCK_MONOTONIC = 1;
    private static final int CLOCK_PROCESS_CPUTIME_ID = 2;
    private static final int CLOCK_THREAD_CPUTIME_ID = 3;
    private static final int CLOCK_BOOTTIME = 7;
    private static final int TIMER_ABSTIME = 1;
    private static final int USER_HZ_TICKS = Clock.TICKS_PER_SECOND / 100;

    private final UserServices services;
    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final UserMemory user;
    private final UserArguments arguments;

    ClockCalls(UserServices services, UserArguments arguments) {
        this.services = services;
        this.memory = services.memory();
        this.cpu = services.cpu();
        this.user = services.space().memory();
        this.arguments = arguments;
    }

    void addTo(SystemCalls calls) {
        calls.add(153, this::times);
        calls.add(165, this::getrusage);
        calls.add(403, x -> {
            long ticks = read(x.argument(0));
            return ticks < 0 ? ticks : stored(x.pointer(1), ticks);
        });
        calls.add(406, x -> read(x.argument(0)) < 0 ? -Errno.EINVAL : x.pointer(1) == 0 ? 0 : stored(x.pointer(1), 1));
        calls.add(407, this::clockNanosleep);
    }

    private long stored(long to, long ticks) {
        return arguments.putTicks(to, ticks) ? 0 : -Errno.EFAULT;
    }

    /** Returns the time of a clock in ticks, or {@code -EINVAL}. */
    private long read(int clock) {
        return switch (clock) {
            case CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID -> runtime();
            default -> clock >= CLOCK_REALTIME && clock <= CLOCK_BOOTTIME ? cpu.time() : -Errno.EINVAL;
        };
    }

    private long runtime() {
        return services.tasks().scheduler().runtime(memory, cpu.tp(), cpu.time());
    }

    private long clockNanosleep(Registers x) {
        int clock = x.argument(0);
        if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME) {
            return -Errno.EINVAL;
        }
        try {
            boolean absolute = (x.argument(1) & TIMER_ABSTIME) != 0;
            long ticks = arguments.ticks(x.pointer(2));
            return sleepUntil(x, absolute ? ticks : cpu.time() + ticks, !absolute);
        } catch (UserArguments.Bad bad) {
            return bad.result();
        }
    }

    /** Sleeps at the restart point. {@code end} counts when the call is made first. */
    private long sleepUntil(Registers x, long end, boolean tellsRest) {
        long process = services.process();
        long until = ProcessLayout.SLEEP_UNTIL.get(memory, process);
        until = until == 0 ? end : until;
        long rest = until - cpu.time();
        if (rest > 0 && !services.tasks().signals().isPending()) {
            ProcessLayout.SLEEP_UNTIL.set(memory, process, until);
            ProcessLayout.WAITS.set(memory, process, ProcessLayout.WAITS_FOR_TIME);
            services.tasks().sleep().prepareTimeout(until);
            return SystemCall.WAIT;
        }
        ProcessLayout.SLEEP_UNTIL.set(memory, process, 0);
        if (rest <= 0) {
            return 0;
        }
        return tellsRest && x.pointer(3) != 0 && !arguments.putTicks(x.pointer(3), rest)
                ? -Errno.EFAULT : -Errno.EINTR;
    }

    private long times(Registers x) {
        int userTicks = (int) (TaskLayout.UTIME.get(memory, cpu.tp()) / USER_HZ_TICKS);
        int all = (int) (runtime() / USER_HZ_TICKS);
        if (x.pointer(0) != 0 && !user.put32s(x.pointer(0), userTicks, all - userTicks, 0, 0)) {
            return -Errno.EFAULT;
        }
        return (int) (cpu.time() / USER_HZ_TICKS) & Integer.MAX_VALUE;
    }

    /** Times and page faults of the program; the rest of a {@code struct rusage} is 0. */
    private long getrusage(Registers x) {
        boolean self = x.argument(0) == 0 || x.argument(0) == 1;
        if (!self && x.argument(0) != -1) {
            return -Errno.EINVAL;
        }
        int[] usage = new int[18];
        if (self) {
            long userMicroseconds = TaskLayout.UTIME.get(memory, cpu.tp()) / Clock.TICKS_PER_MICROSECOND;
            long systemMicroseconds = runtime() / Clock.TICKS_PER_MICROSECOND - userMicroseconds;
            usage[0] = (int) (userMicroseconds / 1_000_000);
            usage[1] = (int) (userMicroseconds % 1_000_000);
            usage[2] = (int) (systemMicroseconds / 1_000_000);
            usage[3] = (int) (systemMicroseconds % 1_000_000);
        }
        return user.put32s(x.pointer(1), usage) ? 0 : -Errno.EFAULT;
    }
}
