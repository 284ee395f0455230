package ferrite.kernel.driver;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.DriverApi;
import java.util.function.LongToIntFunction;

/**
 * Everything that a driver may call, under Linux's names: the door between drivers and the kernel. Each call is a row:
 * its C name, the contexts that may make it, its units, its errors, and its page in LDD3. Native drivers import the
 * same rows.
 *
 * <p>Contexts: "any" includes interrupt handlers; "task" is a task that holds no spinlock and has interrupts and
 * preemption on; a call that "may sleep" belongs to a task, whether or not it sleeps this time.
 *
 * <p>Addresses are zero-extended {@code long}s; 0 is no address. A call that fails returns 0 or a negative
 * {@link ferrite.kernel.base.Errno}. Memory that a driver allocated belongs to it until it gives it back.
 */
@DriverApi
public interface KernelCalls extends BootmemCalls, PageCalls, SlabCalls, AreaCalls, PerCpuCalls, LockCalls, AtomicCalls,
        TimeCalls, TaskCalls, InterruptCalls, WorkCalls, IsaDmaCalls, DmaCalls, DmaChannelCalls, ScatterCalls,
        FileCalls, ChrdevCalls, ProcCalls, SysfsCalls, WakeCalls, UserCalls, LogCalls, RegisterCalls, PortCalls,
        AioCalls, NetCalls, BlockCalls, DevmCalls, ModuleCalls {

    /** Returns memory at virtual addresses, for loads and stores by the current hart. Any context. */
    KernelMemory memory();

    /**
     * Calls a function with a local variable, as a function in C has them: bytes on the current kernel stack, which
     * hold old values first. The address is valid until the function returns or throws. No device may be given it. A
     * stack has 8 KiB for all functions that run on it. Any context.
     *
     * <pre>{@code
     * int error = kernel.onStack(CompletionLayout.SIZE, done -> {     // DECLARE_COMPLETION_ONSTACK(done)
     *     kernel.initCompletion(done);
     *     request.start(done);
     *     kernel.waitForCompletion(done);
     *     return request.error();
     * });
     * }</pre>
     *
     * @param bytes at least 1
     * @param body  gets the address, a multiple of 16
     * @return the function's result
     * @throws ferrite.kernel.base.KernelBug if the stack has no room for them
     */
    int onStack(int bytes, LongToIntFunction body);
}
