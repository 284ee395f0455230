package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TaskLayout;

/** The table of system calls, by their numbers on 32-bit RISC-V (include/uapi/asm-generic/unistd.h). */
final class SystemCalls {

    private static final int NUMBERS = 512;

    private final UserServices services;
    private final KernelMemory memory;
    private final SignalDelivery signals;
    private final SystemCall[] table = new SystemCall[NUMBERS];

    SystemCalls(UserServices services, Programs programs, SignalDelivery signals) {
        this.services = services;
        this.memory = services.memory();
        this.signals = signals;
        UserArguments arguments = new UserArguments(services);
        new OpenFileCalls(services).addTo(this);
        new PathCalls(services, arguments).addTo(this);
        CallMask mask = new CallMask(services, signals);
        new PollCalls(services, mask, arguments).addTo(this);
        new EpollCalls(services, mask, arguments).addTo(this);
        new AsyncCalls(services, mask, arguments).addTo(this);
        new MemoryCalls(services).addTo(this);
        new ProcessCalls(services, programs, arguments).addTo(this);
        new WaitCalls(services).addTo(this);
        new SignalCalls(services, signals).addTo(this);
        new ClockCalls(services, arguments).addTo(this);
        new SystemInfoCalls(services).addTo(this);
        new PriorityCalls(services).addTo(this);
    }

    void add(int number, SystemCall call) {
        if (table[number] != null) {
            throw new IllegalStateException("two system calls have number " + number);
        }
        table[number] = call;
    }

    /**
     * Ends the wait at the restart point.
     *
     * @return whether there was one: the call is made again
     */
    boolean endWait(long process) {
        int waits = ProcessLayout.WAITS.get(memory, process);
        if (waits == ProcessLayout.WAITS_FOR_CHILD) {
            services.tasks().waitQueues().finishWait(services.tasks().tasks().exitWait());
        } else if (waits == ProcessLayout.WAITS_FOR_TIME) {
            services.tasks().sleep().finishTimeout();
        } else if (waits == ProcessLayout.WAITS_ON_QUEUE) {
            services.tasks().sleep().finishCall();
            services.files().polling().finishCall();
        }
        ProcessLayout.WAITS.set(memory, process, 0);
        return waits != 0;
    }

    /** Makes a call again after {@link #endWait}. Returns as {@link SystemCall#make} does. */
    long callAgain(long process, Registers x) {
        long result = call(process, x);
        if (result != SystemCall.WAIT) {
            TaskLayout.CALL_UNTIL.set(memory, services.cpu().tp(), 0);
            TaskLayout.CALL_DONE.set(memory, services.cpu().tp(), 0);
        }
        return result;
    }

    /** Makes the system call that the registers hold. Returns as {@link SystemCall#make} does. */
    long call(long process, Registers x) {
        int number = x.get(Registers.A7);
        int firstArgument = x.get(Registers.A0);
        SystemCall call = number >= 0 && number < NUMBERS ? table[number] : null;
        long result = call == null ? -Errno.ENOSYS : call.make(x);
        if (result == -Errno.ERESTART_WAIT) {
            ProcessLayout.WAITS.set(memory, process, ProcessLayout.WAITS_ON_QUEUE);
            return SystemCall.WAIT;
        }
        if (result < SystemCall.WAIT || result == SystemCall.YIELD) {
            x.set(Registers.A0, result == SystemCall.YIELD ? 0 : (int) result);
            x.setPc(x.pc() + Integer.BYTES);
            if (result == -Errno.ERESTARTSYS) {
                signals.interrupted(process, firstArgument);
            }
        }
        return result;
    }
}
