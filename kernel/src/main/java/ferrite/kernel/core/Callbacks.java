package ferrite.kernel.core;

import ferrite.hardware.bus.HostMemoryExhausted;
import ferrite.hardware.turn.Unwind;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.JavaStack;

/** Calls functions of drivers where no task could be ended for their mistakes: in interrupts and softirqs. */
@Plumbing
public final class Callbacks {

    private final Context context;
    private final TextTable text;
    private final Oopses oopses;

    public Callbacks(KernelBase base) {
        this.context = base.context();
        this.text = base.text();
        this.oopses = new Oopses(base);
    }

    /**
     * Calls a function, and checks that it ends the sections that it begins. An exception or error in it panics.
     *
     * @param what     the kind of function, for reports
     * @param function its text address
     */
    public void call(String what, long function, Runnable call) {
        Context.Entered entered = context.enter();
        try {
            call.run();
            context.leave(() -> what + " " + text.name(function), entered);
        } catch (Unwind | KernelPanic | HostMemoryExhausted end) {
            throw end;
        } catch (RuntimeException | Error bug) {
            String message = what.replaceFirst("^the ", "") + " " + text.name(function) + ": " + bug;
            if (text.name(function) != null && !(bug instanceof KernelBug known && known.isTold())) {
                oopses.tell(message, CallSite.of(bug), JavaStack.of(bug));
            }
            throw new KernelPanic(message + " at " + CallSite.of(bug));
        }
    }
}
